import { askRunningAgent } from '../agent-process/find-agent.ts';
import { lockFolder } from '../agent-process/instance-lock.ts';
import { describeHolder, readLockHolder } from '../agent-process/lock-holder.ts';
import { withStartedAgent } from '../agent-process/start.ts';
import { stopAgent } from '../agent-process/stop.ts';
import { AppError } from '../core/errors.ts';
import { isTokenText } from '../core/token-text.ts';
import { type AskOptions, NoAgentError } from '../ipc/client.ts';
import { underLoad } from '../ipc/patience.ts';
import type { Request, Results } from '../ipc/protocol.ts';
import { productPaths } from '../platform/paths.ts';
import { print } from './terminal.ts';

/** Milliseconds for requests that don't wait for a person. */
const ANSWER_MS = 30_000;
/**
 * Milliseconds. The agent says immediately if one of these requests takes a while, so one that says nothing for this
 * long hangs, unless the computer is too busy to run it.
 */
const SILENCE_MS = 2_000;
const SAYS_TO_WAIT: readonly Request['method'][] = ['status', 'diagnose'];
/** An agent that doesn't take "stop" within this time hangs. */
const STOP_ANSWER_MS = 2_000;

/** Asks the agent, and starts it if none runs; an abort ends that too. @throws AppError */
export async function ask<M extends Request['method']>(
  request: Extract<Request, { method: M }>,
  options?: AskOptions,
): Promise<Results[M]> {
  try {
    return await askRunning(request, options);
  } catch (thrown) {
    if (!(thrown instanceof NoAgentError)) throw thrown;
  }
  return withStartedAgent(lockFolder(productPaths()), ANSWER_MS, async () => {
    if (options?.signal?.aborted === true) throw new AppError('ERR_SIGN_IN_CANCELLED');
    return askRunning(request, options);
  });
}

/**
 * Asks the agent if one runs.
 * @throws NoAgentError if none does; AppError, ERR_AGENT_UNREACHABLE with its process if it hangs
 */
export async function askRunning<M extends Request['method']>(
  request: Extract<Request, { method: M }>,
  options: AskOptions = { deadlineMs: ANSWER_MS },
): Promise<Results[M]> {
  const silence = SAYS_TO_WAIT.includes(request.method) ? { silenceMs: underLoad(SILENCE_MS) } : {};
  try {
    return await askRunningAgent(productPaths(), request, { ...silence, ...options });
  } catch (thrown) {
    throw withProcess(thrown);
  }
}

/** An agent that doesn't answer can't say which process it is, but it has written that down. */
function withProcess(thrown: unknown): unknown {
  if (!(thrown instanceof AppError) || thrown.code !== 'ERR_AGENT_UNREACHABLE') return thrown;
  if (thrown.detail !== undefined) return thrown;
  const holder = readLockHolder(lockFolder(productPaths()));
  return holder === undefined ? thrown : new AppError(thrown.code, { detail: describeHolder(holder), cause: thrown });
}

/** Stops the agent, by force if it hangs, and says so. The sign-in stays. @throws AppError as `stopAgent` */
export async function stopAndSay(): Promise<void> {
  const stopped = await stopAgent(productPaths(), () => askRunning({ method: 'stop' }, { deadlineMs: STOP_ANSWER_MS }));
  if (stopped === undefined) print('No agent runs.');
  else if (stopped.how === 'asked') print(`The agent stops (process ${stopped.pid}).`);
  else print(`The agent didn't answer, so its process ${stopped.pid} was ended.`);
}

/**
 * The token or key that the agent hands out, checked before it's printed or sent.
 * @param how whether an agent may be started for it
 * @throws AppError as `ask`; ERR_AGENT_PROTOCOL if it can't be a token
 */
export async function askForToken<M extends 'access-token' | 'endpoint-token' | 'resource-token'>(
  request: Extract<Request, { method: M }>,
  how: typeof ask = ask,
): Promise<Results[M]> {
  const result = await how<M>(request);
  if (!isTokenText(result.token)) throw new AppError('ERR_AGENT_PROTOCOL');
  return result;
}

/** The agent's answer; undefined if none runs. @throws AppError for any other failure */
export async function askIfRunning<M extends Request['method']>(
  request: Extract<Request, { method: M }>,
): Promise<Results[M] | undefined> {
  try {
    return await askRunning(request);
  } catch (thrown) {
    if (thrown instanceof NoAgentError) return undefined;
    throw thrown;
  }
}
