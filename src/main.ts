// Picks the role of this process: the helper (no arguments, or `claude-code token`), the agent (`agent run`) or the
// command line.
import { fstatSync } from 'node:fs';
import { runHelper } from './helper/run-helper.ts';
import { leaveMemoryOutOfDumps } from './platform/core-dump.ts';
import { loadPart } from './platform/parts.ts';

function main(args: readonly string[]): void {
  // On success stderr stays empty, whatever NODE_PENDING_DEPRECATION and so on make Node warn of.
  process.removeAllListeners('warning');
  leaveMemoryOutOfDumps();
  const isForClaudeCode = args.length === 2 && args[0] === 'claude-code' && args[1] === 'token';
  if (args.length === 0 && mayBeAtTerminal())
    void loadPart('helper.js', () => import('./helper/unusual-run.ts')).then((role) => role.runAtTerminal());
  else if (args.length === 0 || isForClaudeCode) runHelper(isForClaudeCode);
  else if (args.length === 2 && args[0] === 'agent' && args[1] === 'run')
    void loadPart('agent.js', () => import('./agent-process/run.ts')).then((role) => role.runAgent());
  else void loadPart('cli.js', () => import('./cli/run-cli.ts')).then((role) => role.runCli(args));
}

/** Claude Desktop names its context and reads by a pipe. */
function mayBeAtTerminal(): boolean {
  if (process.env['CLAUDE_HELPER_CONTEXT'] !== undefined) return false;
  try {
    return fstatSync(1).isCharacterDevice();
  } catch {
    return false;
  }
}

main(process.argv.slice(2));
