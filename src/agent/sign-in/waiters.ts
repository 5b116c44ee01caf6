/** Who wants a sign-in. They go over to the next one if another method replaces it. */
export class Waiters {
  #connected = 0;
  /** Someone asked who doesn't have to stay connected. */
  #isDetached = false;

  /**
   * @param signal aborts when the requester disconnects; without it, the sign-in continues without its requester
   * @param onNone called when the last requester has disconnected
   */
  add(signal: AbortSignal | undefined, onNone?: () => void): void {
    if (signal === undefined) {
      this.#isDetached = true;
      return;
    }
    this.#connected += 1;
    const onAbort = (): void => {
      this.#connected -= 1;
      if (this.#connected === 0 && !this.#isDetached) onNone?.();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  }
}
