import { type Clock, elapsedSince, type Instant } from '../../core/clock.ts';
import type { Secret } from '../../core/secret.ts';
import { waitForRefresh } from './patience.ts';
import { requiredLifetimeMs } from './schedule.ts';

export interface AccessToken {
  readonly value: Secret;
  readonly username: string;
  readonly minted: Instant;
  readonly lifetimeMs: number;
}

/** Owns one access token, in memory only, and knows how long it lives and whether it may still be handed out. */
export class HeldToken {
  readonly #clock: Clock;
  readonly #minimumLifetimeMs: () => number;
  #token: AccessToken | undefined;

  /** @param minimumLifetimeMs milliseconds of life a token must have when handed out */
  constructor(clock: Clock, minimumLifetimeMs: () => number) {
    this.#clock = clock;
    this.#minimumLifetimeMs = minimumLifetimeMs;
  }

  /** Replaces the token, or forgets it. */
  hold(token: AccessToken | undefined): void {
    this.#token = token;
  }

  /** The last token, even if it has expired. */
  get last(): AccessToken | undefined {
    return this.#token;
  }

  /** The token while it lives. */
  current(): AccessToken | undefined {
    const token = this.#token;
    return token !== undefined && this.remainingMs(token) > 0 ? token : undefined;
  }

  /** The token if it may be handed out as is. */
  usable(): AccessToken | undefined {
    const token = this.current();
    if (token === undefined) return undefined;
    const requiredMs = requiredLifetimeMs(token.lifetimeMs, this.#minimumLifetimeMs());
    return this.remainingMs(token) >= requiredMs ? token : undefined;
  }

  /** What the refresh returns. If it fails or is slow while the current token still works, that token. */
  async orRefreshed(refresh: Promise<AccessToken>): Promise<AccessToken> {
    if (this.current() === undefined) return refresh;
    await waitForRefresh(refresh);
    // Read again: someone may have signed out meanwhile.
    return this.current() ?? refresh;
  }

  remainingMs(token: AccessToken): number {
    return token.lifetimeMs - this.ageMs(token);
  }

  ageMs(token: AccessToken): number {
    return elapsedSince(token.minted, this.#clock);
  }

  /** RFC 3339, UTC. */
  expiresOn(token: AccessToken): string {
    return new Date(Date.now() + this.remainingMs(token)).toISOString();
  }
}
