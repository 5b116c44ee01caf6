import { type Clock, elapsedSince, type Instant, instant } from '../../core/clock.ts';
import { withDeadline } from '../../core/deadline.ts';
import { AppError, toAppError } from '../../core/errors.ts';
import type { HelperContext } from '../../core/helper-context.ts';
import type { ClaudeCodeSession } from '../../ipc/protocol.ts';
import type { EventLog } from '../../log/event-log.ts';
import type { AccessToken } from './held-token.ts';
import { MINUTE_MS } from './schedule.ts';
import type { TokenRefresher } from './token-refresher.ts';

/** A token issued this recently is handed out again, and a refresh is forced at most this often. */
const FORCE_INTERVAL_MS = MINUTE_MS;
/** Claude Code checks its cache lazily, so a request up to this long before its cache time ends counts as expiry. */
const CLAUDE_CODE_MARGIN_MS = 1_000;
/** How many processes of Claude Code are remembered. The one that asked longest ago is forgotten first. */
const MAX_SESSIONS = 64;
/** If a client returns this soon with a repeated token, it was rejected: no cache time is that short. */
const REPEATED_MS = 2 * MINUTE_MS;

export interface TokenIssuanceOptions {
  readonly refresher: TokenRefresher;
  readonly clock: Clock;
  readonly log: EventLog;
  /** How long Claude Desktop uses a token before it asks again, in milliseconds. */
  readonly desktopTtlMs: () => number;
}

/** What a client got last. */
interface Given {
  /** Weak, so that only the refresher keeps a token, and only its current one. */
  readonly token: WeakRef<AccessToken>;
  readonly at: Instant;
  /** When it was repeated, although the client may have had it rejected. */
  readonly repeatedAt?: Instant | undefined;
}

/**
 * Decides which token each client gets, and remembers what it gave each one last. Most calls get the refresher's token.
 * Claude Desktop's `mid-session-refresh` means either "my cache expired" or "the token was rejected" without saying
 * which, and Claude Code never says why it asks. If a client returns before its cache time is over, its token may have
 * been rejected, so it gets a new one; but no other client ever loses a working token to that guess.
 */
export class TokenIssuance {
  readonly #options: TokenIssuanceOptions;
  /** By client: '' is Claude Desktop, all others are processes of Claude Code. */
  readonly #given = new Map<string, Given>();
  #lastForced: Instant | undefined;

  constructor(options: TokenIssuanceOptions) {
    this.#options = options;
  }

  /**
   * The token for one helper run.
   * @param deadlineMs milliseconds until the answer must be ready
   * @throws AppError as `TokenRefresher.get`; ERR_NETWORK_TIMEOUT at the deadline.
   */
  async next(context: HelperContext, deadlineMs: number, claudeCode?: ClaudeCodeSession): Promise<AccessToken> {
    this.#options.refresher.noteRequest();
    const client = claudeCode?.session ?? '';
    const last = this.#given.get(client);
    const ttlMs = claudeCode === undefined ? this.#desktopTtlMs(context) : claudeCode.ttlMs - CLAUDE_CODE_MARGIN_MS;
    const urgent = claudeCode !== undefined || context === 'interactive' || context === 'mid-session-refresh';
    const token =
      last !== undefined && this.#wasRejected(last, ttlMs)
        ? await this.#replacement(client, last, deadlineMs)
        : (this.#options.refresher.usable() ?? (await before(deadlineMs, this.#options.refresher.get({ urgent }))));
    const repeatedAt = token === last?.token.deref() ? this.#given.get(client)?.repeatedAt : undefined;
    this.#remember(client, { token: new WeakRef(token), at: instant(this.#options.clock), repeatedAt });
    return token;
  }

  /** Only in the middle of a session may a call mean that a token was rejected. */
  #desktopTtlMs(context: HelperContext): number {
    if (context !== 'mid-session-refresh') return 0;
    return this.#options.desktopTtlMs();
  }

  #wasRejected(last: Given, ttlMs: number): boolean {
    const { refresher, clock } = this.#options;
    if (elapsedSince(last.at, clock) >= ttlMs) return false;
    // If it has expired, was replaced, or was just issued, an ordinary call gets a different or new token anyway.
    const current = refresher.current();
    return current !== undefined && current === last.token.deref() && refresher.ageMs(current) >= FORCE_INTERVAL_MS;
  }

  /**
   * A new token instead of one that may have been rejected. That's a guess, so if the network fails, the client gets
   * the same token once more, and everyone else keeps using it.
   */
  async #replacement(client: string, last: Given, deadlineMs: number): Promise<AccessToken> {
    const { refresher, clock, log } = this.#options;
    log.info('token-rejected', { context: client === '' ? 'mid-session-refresh' : 'claude-code' });
    try {
      const isRecent = this.#lastForced !== undefined && elapsedSince(this.#lastForced, clock) < FORCE_INTERVAL_MS;
      if (isRecent && !refresher.refreshing) throw new AppError('ERR_TOKEN_REJECTED');
      this.#lastForced = instant(clock);
      return await before(deadlineMs, refresher.refresh({ urgent: true }));
    } catch (thrown) {
      const error = toAppError(thrown);
      const cameBack = last.repeatedAt !== undefined && elapsedSince(last.repeatedAt, clock) < REPEATED_MS;
      // Only if the network fails is the token worth another try. Someone may have signed out meanwhile.
      const current = refresher.current();
      if (error.category !== 'network' || cameBack || current === undefined || current !== last.token.deref())
        throw thrown;
      this.#remember(client, { ...last, repeatedAt: instant(clock) });
      return current;
    }
  }

  #remember(client: string, given: Given): void {
    // An expired token says nothing about the next call.
    for (const [other, given] of this.#given) {
      const token = given.token.deref();
      if (token === undefined || this.#options.refresher.remainingMs(token) <= 0) this.#given.delete(other);
    }
    // A map keeps the order of insertion: the newest goes to the end.
    this.#given.delete(client);
    this.#given.set(client, given);
    const [oldest] = this.#given.keys();
    if (this.#given.size > MAX_SESSIONS && oldest !== undefined) this.#given.delete(oldest);
  }
}

/** Like `work`, but ERR_NETWORK_TIMEOUT after `ms`. The work continues for the next request. */
function before<T>(ms: number, work: Promise<T>): Promise<T> {
  return withDeadline(work, Math.max(0, ms), () => new AppError('ERR_NETWORK_TIMEOUT'));
}
