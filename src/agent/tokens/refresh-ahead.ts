import { type Clock, elapsedSince, type Instant, instant } from '../../core/clock.ts';
import { toAppError } from '../../core/errors.ts';
import type { Return } from '../../platform/wake.ts';
import {
  ACTIVE_WINDOW_MS,
  KEEP_ALIVE_MS,
  MINUTE_MS,
  networkJitter,
  RETURN_WINDOW_MS,
  refreshAheadAge,
  startJitter,
  wakeJitter,
} from './schedule.ts';
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
  /** Ends a back-off because of the network, but not a Retry-After. */
  readonly forgiveNetwork: () => void;
  readonly refresh: () => Promise<unknown>;
}

const MAX_KEYSTORE_PAUSE_MS = 60 * MINUTE_MS;
/** Timers are kept short, because they stop while the computer sleeps. */
const MAX_TIMER_MS = 5 * MINUTE_MS;
/** After a wake, the network may need a few tries. */
const RETURN_PATIENCE_MS = 10 * MINUTE_MS;

/**
 * Owns the one timer that refreshes. It runs from `start`, `granted`, or `failed` until `cancel` or, for good, `stop`.
 */
export class RefreshAhead {
  readonly #options: RefreshAheadOptions;
  #dueAtAge = 0;
  /** The pause since the keystore last refused a refresh ahead of need. */
  #keystorePause: Pause | undefined;
  #timer: NodeJS.Timeout | undefined;
  #returned: Instant | undefined;
  #stopped = false;

  constructor(options: RefreshAheadOptions) {
    this.#options = options;
  }

  /** Prepares a token if someone used one in the last hours, after a random pause. */
  start(): void {
    this.#arm(startJitter(this.#options.random()));
  }

  /**
   * The computer is awake again or on a new network. If someone used a token in the last days and there's none or it's
   * due, refreshes after a short random delay: never inside a Retry-After, and no later than planned anyway.
   */
  returned(what: Return): void {
    const { clock, random, forgiveNetwork } = this.#options;
    if (!this.#wasUsedWithin(RETURN_WINDOW_MS) || this.#leftOfAge() > 0) return;
    this.#returned = instant(clock);
    const delayMs = (what === 'wake' ? wakeJitter : networkJitter)(random());
    const heldMs = this.#heldMs();
    // A try that comes sooner anyway stays.
    if (heldMs > delayMs) forgiveNetwork();
    this.#arm(heldMs > 0 && heldMs <= delayMs ? heldMs : Math.max(delayMs, this.#heldMs()));
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
    return Math.max(this.#plannedMs(), this.#heldMs());
  }

  #plannedMs(): number {
    if (this.#wasUsedWithin(ACTIVE_WINDOW_MS) || this.#isReturning()) return this.#leftOfAge();
    const { clock, state } = this.#options;
    // A grant in the future was recorded under a wrong clock. Ignore it.
    const sinceGrant = clock.now() - (state().lastGrantAt ?? 0);
    return sinceGrant < 0 ? 0 : KEEP_ALIVE_MS - sinceGrant;
  }

  /** Milliseconds until the current token is due; 0 if there's none. */
  #leftOfAge(): number {
    return Math.max(0, this.#dueAtAge - (this.#options.tokenAgeMs() ?? this.#dueAtAge));
  }

  /** Milliseconds for which nothing may be tried. */
  #heldMs(): number {
    const pause = this.#keystorePause;
    return Math.max(this.#options.backOffMs(), pause === undefined ? 0 : this.#left(pause));
  }

  #left({ ms, since }: Pause): number {
    return Math.max(0, ms - elapsedSince(since, this.#options.clock));
  }

  #isReturning(): boolean {
    return this.#returned !== undefined && elapsedSince(this.#returned, this.#options.clock) < RETURN_PATIENCE_MS;
  }

  #wasUsedWithin(ms: number): boolean {
    const { lastAskedAt } = this.#options.state();
    return lastAskedAt !== undefined && Math.abs(this.#options.clock.now() - lastAskedAt) <= ms;
  }
}

interface Pause {
  readonly ms: number;
  readonly since: Instant;
}
