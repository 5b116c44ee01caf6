// Where a user's agent may be. A session usually has the address that the agent listens at; another session's agent, or
// one that had to listen elsewhere, is found by what it wrote next to the instance lock.
import { dirname } from 'node:path';
import { agentAddress, type Target } from '../ipc/address.ts';
import { type AskOptions, askAgent, NoAgentError } from '../ipc/client.ts';
import { locateAgent } from '../ipc/locate-agent.ts';
import type { Request, Results } from '../ipc/protocol.ts';
import type { Paths } from '../platform/paths.ts';
import { lockFolder } from './instance-lock.ts';
import { isRunning, readLockHolder } from './lock-holder.ts';

/**
 * Asks the user's agent, wherever it listens.
 * @throws as `askAgent`; NoAgentError if none runs
 */
export async function askRunningAgent<M extends Request['method']>(
  paths: Paths,
  request: Extract<Request, { method: M }>,
  options: AskOptions,
): Promise<Results[M]> {
  for (const target of agentTargets(paths)) {
    try {
      return await askAgent(target, request, options);
    } catch (thrown) {
      if (!(thrown instanceof NoAgentError)) throw thrown;
    }
  }
  throw new NoAgentError();
}

/**
 * The addresses to ask, one after the other, until someone answers. The second one is looked up only if it is wanted.
 * @throws AppError ERR_AGENT_UNTRUSTED if others own or may write to one of them
 */
function* agentTargets(paths: Paths): Generator<Target, void> {
  const address = agentAddress(paths);
  const target = locateAgent(address);
  if (target !== undefined) yield target;
  if (address.kind === 'pipe') return;
  const holder = readLockHolder(lockFolder(paths));
  if (holder?.address === undefined || holder.address === address.path || !isRunning(holder)) return;
  const elsewhere = locateAgent({ kind: 'unix', folder: dirname(holder.address), path: holder.address });
  if (elsewhere !== undefined) yield elsewhere;
}
