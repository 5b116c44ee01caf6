import { type Clock, elapsedSince, type Instant, instant } from '../../core/clock.ts';
import { pageFailureOf } from '../../core/error-table/error-table.ts';
import { PAGE_FAILURES, type PageFailureRule } from '../../core/error-table/spec.ts';
import type { AppError } from '../../core/errors.ts';

/** Pauses before the first tries; the last one is before all further ones too. */
const PAUSES_MS = [2_000, 4_000, 8_000, 15_000];
/** Each pause varies by this part of it, so that the computers of an office don't come back in step. */
const JITTER = 0.25;
/** As long as a device code is valid. After that, it takes a click. */
const LIMIT_MS = 15 * 60_000;

/** Whether the same sign-in can work later, even if no one has changed anything on this computer. */
export function mayPass({ code }: AppError): boolean {
  const rule: PageFailureRule = PAGE_FAILURES[pageFailureOf(code)];
  return rule.passes === true;
}

/**
 * Says when a sign-in that the network ended starts again without a click. It only counts time: the sign-in tries when
 * a page asks for news and a try is due, so nothing happens unless someone has the page open.
 */
export class AutomaticRetry {
  readonly #clock: Clock;
  readonly #random: () => number;
  #begun: Instant | undefined;
  #failed: Instant | undefined;
  #failures = 0;
  #pauseMs = 0;

  /** @param random uniform in [0, 1) */
  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Whether there will be another try: for 15 minutes from the first failure. */
  get isOn(): boolean {
    return this.#begun !== undefined && elapsedSince(this.#begun, this.#clock) <= LIMIT_MS;
  }

  /** Whether it's time for the next try. Never inside a Retry-After. */
  get isDue(): boolean {
    return this.isOn && this.#failed !== undefined && elapsedSince(this.#failed, this.#clock) >= this.#pauseMs;
  }

  /** Notes how a try ended. A failure that doesn't pass on its own ends the tries. */
  failed(error: AppError): void {
    if (!mayPass(error)) {
      this.stop();
      return;
    }
    this.#failed = instant(this.#clock);
    this.#begun ??= this.#failed;
    const pauseMs = PAUSES_MS[Math.min(this.#failures, PAUSES_MS.length - 1)] ?? 0;
    this.#failures += 1;
    const varied = pauseMs * (1 - JITTER + 2 * JITTER * this.#random());
    this.#pauseMs = Math.max(varied, error.retryAfterMs ?? 0);
    if (elapsedSince(this.#begun, this.#clock) + this.#pauseMs > LIMIT_MS) this.stop();
  }

  /** Someone has started the sign-in, signed in, or canceled. */
  stop(): void {
    this.#begun = undefined;
    this.#failed = undefined;
    this.#failures = 0;
  }
}
