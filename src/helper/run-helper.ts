// What Claude Desktop runs: prints one token, or nothing. Only what a running agent with a token needs is imported here;
// all else, the error texts too, is in recover.ts, which is loaded when it is needed.
import { agentEndpoint, trustedTarget } from '../ipc/agent-address.ts';
import type { Outcome } from '../ipc/exchange.ts';
import { pipeConnector } from '../ipc/pipe-connection.ts';
import { parseHelperContext } from '../ipc/protocol.ts';
import { runtimeFolder } from '../platform/paths.ts';
import { askForOutput, type Caller, failureIn, outputIn } from './ask-for-output.ts';
import { claudeCodeSession } from './claude-code-session.ts';
import { STDERR, STDOUT, writeAll } from './write-all.ts';

/**
 * One run of Claude Desktop's `inferenceCredentialHelper` contract: the token and nothing else on stdout and exit 0, or
 * an empty stdout, the reason on stderr and a non-zero exit. For Claude Code's `apiKeyHelper` the same with the bare
 * token, and never a prompt. Ends the process.
 */
export async function runHelper(isForClaudeCode: boolean): Promise<void> {
  const caller: Caller = isForClaudeCode
    ? { context: 'background', claudeCode: claudeCodeSession(process.env, process.ppid) }
    : { context: parseHelperContext(process.env['CLAUDE_HELPER_CONTEXT']) };
  const outcome = await firstOutcome(caller);
  if (outcome === 'printed') process.exit(0);
  const failure = outcome === undefined ? undefined : failureIn(outcome);
  if (failure !== undefined) {
    writeAll(STDERR, failure.text);
    process.exit(failure.exit);
  }
  const { recover } = await import('./recover.ts');
  process.exit(await recover(caller, outcome));
}

/** Undefined when nothing was sent: whoever goes on must ask then, and must not ask again otherwise. */
async function firstOutcome(caller: Caller): Promise<Outcome | 'printed' | undefined> {
  try {
    const target = trustedTarget(agentEndpoint({ runtime: runtimeFolder() }));
    const connect = pipeConnector();
    if (target === undefined || connect === undefined) return undefined;
    const outcome = await askForOutput(connect, target, caller);
    const output = outcome.kind === 'result' ? outputIn(outcome.result) : undefined;
    if (output === undefined) return outcome;
    writeAll(STDOUT, `${output}\n`);
    return 'printed';
  } catch (cause) {
    return { kind: 'threw', cause };
  }
}
