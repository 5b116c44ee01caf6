import { setTimeout as sleep } from 'node:timers/promises';
import { toAppError } from '../core/errors.ts';
import type { AccessTokenResult, AgentStatus } from '../ipc/protocol.ts';

/** For this long after a failed try, the agent repeats that failure instead of trying again. */
const REPEATED_MS = 5_000;

/**
 * The agent's token. If the agent had failed before (`status`), its answer may be that failure, whose cause is gone by
 * now. So it's asked a second time when it tries again.
 * @throws AppError as the agent does
 */
export async function tokenOfNow(
  ask: () => Promise<AccessTokenResult>,
  status: () => Promise<AgentStatus>,
): Promise<AccessTokenResult> {
  const { backOff } = await status();
  try {
    return await ask();
  } catch (thrown) {
    // The server itself has named the time of the next try.
    if (backOff === undefined || toAppError(thrown).code === 'ERR_THROTTLED') throw thrown;
    await sleep(REPEATED_MS);
    return ask();
  }
}
