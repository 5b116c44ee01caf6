import { randomBytes } from 'node:crypto';
import { type Clock, elapsedSince, type Instant, instant } from '../../core/clock.ts';
import { sameSecret } from '../../core/constant-time.ts';

/** A user code lives 15 minutes; an address that nobody opened by then is of no use to its user any more. */
const TICKET_LIFETIME_MS = 15 * 60_000;

/** Enough for a user who opens the page over and over; the oldest goes first. */
const MAX_TICKETS = 8;

/** One browser that has opened the page. Both are needed for anything. */
export interface PageSession {
  /** In the path of the page and of its cookie. */
  readonly pageId: string;
  /** Value of the cookie. */
  readonly cookie: string;
}

interface Ticket {
  readonly value: string;
  readonly issuedAt: Instant;
  session?: PageSession;
}

export type Claim =
  | { readonly outcome: 'claimed' | 'reopened'; readonly session: PageSession }
  /** Another browser has it, or it is too old. */
  | { readonly outcome: 'refused' }
  | { readonly outcome: 'unknown' };

/** One-time addresses and the sessions that they became, in memory only. */
export class PageSessions {
  readonly #clock: Clock;
  #tickets: Ticket[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A fresh one-time ticket, 256 bits in base64url. */
  issue(): string {
    const value = randomToken();
    this.#tickets = [...this.#tickets, { value, issuedAt: instant(this.#clock) }].slice(-MAX_TICKETS);
    return value;
  }

  has(ticket: string): boolean {
    return this.#find(ticket) !== undefined;
  }

  /** The first to come gets the session; later only the browser that shows that session's cookie. */
  claim(value: string, cookies: readonly string[]): Claim {
    const ticket = this.#find(value);
    if (ticket === undefined) return { outcome: 'unknown' };
    const { session } = ticket;
    if (session !== undefined) {
      return cookies.some((cookie) => sameSecret(cookie, session.cookie))
        ? { outcome: 'reopened', session }
        : { outcome: 'refused' };
    }
    if (elapsedSince(ticket.issuedAt, this.#clock) > TICKET_LIFETIME_MS) return { outcome: 'refused' };
    ticket.session = { pageId: randomToken(), cookie: randomToken() };
    return { outcome: 'claimed', session: ticket.session };
  }

  /** Whether page and cookie belong to one session. */
  isOpen(pageId: string, cookies: readonly string[]): boolean {
    return this.#tickets.some(
      ({ session }) =>
        session !== undefined &&
        sameSecret(session.pageId, pageId) &&
        cookies.some((cookie) => sameSecret(cookie, session.cookie)),
    );
  }

  clear(): void {
    this.#tickets = [];
  }

  #find(value: string): Ticket | undefined {
    return this.#tickets.find((ticket) => sameSecret(ticket.value, value));
  }
}

function randomToken(): string {
  return randomBytes(32).toString('base64url');
}
