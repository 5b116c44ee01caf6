import type { Clock } from '../../core/clock.ts';
import type { EventLog } from '../../log/event-log.ts';
import type { NotifyOutcome } from '../../notify/notify.ts';
import type { AgentState } from '../tokens/agent-state.ts';

export interface SignInReminderOptions {
  /** Names this tenant and client in the state file. */
  readonly key: string;
  readonly state: AgentState;
  readonly clock: Clock;
  readonly log: EventLog;
  /** Resolves when the user has answered; never rejects. */
  readonly notify: (account: string, signal: AbortSignal) => Promise<NotifyOutcome>;
  /** Whether a page is already open. */
  readonly isPrompting: () => boolean;
  /** What an interactive run does. */
  readonly signIn: () => Promise<unknown>;
}

/**
 * Shows one notification for each sign-in that ends, which starts the next one if it's clicked, even across restarts:
 * the state file remembers it until someone signs in. If nothing could be shown, the next agent tries again, because
 * this one may run outside the desktop session.
 */
export class SignInReminder {
  readonly #options: SignInReminderOptions;
  #tried = false;
  #stopped = false;
  #shown: { readonly abort: AbortController; readonly done: Promise<void> } | undefined;

  constructor(options: SignInReminderOptions) {
    this.#options = options;
  }

  /** Call this whenever the account's sign-in turns out to have ended. */
  needed(account: string): void {
    const { key, state } = this.#options;
    if (this.#stopped || this.#tried || state.get(key).remindedAt !== undefined) return;
    this.#tried = true;
    const abort = new AbortController();
    // The caller may be about to open the page.
    const done = new Promise<void>((resolve) => {
      setImmediate(() => void this.#remind(account, abort.signal).finally(resolve));
    });
    this.#shown = { abort, done };
  }

  /** Removes the notification, because there's nothing left to do. The next end gets its own. */
  async withdraw(): Promise<void> {
    this.#tried = false;
    const shown = this.#shown;
    this.#shown = undefined;
    shown?.abort.abort();
    await shown?.done;
  }

  /** Like `withdraw`, for good. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.withdraw();
  }

  async #remind(account: string, signal: AbortSignal): Promise<void> {
    const { key, state, clock, log, notify, isPrompting, signIn } = this.#options;
    if (signal.aborted) return;
    // Noted before it's shown: if the agent exits meanwhile, the next one doesn't show it again.
    state.update(key, { remindedAt: clock.now() });
    // Someone who sees the page doesn't need a notification.
    if (isPrompting()) return;
    log.info('sign-in-notification');
    const outcome = await notify(account, signal);
    if (signal.aborted) return;
    if (outcome === 'unavailable') {
      log.warn('notification-not-shown');
      state.update(key, { remindedAt: undefined });
    } else if (outcome === 'activated') void signIn().catch(() => undefined);
  }
}
