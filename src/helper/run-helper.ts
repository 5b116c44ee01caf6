// What Claude Desktop runs: prints one token, or nothing. Only what a running agent with a token needs is imported here;
// all else, the error texts too, is in recover.ts, which is loaded when it is needed.
import { agentEndpoint, trustedTarget } from '../ipc/agent-address.ts';
import type { Outcome } from '../ipc/exchange.ts';
import { pipeConnector } from '../ipc/pipe-connection.ts';
import { type HelperContext, parseHelperContext } from '../ipc/protocol.ts';
import { runtimeFolder } from '../platform/paths.ts';
import { askFirst, type Unfinished } from './ask-first.ts';
import { askForOutput, outputIn } from './ask-for-output.ts';
import { STDOUT, writeAll } from './write-all.ts';

/**
 * One run of Claude Desktop's `inferenceCredentialHelper` contract: the token and nothing else on stdout and exit 0, or
 * an empty stdout, the reason on stderr and a non-zero exit. Ends the process.
 */
export function runHelper(): void {
  const context = parseHelperContext(process.env['CLAUDE_HELPER_CONTEXT']);
  const finish = (first: Outcome | Unfinished): void => printOrGoOn(context, first);
  try {
    const target = trustedTarget(agentEndpoint({ runtime: runtimeFolder() }));
    const connect = pipeConnector();
    if (target === undefined || connect === undefined) void goOn(context, undefined);
    else if (target.key === undefined) askFirst(connect, target.path, context, finish);
    else void askForOutput(connect, target, context).then(finish);
  } catch (cause) {
    void goOn(context, { kind: 'threw', cause });
  }
}

function printOrGoOn(context: HelperContext, first: Outcome | Unfinished): void {
  const output = first.kind === 'result' ? outputIn(first.result) : undefined;
  if (output === undefined) {
    void goOn(context, first);
    return;
  }
  try {
    writeAll(STDOUT, `${output}\n`);
  } catch (cause) {
    void goOn(context, { kind: 'threw', cause });
    return;
  }
  process.exit(0);
}

/** @param first undefined when nothing was sent: who goes on must ask then, and must not ask again otherwise */
async function goOn(context: HelperContext, first: Outcome | Unfinished | undefined): Promise<never> {
  const { recover } = await import('./recover.ts');
  process.exit(await recover(context, first));
}
