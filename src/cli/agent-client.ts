// The command line's way to the agent; unlike the helper it may take its time to load.

import { withStartedAgent } from '../agent-process/start.ts';
import { AppError } from '../core/errors.ts';
import { type AskOptions, askAgent, NoAgentError } from '../ipc/client.ts';
import { agentEndpoint, locateAgent } from '../ipc/endpoint.ts';
import type { Request, Results } from '../ipc/protocol.ts';
import { productPaths } from '../platform/paths.ts';

/** Milliseconds for everything that does not wait for a person. */
const ANSWER_MS = 30_000;

/** As `askAgent`, starting the agent where there is none; an abort ends that too. @throws AppError */
export async function ask<M extends Request['method']>(
  request: Extract<Request, { method: M }>,
  options: AskOptions = { deadlineMs: ANSWER_MS },
): Promise<Results[M]> {
  try {
    return await askRunning(request, options);
  } catch (thrown) {
    if (!(thrown instanceof NoAgentError)) throw thrown;
  }
  return withStartedAgent(agentEndpoint(productPaths()), ANSWER_MS, async () => {
    if (options.signal?.aborted === true) throw new AppError('ERR_SIGN_IN_CANCELLED');
    return askRunning(request, options);
  });
}

/** As `askAgent`, but only of an agent that runs. @throws NoAgentError when there is none; AppError */
export async function askRunning<M extends Request['method']>(
  request: Extract<Request, { method: M }>,
  options: AskOptions = { deadlineMs: ANSWER_MS },
): Promise<Results[M]> {
  const target = locateAgent(agentEndpoint(productPaths()));
  if (target === undefined) throw new NoAgentError();
  return askAgent(target, request, options);
}

/** The agent's answer, or undefined where none runs. @throws AppError for any other failure */
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

export function notRunning(): AppError {
  return new AppError('ERR_AGENT_UNREACHABLE', { detail: 'it is not running' });
}
