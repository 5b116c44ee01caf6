// Picks the role of this process: the helper (no arguments, or `claude-code token`), the agent (`agent run`) or the
// command line.
import { fstatSync, writeSync } from 'node:fs';

const USAGE = `foundry-credential-helper prints a Microsoft Foundry token for Claude Desktop, which runs it without arguments.
To sign in:        foundry-credential-helper login
To print a token:  foundry-credential-helper token
All commands:      foundry-credential-helper --help
`;

async function main(args: readonly string[]): Promise<void> {
  const isForClaudeCode = args.length === 2 && args[0] === 'claude-code' && args[1] === 'token';
  if (args.length === 0 || isForClaudeCode) {
    if (!isForClaudeCode && process.env['CLAUDE_HELPER_CONTEXT'] === undefined && (await isTerminal(1))) {
      // A token must not land in a scrollback by accident.
      writeSync(2, USAGE);
      process.exitCode = 2;
      return;
    }
    const { runHelper } = await import('./helper/run-helper.ts');
    await runHelper(isForClaudeCode);
  } else if (args[0] === 'agent' && args[1] === 'run') {
    const { runAgent } = await import('./agent/run-agent.ts');
    await runAgent();
  } else {
    const { runCli } = await import('./cli/run-cli.ts');
    await runCli(args);
  }
}

/** Loads `node:tty`, which brings streams with it, only for what can be a terminal at all. */
async function isTerminal(descriptor: number): Promise<boolean> {
  try {
    return fstatSync(descriptor).isCharacterDevice() && (await import('node:tty')).isatty(descriptor);
  } catch {
    return false;
  }
}

void main(process.argv.slice(2));
