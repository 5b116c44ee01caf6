import { type Clock, elapsedSince, type Instant, instant } from '../../core/clock.ts';
import { toAppError } from '../../core/errors.ts';
import { ACTIVE_WINDOW_MS, KEEP_ALIVE_MS, MINUTE_MS, refreshAheadAge, startJitter } from './schedule.ts';
import type { CredentialState } from './state-file.ts';

export interface RefreshAheadOptions {
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Milliseconds of life a token must have when handed out. */
  readonly minimumLifetimeMs: () => number;
  readonly state: () => CredentialState;
  /** Milliseconds since the current token was issued; `undefined` if there's none. */
  readonly tokenAgeMs: () => number | undefined;
  /** Milliseconds until the back-off ends. */
  readonly backOffMs: () => number;
  readonly refresh: () => Promise<unknown>;
}

const MAX_KEYSTORE_PAUSE_MS = 60 * MINUTE_MS;
/** Timers are kept short, because they stop while the computer sleeps. */
const MAX_TIMER_MS = 5 * MINUTE_MS;

/**
 * Owns the one timer that refreshes. It runs from `start`, `granted`, or `failed` until `cancel` or, for good, `stop`.
 */
export class RefreshAhead {
  readonly #options: RefreshAheadOptions;
  #dueAtAge = 0;
  /** The pause since the keystore last refused a refresh ahead of need. */
  #keystorePause: { readonly ms: number; readonly since: Instant } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: RefreshAheadOptions) {
    this.#options = options;
  }

  /** Prepares a token if someone used one in the last hours, after a random pause. */
  start(): void {
    this.#arm(startJitter(this.#options.random()));
  }

  /** A token has come. `refreshInMs`: the age at which Entra advises to replace it. */
  granted(lifetimeMs: number, refreshInMs: number | undefined): void {
    const { random, minimumLifetimeMs } = this.#options;
    const ahead = refreshAheadAge(lifetimeMs, minimumLifetimeMs(), random());
    this.#dueAtAge = Math.min(ahead, refreshInMs ?? ahead);
    this.#arm(this.#dueAtAge);
  }

  /** A refresh has failed, and the next try is due after this many milliseconds. */
  failed(delayMs: number): void {
    this.#arm(delayMs);
  }

  /** The keystore has answered. */
  keystoreAnswered(): void {
    this.#keystorePause = undefined;
  }

  cancel(): void {
    clearTimeout(this.#timer);
  }

  stop(): void {
    this.#stopped = true;
    this.cancel();
  }

  #arm(delayMs: number): void {
    this.cancel();
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.#onTimer(), Math.min(Math.max(delayMs, 1_000), MAX_TIMER_MS));
    this.#timer.unref();
  }

  async #onTimer(): Promise<void> {
    const dueMs = this.#dueMs();
    if (dueMs > 0) {
      this.#arm(dueMs);
      return;
    }
    this.#timer = undefined;
    try {
      await this.#options.refresh();
    } catch (thrown) {
      // Logged where it failed, and reported to the next request. A missing or ended sign-in doesn't need a timer.
      const { category } = toAppError(thrown);
      if (category === 'keystore') this.#pauseForKeystore();
      // A refresh that Entra or the network failed has named the time of the next one: see `failed`.
      if (category !== 'sign-in' && this.#timer === undefined) this.#arm(MAX_TIMER_MS);
    }
  }

  /** A locked keystore may ask the user each time, so the pauses double up to an hour. */
  #pauseForKeystore(): void {
    const ms = Math.min(2 * (this.#keystorePause?.ms ?? MAX_TIMER_MS / 2), MAX_KEYSTORE_PAUSE_MS);
    this.#keystorePause = { ms, since: instant(this.#options.clock) };
  }

  /** Milliseconds until the next refresh. */
  #dueMs(): number {
    const { clock, state, tokenAgeMs, backOffMs } = this.#options;
    const { lastAskedAt, lastGrantAt = 0 } = state();
    const pause = this.#keystorePause;
    const held = Math.max(backOffMs(), pause === undefined ? 0 : pause.ms - elapsedSince(pause.since, clock));
    const isAsleep = lastAskedAt === undefined || Math.abs(clock.now() - lastAskedAt) > ACTIVE_WINDOW_MS;
    if (!isAsleep) return Math.max(this.#dueAtAge - (tokenAgeMs() ?? this.#dueAtAge), held);
    // A grant in the future was recorded under a wrong clock. Ignore it.
    const sinceGrant = clock.now() - lastGrantAt;
    return Math.max(sinceGrant < 0 ? 0 : KEEP_ALIVE_MS - sinceGrant, held);
  }
}
