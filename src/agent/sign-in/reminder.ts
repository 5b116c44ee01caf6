// Tells the user, once, that the sign-in is over while nobody waits at a prompt; a click begins the next one.
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
  /** Whether a prompt is there already. */
  readonly isPrompting: () => boolean;
  /** What an interactive run does. */
  readonly signIn: () => Promise<unknown>;
}

/**
 * Once for each sign-in that ended, whatever restarts: the state file remembers, until somebody signs in. Where nothing
 * could be shown the next agent tries once more, because this one may have been started outside of the desktop session.
 */
export class SignInReminder {
  readonly #options: SignInReminderOptions;
  #tried = false;
  #stopped = false;
  #shown: { readonly abort: AbortController; readonly done: Promise<void> } | undefined;

  constructor(options: SignInReminderOptions) {
    this.#options = options;
  }

  /** The account's sign-in does not work any more. To be called whenever that is found. */
  needed(account: string): void {
    const { key, state } = this.#options;
    if (this.#stopped || this.#tried || state.get(key).remindedAt !== undefined) return;
    this.#tried = true;
    const abort = new AbortController();
    // Who found it may be about to open the prompt.
    const done = new Promise<void>((resolve) => {
      setImmediate(() => void this.#remind(account, abort.signal).finally(resolve));
    });
    this.#shown = { abort, done };
  }

  /** Takes the notification away, since nothing needs to be done any more; the next end is another one. */
  async withdraw(): Promise<void> {
    this.#tried = false;
    const shown = this.#shown;
    this.#shown = undefined;
    shown?.abort.abort();
    await shown?.done;
  }

  /** The same for good. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.withdraw();
  }

  async #remind(account: string, signal: AbortSignal): Promise<void> {
    const { key, state, clock, log, notify, isPrompting, signIn } = this.#options;
    if (signal.aborted) return;
    // Before it is shown, so that an agent that ends meanwhile does not leave it to the next one again.
    state.update(key, { remindedAt: clock.now() });
    // Who is asked on the page needs not be told.
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
