export interface RateLimitOptions {
  /** How many requests are allowed immediately, and again in each `perMs` milliseconds. */
  readonly requests: number;
  readonly perMs: number;
  /** Milliseconds from a clock that never goes back. */
  readonly now: () => number;
}

/** A token bucket: it refills steadily and never holds more than `requests`. */
export class RateLimit {
  readonly #options: RateLimitOptions;
  #left: number;
  #at: number;

  constructor(options: RateLimitOptions) {
    this.#options = options;
    this.#left = options.requests;
    this.#at = options.now();
  }

  /** Counts one request. Returns false if there were too many recently. */
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
