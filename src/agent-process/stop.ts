// `agent stop`: asks first, then ends the process, since an agent that hangs can't be asked.
import { AppError } from '../core/errors.ts';
import { NoAgentError } from '../ipc/client.ts';
import type { Paths } from '../platform/paths.ts';
import { isLocked, lockFolder } from './instance-lock.ts';
import { describeHolder, endHolder, isRunning, type LockHolder, readLockHolder } from './lock-holder.ts';

/** How long an agent that doesn't answer may take to leave on its own. */
const HANGING_MS = 2_000;
/** How long one that doesn't listen may take: it starts, leaves, or its socket was removed. */
const SILENT_MS = 5_000;

/** `killed`: it didn't answer, and its process was ended. */
export type Stopped = { readonly how: 'asked' | 'killed'; readonly pid: number } | undefined;

/**
 * Stops the agent, by force if it doesn't answer.
 * @param ask asks the running agent to stop, within its own time limit
 * @returns undefined if none runs
 * @throws AppError what `ask` throws, if no process can be found to end; ERR_AGENT_UNREACHABLE if it can't be ended
 */
export async function stopAgent(paths: Paths, ask: () => Promise<{ readonly pid: number }>): Promise<Stopped> {
  try {
    return { how: 'asked', pid: (await ask()).pid };
  } catch (thrown) {
    const isAbsent = thrown instanceof NoAgentError;
    if (!isAbsent && !(thrown instanceof AppError)) throw thrown;
    const holder = runningHolder(lockFolder(paths));
    if (holder !== undefined) return end(holder, isAbsent ? SILENT_MS : HANGING_MS);
    if (isAbsent) return undefined;
    throw thrown;
  }
}

/** The process that holds the lock. A file that an earlier agent left behind isn't enough to end a process. */
function runningHolder(folder: string): LockHolder | undefined {
  const holder = readLockHolder(folder);
  return holder !== undefined && isRunning(holder) && isLocked(folder) ? holder : undefined;
}

async function end(holder: LockHolder, graceMs: number): Promise<Stopped> {
  switch (await endHolder(holder, graceMs)) {
    case 'left':
      return { how: 'asked', pid: holder.pid };
    case 'killed':
      return { how: 'killed', pid: holder.pid };
    case 'stays':
      throw new AppError('ERR_AGENT_UNREACHABLE', { detail: `it can't be ended: ${describeHolder(holder)}` });
  }
}
