// Which token Claude Desktop gets. Its `mid-session-refresh` means either "my cache ran out" or "the token was rejected",
// without saying which; the time since the last hand-out tells them apart.
import { type Clock, elapsedSince, type Instant, instant } from '../core/clock.ts';
import { withDeadline } from '../core/deadline.ts';
import { AppError, toAppError } from '../core/errors.ts';
import type { EventLog } from '../core/event-log.ts';
import type { HelperContext } from '../ipc/protocol.ts';
import { MINUTE_MS } from './refresh-schedule.ts';
import type { AccessToken, TokenKeeper } from './token-keeper.ts';

/** Claude Desktop's documented default of `inferenceCredentialHelperTtlSec`, where its setting cannot be read. */
export const DESKTOP_TTL_DEFAULT_MS = 3_600_000;
/** A token this young is handed out again; and a refresh is forced at most this often. */
const FORCE_INTERVAL_MS = MINUTE_MS;
/** Exit code of network failures: the only ones for which a rejected token is tried once more. */
const NETWORK_EXIT = 7;

export interface HandOutOptions {
  readonly keeper: TokenKeeper;
  readonly clock: Clock;
  readonly log: EventLog;
  /** Claude Desktop's own cache time in milliseconds, where readable. */
  readonly desktopTtlMs: () => number | undefined;
}

export class HandOut {
  readonly #options: HandOutOptions;
  #last: { readonly token: AccessToken; readonly at: Instant; readonly repeated: boolean } | undefined;
  #lastForced: Instant | undefined;

  constructor(options: HandOutOptions) {
    this.#options = options;
  }

  /**
   * The token for one helper run.
   * @param deadlineMs milliseconds until the answer must be ready
   * @throws AppError as `TokenKeeper.fresh`; ERR_NETWORK_TIMEOUT at the deadline.
   */
  async next(context: HelperContext, deadlineMs: number): Promise<AccessToken> {
    this.#options.keeper.touch();
    const urgent = context === 'interactive' || context === 'mid-session-refresh';
    const choice = this.#wasRejected(context) ? this.#replacement(deadlineMs) : undefined;
    const token = await (choice ?? before(deadlineMs, this.#options.keeper.fresh({ urgent })));
    const repeated = token === this.#last?.token && this.#last.repeated;
    this.#last = { token, at: instant(this.#options.clock), repeated };
    return token;
  }

  #wasRejected(context: HelperContext): boolean {
    const { keeper, clock, desktopTtlMs } = this.#options;
    if (context !== 'mid-session-refresh' || this.#last === undefined) return false;
    if (elapsedSince(this.#last.at, clock) >= (desktopTtlMs() ?? DESKTOP_TTL_DEFAULT_MS)) return false;
    const current = keeper.current();
    if (current === undefined) return true;
    // Minted moments ago, or since the last hand-out: whatever was rejected, it was not this one.
    return keeper.ageMs(current) >= FORCE_INTERVAL_MS && current === this.#last.token;
  }

  /** Another token than the rejected one; the rejected one itself once more only where the network fails. */
  async #replacement(deadlineMs: number): Promise<AccessToken> {
    const { keeper, clock, log } = this.#options;
    const last = this.#last;
    if (last === undefined) throw new AppError('ERR_INTERNAL');
    keeper.reject(last.token);
    log.info('token-rejected', { context: 'mid-session-refresh' });
    try {
      const isRecent = this.#lastForced !== undefined && elapsedSince(this.#lastForced, clock) < FORCE_INTERVAL_MS;
      if (isRecent && !keeper.refreshing) throw new AppError('ERR_TOKEN_REJECTED');
      this.#lastForced = instant(clock);
      return await before(deadlineMs, keeper.refresh({ urgent: true }));
    } catch (thrown) {
      const error = toAppError(thrown);
      if (error.exit !== NETWORK_EXIT || last.repeated || keeper.remainingMs(last.token) <= 0) throw thrown;
      this.#last = { ...last, repeated: true };
      return last.token;
    }
  }
}

/** As `work` does, or ERR_NETWORK_TIMEOUT after `ms`; the work goes on for whoever asks next. */
function before<T>(ms: number, work: Promise<T>): Promise<T> {
  return withDeadline(work, Math.max(0, ms), () => new AppError('ERR_NETWORK_TIMEOUT'));
}
