/** How long no request must have come before garbage is collected. */
const IDLE_MS = 10_000;
/** By then, what a request to Entra has left behind is collected even if requests keep coming. */
const SECRETS_MS = 30_000;

/**
 * Collects garbage after a quiet time, and soon after secrets have been used. V8 alone waits until its heap has grown,
 * and JavaScript can't overwrite a string: a token that's no longer needed is gone when its memory is collected.
 */
export class Garbage {
  readonly #collect: () => void;
  readonly #idle: NodeJS.Timeout;
  #due: NodeJS.Timeout | undefined;

  /** Only the packaged program has `gc`. */
  constructor(collect: () => void = () => globalThis.gc?.({ type: 'major', flavor: 'last-resort' })) {
    this.#collect = collect;
    this.#idle = setTimeout(() => this.#run(), IDLE_MS).unref();
  }

  /** A request has come. */
  onRequest(): void {
    this.#idle.refresh();
  }

  /** Secrets have been used that aren't needed any longer. */
  onSecretsUsed(): void {
    this.#due ??= setTimeout(() => this.#run(), SECRETS_MS).unref();
  }

  #run(): void {
    clearTimeout(this.#due);
    this.#due = undefined;
    this.#collect();
  }
}
