import { type Clock, elapsedSince, type Instant, instant } from '../../core/clock.ts';
import { AppError, type ErrorRecord, errorFromRecord, errorToRecord } from '../../core/errors.ts';
import type { AgentState } from './agent-state.ts';
import { backOffDelay, RETRY_AFTER_CAP_MS, URGENT_INTERVAL_MS } from './schedule.ts';
import { publicRecord } from './state-file.ts';

export interface BackOffOptions {
  /** Names this tenant and client, or this resource, in `state`. */
  readonly key: string;
  readonly state: Pick<AgentState, 'get' | 'update'>;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

export interface BackOffInForce {
  /** Consecutive failures. */
  readonly attempt: number;
  /** Epoch ms. */
  readonly until: number;
  /** Entra itself named the time (`Retry-After`). */
  readonly serverAsked: boolean;
  readonly error: ErrorRecord;
}

/**
 * Says whether a refresh may be tried. Owns the back-off of one token: a start and a duration, in the state file
 * and on both clocks, so it ends on time whatever the wall clock does. The refresher calls `beginTry` before each try,
 * and
 * `failed` or `clear` after it.
 */
export class BackOff {
  readonly #options: BackOffOptions;
  #lastAttempt: Instant | undefined;
  /** When the stored back-off began, on both clocks. */
  #begun: Instant | undefined;
  /** The whole error. The state file doesn't keep a claims challenge. */
  #lastFailure: AppError | undefined;

  constructor(options: BackOffOptions) {
    this.#options = options;
  }

  get inForce(): BackOffInForce | undefined {
    const { backOff } = this.#options.state.get(this.#options.key);
    const { remainingMs } = this;
    if (backOff === undefined || remainingMs === 0) return undefined;
    const { attempt, serverAsked } = backOff;
    const error = errorFromRecord(backOff.error) ?? new AppError('ERR_NETWORK');
    return { attempt, serverAsked, until: this.#options.clock.now() + remainingMs, error: errorToRecord(error) };
  }

  /** Why the last try failed and when, in epoch milliseconds, even if the next one is due; `undefined` after a success. */
  get lastFailure(): { readonly error: ErrorRecord; readonly at: number } | undefined {
    const { backOff } = this.#options.state.get(this.#options.key);
    const error = backOff && errorFromRecord(backOff.error);
    return error && { error: errorToRecord(error), at: backOff.since };
  }

  /**
   * Milliseconds until the back-off ends, 0 if there is none; never more than it began with, whatever the clock does.
   */
  get remainingMs(): number {
    const { clock, state, key } = this.#options;
    const { backOff } = state.get(key);
    if (backOff === undefined) return 0;
    if (this.#begun?.wall !== backOff.since) this.#begun = asInstant(backOff.since, clock);
    // A start in the future was recorded under a wrong clock, so its age is unknown.
    if (this.#begun === undefined) return 0;
    const delayMs = Math.min(backOff.delayMs, RETRY_AFTER_CAP_MS);
    return Math.max(0, delayMs - elapsedSince(this.#begun, clock));
  }

  /**
   * Called before each try.
   * @param urgent a user is waiting: may try ahead of the back-off, but never inside a Retry-After
   * @throws the error that started the back-off, while it lasts
   */
  beginTry(urgent: boolean): void {
    const { inForce } = this;
    const sinceLast = this.#lastAttempt === undefined ? Infinity : elapsedSince(this.#lastAttempt, this.#options.clock);
    const ahead = urgent && inForce?.serverAsked === false && sinceLast >= URGENT_INTERVAL_MS;
    if (inForce !== undefined && !ahead)
      throw this.#lastFailure ?? errorFromRecord(inForce.error) ?? new AppError('ERR_NETWORK');
    this.#lastAttempt = instant(this.#options.clock);
  }

  /**
   * Notes a failure; returns how many there were in a row and the milliseconds until the next try.
   * @param remainingMs how long the current token is still valid
   */
  failed(error: AppError, remainingMs: number): { readonly attempt: number; readonly delayMs: number } {
    const { key, state, clock, random } = this.#options;
    const attempt = (state.get(key).backOff?.attempt ?? 0) + 1;
    const serverAsked = error.retryAfterMs !== undefined;
    const delayMs = serverAsked
      ? Math.min(Math.max(error.retryAfterMs ?? 0, 1_000), RETRY_AFTER_CAP_MS)
      : Math.round(backOffDelay(attempt, random(), remainingMs));
    const begun = instant(clock);
    this.#begun = begun;
    this.#lastFailure = error;
    state.update(key, {
      backOff: { attempt, since: begun.wall, delayMs, serverAsked, error: publicRecord(error) },
    });
    return { attempt, delayMs };
  }

  /** Allows the next try now if the network failed, because it may be back. A Retry-After stays. */
  forgiveNetwork(): void {
    const { state, key } = this.#options;
    const { backOff } = state.get(key);
    if (backOff === undefined || backOff.serverAsked || errorFromRecord(backOff.error)?.category !== 'network') return;
    state.update(key, { backOff: { ...backOff, attempt: 0, delayMs: 0 } });
  }

  /** A success, or an end that no retry changes. */
  clear(): void {
    this.#lastFailure = undefined;
    this.#options.state.update(this.#options.key, { backOff: undefined });
  }
}

/** A wall-clock time, possibly from another process, on both clocks of this one; `undefined` if it's in the future. */
function asInstant(wall: number, clock: Clock): Instant | undefined {
  const ageMs = clock.now() - wall;
  return ageMs < 0 ? undefined : { wall, monotonic: clock.monotonic() - ageMs };
}
