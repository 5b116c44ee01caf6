import type { Clock } from '../../core/clock.ts';
import type { HelperContext } from '../../core/helper-context.ts';
import type { EventLog } from '../../log/event-log.ts';
import type { NotifyOutcome } from '../../notify/notify.ts';
import type { CallerSession } from '../../platform/caller-session.ts';
import type { AgentState } from '../tokens/agent-state.ts';
import { type ForeseenEnd, foreseenEnd, isTimeToTell, isTold } from '../tokens/sign-in-life.ts';

export interface EndingReminderOptions {
  /** Names this tenant and client in the state file. */
  readonly key: string;
  readonly state: AgentState;
  readonly clock: Clock;
  readonly log: EventLog;
  /** Resolves when the user has answered; never rejects. Undefined if the system has no notifications. */
  readonly notify: ((end: ForeseenEnd, signal: AbortSignal) => Promise<NotifyOutcome>) | undefined;
  /** Whether a sign-in is open already. */
  readonly isPrompting: () => boolean;
  /** Starts a sign-in that renews the current one. */
  readonly renew: () => void;
  /** Shows the page that offers it. */
  readonly offer: (end: ForeseenEnd, session: CallerSession | undefined) => void;
}

/**
 * Tells the user once that a sign-in will end, about a day ahead and while they use Claude: with a notification that
 * renews it when clicked, otherwise with the page when they start a session. The state file remembers it across
 * restarts. If nothing could be shown, the next session shows the page.
 */
export class EndingReminder {
  readonly #options: EndingReminderOptions;
  #hasNotifications = true;
  #shown: AbortController | undefined;
  #stopped = false;

  constructor(options: EndingReminderOptions) {
    this.#options = options;
  }

  /** Call this whenever someone has got a token. Returns immediately; what it shows comes after the answer. */
  used(context: HelperContext, session: CallerSession | undefined): void {
    const { key, state, clock } = this.#options;
    const known = state.get(key);
    const end = foreseenEnd(known);
    if (end === undefined || !isTimeToTell(end, known, clock.now()) || isTold(end, known)) return;
    setImmediate(() => void this.#tell(end, context, session));
  }

  /** Removes the notification, because the sign-in has been renewed or has ended. */
  withdraw(): void {
    this.#shown?.abort();
    this.#shown = undefined;
  }

  /** Like `withdraw`, for good. */
  stop(): void {
    this.#stopped = true;
    this.withdraw();
  }

  async #tell(end: ForeseenEnd, context: HelperContext, session: CallerSession | undefined): Promise<void> {
    const { notify, isPrompting, offer, key, state } = this.#options;
    // Two requests may have come at the same time.
    if (this.#stopped || isPrompting() || isTold(end, state.get(key))) return;
    if (notify !== undefined && this.#hasNotifications) await this.#notify(end, notify);
    else if (context === 'interactive') {
      this.#noteTold(end);
      offer(end, session);
    }
  }

  async #notify(end: ForeseenEnd, notify: NonNullable<EndingReminderOptions['notify']>): Promise<void> {
    const { log, renew, offer } = this.#options;
    const abort = new AbortController();
    this.#shown = abort;
    // Noted before it's shown: if the agent exits meanwhile, the next one doesn't show it again.
    this.#noteTold(end);
    log.info('sign-in-ending-notification');
    const outcome = await notify(end, abort.signal);
    if (abort.signal.aborted) return;
    this.#shown = undefined;
    if (outcome === 'unavailable') this.#couldNotNotify();
    else if (outcome === 'activated') {
      // A password must be changed first, which the page says.
      if (end.reason === 'password') offer(end, undefined);
      else renew();
    }
  }

  #couldNotNotify(): void {
    const { log, key, state } = this.#options;
    log.warn('notification-not-shown');
    this.#hasNotifications = false;
    state.update(key, { endTold: undefined });
  }

  #noteTold({ at, reason }: ForeseenEnd): void {
    this.#options.state.update(this.#options.key, { endTold: { at, reason } });
  }
}
