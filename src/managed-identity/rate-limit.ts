export interface RateLimitOptions {
  /** So many at once, and as many in each further span. */
  readonly requests: number;
  readonly perMs: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

/** A token bucket: refills steadily, and never holds more than one span's worth. */
export class RateLimit {
  readonly #options: RateLimitOptions;
  #left: number;
  #at: number;

  constructor(options: RateLimitOptions) {
    this.#options = options;
    this.#left = options.requests;
    this.#at = options.now();
  }

  /** False when there were too many lately. */
  take(): boolean {
    const { requests, perMs, now } = this.#options;
    const at = now();
    this.#left = Math.min(requests, this.#left + ((at - this.#at) * requests) / perMs);
    this.#at = at;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
