// The rest of a helper's run when its first question brought no line: starts the agent where there is none, else says
// what is wrong. Not part of what every run loads.
import { AppError, describeFailure } from '../core/errors.ts';
import { agentEndpoint, type Endpoint } from '../ipc/agent-address.ts';
import { NoAgentError, resultOf, SteppingAsideError } from '../ipc/client.ts';
import type { Connect } from '../ipc/connection.ts';
import { locateAgent } from '../ipc/endpoint.ts';
import type { Outcome } from '../ipc/exchange.ts';
import { pipeConnector } from '../ipc/pipe-connection.ts';
import { HELPER_DEADLINES_MS, type HelperContext } from '../ipc/protocol.ts';
import { productPaths } from '../platform/paths.ts';
import { askForOutput, outputIn, processAgeMs } from './ask-for-output.ts';
import { STDERR, STDOUT, writeAll } from './write-all.ts';

/**
 * Goes on from the `first` outcome (undefined: nothing was asked yet) and writes the line to stdout, or the reason to
 * stderr. A request that reached an agent is not sent again: an interactive one may have a person waiting.
 * @returns the exit code
 */
export async function recover(context: HelperContext, first: Outcome | undefined): Promise<number> {
  try {
    writeAll(STDOUT, `${await requestOutput(context, first)}\n`);
    return 0;
  } catch (thrown) {
    const { exit, text } = describeFailure(thrown);
    writeAll(STDERR, text);
    return exit;
  }
}

async function requestOutput(context: HelperContext, first: Outcome | undefined): Promise<string> {
  const endpoint = agentEndpoint(productPaths());
  const connect = pipeConnector() ?? (await import('../ipc/net-connection.ts')).connectByNet;
  try {
    return first === undefined ? await ask(endpoint, connect, context) : lineOf(first);
  } catch (thrown) {
    if (!(thrown instanceof NoAgentError || thrown instanceof SteppingAsideError)) throw thrown;
  }
  const { withStartedAgent } = await import('../ipc/start-agent.ts');
  const leftMs = HELPER_DEADLINES_MS[context] - processAgeMs();
  return withStartedAgent(endpoint, leftMs, () => ask(endpoint, connect, context));
}

async function ask(endpoint: Endpoint, connect: Connect, context: HelperContext): Promise<string> {
  const target = locateAgent(endpoint);
  if (target === undefined) throw new NoAgentError();
  return lineOf(await askForOutput(connect, target, context));
}

/** @throws as `askAgent`; AppError ERR_AGENT_PROTOCOL when the answer holds no line */
function lineOf(outcome: Outcome): string {
  const output = outputIn(resultOf(outcome));
  if (output === undefined) throw new AppError('ERR_AGENT_PROTOCOL');
  return output;
}
