import type { CallerSession } from '../../platform/caller-session.ts';

/** What someone who wants a sign-in lets it show, and where. */
export interface Permission {
  readonly openBrowser: boolean;
  /** Whether the system's dialog may open. */
  readonly mayPrompt: boolean;
  readonly session?: CallerSession | undefined;
}

/** Who wants a sign-in, and what they let it show. They go over to the next one if another method replaces it. */
export class Waiters {
  #connected = 0;
  /** Someone asked who doesn't have to stay connected. */
  #isDetached = false;
  #mayPrompt = false;
  #pageSession: { readonly session: CallerSession | undefined } | undefined;

  /** Whether someone lets the system's dialog open. */
  get mayPrompt(): boolean {
    return this.#mayPrompt;
  }

  /** The session of the last one who lets a browser open; undefined if no one does. */
  get pageSession(): { readonly session: CallerSession | undefined } | undefined {
    return this.#pageSession;
  }

  allow({ openBrowser, mayPrompt, session }: Permission): void {
    this.#mayPrompt ||= mayPrompt;
    if (openBrowser) this.#pageSession = { session };
  }

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
