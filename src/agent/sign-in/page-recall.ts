import type { Clock } from '../../core/clock.ts';
import type { EventLog } from '../../log/event-log.ts';
import type { NotifyOutcome } from '../../notify/notify.ts';
import type { CallerSession } from '../../platform/caller-session.ts';

export interface PageRecallOptions {
  readonly clock: Clock;
  readonly log: EventLog;
  /**
   * Tells the user that the page waits for them. Never rejects. Undefined where the system has no notifications for
   * this program.
   */
  readonly notify: ((session: CallerSession | undefined, signal: AbortSignal) => Promise<NotifyOutcome>) | undefined;
}

/** Opens the page once more. Resolves to whether a browser could be opened. */
export type OpenAgain = () => Promise<boolean>;

/** A program that asks for a token repeatedly must not fill the screen with notifications. */
const NOTIFY_EVERY_MS = 60_000;
/** The same for windows. */
const REOPEN_EVERY_MS = 60_000;

/**
 * Brings the sign-in page back to a user who has lost sight of it: with a notification that opens it when clicked, or
 * by opening it again. One for the whole agent, so its limits hold whatever asks.
 */
export class PageRecall {
  readonly #options: PageRecallOptions;
  #notifiedAt: number | undefined;
  #reopenedAt: number | undefined;
  #shown: AbortController | undefined;

  constructor(options: PageRecallOptions) {
    this.#options = options;
  }

  /**
   * The page is somewhere behind other windows. Resolves when the user has answered the notification: to whether a
   * browser opened, or undefined if none was needed. Never rejects if `openAgain` doesn't.
   */
  async remind(session: CallerSession | undefined, openAgain: OpenAgain): Promise<boolean | undefined> {
    const { clock, log, notify } = this.#options;
    if (notify === undefined) return this.reopen(openAgain);
    if (this.#shown !== undefined || !isDue(this.#notifiedAt, NOTIFY_EVERY_MS, clock)) return undefined;
    const shown = new AbortController();
    this.#shown = shown;
    this.#notifiedAt = clock.monotonic();
    log.info('waiting-notification');
    const outcome = await notify(session, shown.signal);
    if (this.#shown === shown) this.#shown = undefined;
    if (shown.signal.aborted) return undefined;
    if (outcome === 'unavailable') return this.reopen(openAgain);
    return outcome === 'activated' ? openAgain() : undefined;
  }

  /** The page was closed. Resolves as `remind`. */
  async reopen(openAgain: OpenAgain): Promise<boolean | undefined> {
    const { clock } = this.#options;
    if (!isDue(this.#reopenedAt, REOPEN_EVERY_MS, clock)) return undefined;
    this.#reopenedAt = clock.monotonic();
    return openAgain();
  }

  /** The user sees the page, or the sign-in is over. */
  withdraw(): void {
    this.#shown?.abort();
    this.#shown = undefined;
  }
}

function isDue(last: number | undefined, everyMs: number, clock: Clock): boolean {
  return last === undefined || clock.monotonic() - last >= everyMs;
}
