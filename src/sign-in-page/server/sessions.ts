import { randomBytes } from 'node:crypto';
import { type Clock, elapsedSince, type Instant, instant } from '../../core/clock.ts';
import { sameSecret } from '../../core/constant-time.ts';

/** A user code lives 15 minutes. An address that no one has opened by then is no longer of use. */
const TICKET_LIFETIME_MS = 15 * 60_000;

/** Enough for a user who opens the page repeatedly. The oldest ticket is dropped first. */
const MAX_TICKETS = 8;

/** One browser that has opened the page. Every request needs both values. */
export interface PageSession {
  /** In the path of the page and of its cookie. */
  readonly pageId: string;
  /** Value of the cookie. */
  readonly cookie: string;
  /**
   * What only this server and the page it made know: the page never sends it, and believes no reply without it. If the
   * agent is gone, another user's program can listen on the same port.
   */
  readonly proof: string;
  /** When this page last asked for news, unless it said that it's hidden. */
  visibleAt?: Instant | undefined;
}

interface Ticket {
  readonly value: string;
  readonly issuedAt: Instant;
  session?: PageSession;
}

export type Claim =
  | { readonly outcome: 'claimed' | 'reopened'; readonly session: PageSession }
  /** Another browser has it, or it's too old. */
  | { readonly outcome: 'refused' }
  | { readonly outcome: 'unknown' };

/**
 * Owns the tickets (one-time addresses) and the sessions that they became, in memory only. A ticket is new, claimed by
 * one browser, or too old to be claimed. The server issues tickets, claims them when they're opened, and checks every
 * request for the page with `find`.
 */
export class PageSessions {
  readonly #clock: Clock;
  #tickets: Ticket[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Returns a new one-time ticket, 256 random bits in base64url. */
  issue(): string {
    const value = randomToken();
    this.#tickets = [...this.#tickets, { value, issuedAt: instant(this.#clock) }].slice(-MAX_TICKETS);
    return value;
  }

  has(ticket: string): boolean {
    return this.#ticket(ticket) !== undefined;
  }

  /** The first browser gets the session. After that, only a browser with that session's cookie gets it again. */
  claim(value: string, cookies: readonly string[]): Claim {
    const ticket = this.#ticket(value);
    if (ticket === undefined) return { outcome: 'unknown' };
    const { session } = ticket;
    if (session !== undefined) {
      return cookies.some((cookie) => sameSecret(cookie, session.cookie))
        ? { outcome: 'reopened', session }
        : { outcome: 'refused' };
    }
    if (elapsedSince(ticket.issuedAt, this.#clock) > TICKET_LIFETIME_MS) return { outcome: 'refused' };
    ticket.session = { pageId: randomToken(), cookie: randomToken(), proof: randomToken() };
    return { outcome: 'claimed', session: ticket.session };
  }

  /** The session that page and cookie belong to. */
  find(pageId: string, cookies: readonly string[]): PageSession | undefined {
    return this.#tickets
      .map(({ session }) => session)
      .filter((session) => session !== undefined)
      .find(
        (session) => sameSecret(session.pageId, pageId) && cookies.some((cookie) => sameSecret(cookie, session.cookie)),
      );
  }

  /** Milliseconds since any page was visible; `undefined` if all of them are hidden, or none has been opened. */
  lastVisible(): number | undefined {
    const moments = this.#tickets.flatMap(({ session }) => session?.visibleAt ?? []);
    return moments.length === 0 ? undefined : Math.min(...moments.map((at) => elapsedSince(at, this.#clock)));
  }

  clear(): void {
    this.#tickets = [];
  }

  #ticket(value: string): Ticket | undefined {
    return this.#tickets.find((ticket) => sameSecret(ticket.value, value));
  }
}

function randomToken(): string {
  return randomBytes(32).toString('base64url');
}
