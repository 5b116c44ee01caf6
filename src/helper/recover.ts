// The rest of a helper's run when its first question brought no line: starts the agent where there is none, else says
// what is wrong. Not part of what every run loads.
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, describeFailure } from '../core/errors.ts';
import { agentEndpoint, type Endpoint } from '../ipc/agent-address.ts';
import { NoAgentError, resultOf } from '../ipc/client.ts';
import { locateAgent } from '../ipc/endpoint.ts';
import type { Outcome } from '../ipc/exchange.ts';
import { pipeConnector } from '../ipc/pipe-connection.ts';
import { HELPER_DEADLINES_MS, type HelperContext } from '../ipc/protocol.ts';
import { productPaths } from '../platform/paths.ts';
import { isCode } from '../platform/private-file.ts';
import { askForOutput, type Caller, outputIn, processAgeMs } from './ask-for-output.ts';
import { STDERR, STDOUT, writeAll } from './write-all.ts';

const QUEUE_FULL_PAUSE_MS = 50;

/**
 * Goes on from the `first` outcome (undefined: nothing was asked yet) and writes the line to stdout, or the reason to
 * stderr. A request that an agent took with it when it died is sent once more, to a new one; but not an interactive
 * one: a person may be at its page, and would be shown a second.
 * @returns the exit code
 */
export async function recover(caller: Caller, first: Outcome | undefined): Promise<number> {
  try {
    writeAll(STDOUT, `${await requestOutput(caller, first)}\n`);
    return 0;
  } catch (thrown) {
    const { exit, text } = describeFailure(thrown);
    writeAll(STDERR, text);
    return exit;
  }
}

async function requestOutput(caller: Caller, first: Outcome | undefined): Promise<string> {
  const { context } = caller;
  const endpoint = agentEndpoint(productPaths());
  const connect = pipeConnector() ?? (await import('../ipc/net-connection.ts')).connectByNet;
  const ask = async (): Promise<Outcome> => {
    const target = locateAgent(endpoint);
    return target === undefined ? { kind: 'no-agent' } : askForOutput(connect, target, caller);
  };
  let outcome = first ?? (await ask());
  for (let deaths = 0; ; ) {
    if (isQueueFull(outcome) && timeLeftMs(context) > 0) {
      await sleep(QUEUE_FULL_PAUSE_MS);
      outcome = await ask();
    } else if (isNobodyThere(outcome) || (outcome.kind === 'hung-up' && mayRepeat(context, deaths))) {
      if (outcome.kind === 'hung-up') deaths += 1;
      outcome = await askStarted(endpoint, context, ask);
    } else break;
  }
  const output = outputIn(resultOf(outcome));
  if (output === undefined) throw new AppError('ERR_AGENT_PROTOCOL');
  return output;
}

function isNobodyThere({ kind }: Outcome): boolean {
  return kind === 'no-agent' || kind === 'stepping-aside';
}

/** So many connect at once that the agent has not got round to all; on Linux that is no queueing but an error. */
function isQueueFull(outcome: Outcome): boolean {
  return outcome.kind === 'not-connected' && isCode(outcome.cause, 'EAGAIN');
}

function timeLeftMs(context: HelperContext): number {
  return HELPER_DEADLINES_MS[context] - processAgeMs();
}

function mayRepeat(context: HelperContext, deaths: number): boolean {
  return context !== 'interactive' && deaths < 1;
}

/** @throws AppError ERR_AGENT_START when nobody answers within the time that the context leaves */
async function askStarted(endpoint: Endpoint, context: HelperContext, ask: () => Promise<Outcome>): Promise<Outcome> {
  const { withStartedAgent } = await import('../ipc/start-agent.ts');
  return withStartedAgent(endpoint, timeLeftMs(context), async () => {
    const outcome = await ask();
    if (isNobodyThere(outcome)) throw new NoAgentError();
    return outcome;
  });
}
