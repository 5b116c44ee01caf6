// The rest of a helper's run that did not print a line at once: goes on with what was begun, starts the agent where there
// is none, and says what is wrong. Not part of what every run loads.
import { setTimeout as sleep } from 'node:timers/promises';
import { isCode } from '../core/errno.ts';
import { AppError, describeFailure } from '../core/errors.ts';
import { agentEndpoint, type Endpoint } from '../ipc/agent-address.ts';
import { NoAgentError, outcomeOf, resultOf } from '../ipc/client.ts';
import type { Connect } from '../ipc/connection.ts';
import { locateAgent } from '../ipc/endpoint.ts';
import { notConnected, type Outcome } from '../ipc/exchange.ts';
import type { PipeBinding, PipeHandle } from '../ipc/pipe-binding.ts';
import { pipeConnector, readFrom, systemError } from '../ipc/pipe-connection.ts';
import { productPaths } from '../platform/paths.ts';
import { type Caller, outputIn, requestOf, timeLeftMs } from './caller.ts';
import { STDERR, STDOUT, writeAll } from './write-all.ts';

/** How far the helper came before. */
export type Beginning =
  /** Whoever goes on must ask. */
  | { readonly state: 'nothing sent' }
  /** @param status libuv's error code */
  | { readonly state: 'not connected'; readonly status: number }
  /** The agent has the request, and has said so much; `undefined`: it hung up. */
  | {
      readonly state: 'sent';
      readonly handle: PipeHandle;
      readonly binding: PipeBinding;
      readonly received: Buffer | undefined;
    }
  | { readonly state: 'over'; readonly outcome: Outcome };

const QUEUE_FULL_PAUSE_MS = 50;

/**
 * Goes on from there and writes the line to stdout, or the reason to stderr. A request that an agent took with it when it
 * died is sent once more, to a new one; but not an interactive one: a person may be at its page, and would be shown a
 * second.
 * @returns the exit code
 */
export async function recover(caller: Caller, beginning: Beginning): Promise<number> {
  try {
    writeAll(STDOUT, `${await requestOutput(caller, beginning)}\n`);
    return 0;
  } catch (thrown) {
    const { exit, text } = describeFailure(thrown);
    writeAll(STDERR, text);
    return exit;
  }
}

async function requestOutput(caller: Caller, beginning: Beginning): Promise<string> {
  const endpoint = agentEndpoint(productPaths());
  const connect = pipeConnector() ?? (await import('../ipc/net-connection.ts')).connectByNet;
  const ask = async (): Promise<Outcome> => {
    const target = locateAgent(endpoint);
    if (target === undefined) return { kind: 'no-agent' };
    return outcomeOf(connect, target, requestOf(caller), { deadlineMs: timeLeftMs(caller) });
  };
  let outcome = await firstOutcome(caller, beginning, ask);
  for (let deaths = 0; ; ) {
    if (isQueueFull(outcome) && timeLeftMs(caller) > 0) {
      await sleep(QUEUE_FULL_PAUSE_MS);
      outcome = await ask();
    } else if (isNobodyThere(outcome) || (outcome.kind === 'hung-up' && mayRepeat(caller, deaths))) {
      if (outcome.kind === 'hung-up') deaths += 1;
      outcome = await askStarted(endpoint, caller, ask);
    } else break;
  }
  const output = outputIn(resultOf(outcome));
  if (output === undefined) throw new AppError('ERR_AGENT_PROTOCOL');
  return output;
}

async function firstOutcome(caller: Caller, beginning: Beginning, ask: () => Promise<Outcome>): Promise<Outcome> {
  switch (beginning.state) {
    case 'nothing sent':
      return ask();
    case 'over':
      return beginning.outcome;
    case 'not connected':
      return notConnected(systemError(beginning.status));
    case 'sent':
      return outcomeOf(resume(beginning), { path: '' }, requestOf(caller), { deadlineMs: timeLeftMs(caller) });
  }
}

/** The conversation that is under way, for `exchange`: what that would send is at the agent already. */
function resume({ handle, binding, received }: Extract<Beginning, { state: 'sent' }>): Connect {
  return (_path, events) => {
    const connection = readFrom(handle, binding, events);
    queueMicrotask(() => {
      events.onConnected({ ...connection, write: () => undefined });
      if (received === undefined) events.onEnd();
      else events.onData(received);
    });
  };
}

function isNobodyThere({ kind }: Outcome): boolean {
  return kind === 'no-agent' || kind === 'stepping-aside';
}

/** So many connect at once that the agent has not got round to all; on Linux that is no queueing but an error. */
function isQueueFull(outcome: Outcome): boolean {
  return outcome.kind === 'not-connected' && isCode(outcome.cause, 'EAGAIN');
}

function mayRepeat({ context }: Caller, deaths: number): boolean {
  return context !== 'interactive' && deaths < 1;
}

/** @throws AppError ERR_AGENT_START when nobody answers within the time that the context leaves */
async function askStarted(endpoint: Endpoint, caller: Caller, ask: () => Promise<Outcome>): Promise<Outcome> {
  const { withStartedAgent } = await import('../agent-process/start.ts');
  return withStartedAgent(endpoint, timeLeftMs(caller), async () => {
    const outcome = await ask();
    if (isNobodyThere(outcome)) throw new NoAgentError();
    return outcome;
  });
}
