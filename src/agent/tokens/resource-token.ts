import { type Clock, instant } from '../../core/clock.ts';
import { AppError, type ErrorRecord, toAppError } from '../../core/errors.ts';
import { isRefreshTokenDead } from '../../entra/replies/map-error.ts';
import type { SignInRecord, TokenGrant, TokenSource } from '../../entra/token-source.ts';
import { type EventLog, failureFields } from '../../log/event-log.ts';
import { whyNotActive } from './active-record.ts';
import { BackOff } from './back-off.ts';
import { Connections } from './connections.ts';
import { type AccessToken, HeldToken } from './held-token.ts';
import { waitForKeystore } from './patience.ts';
import { RefreshAhead } from './refresh-ahead.ts';
import type { RefreshTokenStore } from './refresh-token-store.ts';
import { resourceError } from './resource-error.ts';
import type { ResourceStates } from './resource-state.ts';
import { ACTIVE_WINDOW_MS, MINUTE_MS } from './schedule.ts';

export interface ResourceTokenOptions {
  readonly source: TokenSource;
  /** The one sign-in, which the token of every resource comes from. */
  readonly records: RefreshTokenStore;
  readonly states: ResourceStates;
  readonly clock: Clock;
  readonly log: EventLog;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Checks that this account may be used. @throws AppError as `AccountRule.assertAccepted` */
  readonly assertAccepted: (record: SignInRecord) => void;
  /** Milliseconds of life a token must have when handed out. */
  readonly minimumLifetimeMs: () => number;
  /** Why Entra must not be asked now: it has told the sign-in itself to wait. */
  readonly held: () => AppError | undefined;
  /** Entra no longer accepts the sign-in for this resource, and may not for any. */
  readonly onDead: () => void;
}

/**
 * Owns the access token for one resource, in memory only, and at most one refresh of it at a time. It has its own
 * lifetime and back-off, and is refreshed ahead only while someone uses it. A failure never touches the sign-in.
 */
export class ResourceToken {
  readonly #scope: string;
  readonly #options: ResourceTokenOptions;
  readonly #held: HeldToken;
  readonly #backOff: BackOff;
  readonly #ahead: RefreshAhead;
  readonly #connections = new Connections();
  #inFlight: Promise<AccessToken> | undefined;
  /** Counts sign-ins and sign-outs, so that a refresh from before one is discarded. */
  #generation = 0;

  constructor(scope: string, options: ResourceTokenOptions) {
    const { clock, random, minimumLifetimeMs, states } = options;
    this.#scope = scope;
    this.#options = options;
    this.#held = new HeldToken(clock, minimumLifetimeMs);
    this.#backOff = new BackOff({ key: scope, state: states, clock, random });
    this.#ahead = new RefreshAhead({
      ...{ clock, random, minimumLifetimeMs },
      state: () => states.get(scope),
      tokenAgeMs: () => this.#held.last && this.#held.ageMs(this.#held.last),
      backOffMs: () => this.#backOff.remainingMs,
      forgiveNetwork: () => this.#backOff.forgiveNetwork(),
      // The sign-in's own refresh keeps an unused one alive.
      refresh: async () => (this.#isInUse() ? this.#refresh(false) : undefined),
    });
  }

  /** The current token while it lives. */
  current(): AccessToken | undefined {
    return this.#held.current();
  }

  remainingMs(token: AccessToken): number {
    return this.#held.remainingMs(token);
  }

  /** RFC 3339, UTC. */
  expiresOn(token: AccessToken): string {
    return this.#held.expiresOn(token);
  }

  /** Why the last refresh failed and when, in epoch milliseconds; `undefined` after a success. */
  get lastFailure(): { readonly error: ErrorRecord; readonly at: number } | undefined {
    return this.#backOff.lastFailure;
  }

  /**
   * A token with enough life left, refreshed if necessary. If Entra fails or is slow while the current token still
   * works, returns that token. A connection that had the token before gets a new one, at most once a minute.
   * @throws AppError ERR_SIGN_IN_REQUIRED, ERR_SIGN_IN_ENDED, ERR_RESOURCE_*, ERR_KEYSTORE_*, ERR_NETWORK_*, and policy
   * errors that name the resource
   */
  async get(connection?: string): Promise<AccessToken> {
    const token = await this.#get(connection);
    if (connection !== undefined) this.#connections.remember(connection, token);
    return token;
  }

  async #get(connection: string | undefined): Promise<AccessToken> {
    const usable = this.#held.usable();
    if (usable !== undefined && !this.#wasRejected(connection, usable)) {
      this.#noteRequest();
      return usable;
    }
    return this.#held.orRefreshed(this.#refresh(true));
  }

  /** A guess, so it never costs anyone a token that works. One that was just issued isn't replaced. */
  #wasRejected(connection: string | undefined, token: AccessToken): boolean {
    if (connection === undefined || !this.#connections.hasHad(connection, token)) return false;
    return this.#held.ageMs(token) >= MINUTE_MS;
  }

  /** Someone has signed in or out: the token belongs to the sign-in before. */
  drop(): void {
    this.#generation += 1;
    this.#held.hold(undefined);
    this.#ahead.cancel();
  }

  /** Stops refreshing ahead. Resolves when the refresh in flight has ended. */
  async stop(): Promise<void> {
    this.#ahead.stop();
    await this.#inFlight?.catch(() => undefined);
  }

  /** One refresh, shared by everyone who asks while it runs, after every other grant for the sign-in. */
  #refresh(urgent: boolean): Promise<AccessToken> {
    this.#inFlight ??= this.#options.records
      .inTurn(() => this.#refreshOnce(urgent))
      .finally(() => {
        this.#inFlight = undefined;
      });
    return this.#inFlight;
  }

  async #refreshOnce(urgent: boolean, isSecond = false): Promise<AccessToken> {
    const { source, records } = this.#options;
    const generation = this.#generation;
    const record = await this.#loadRecord();
    // Not before someone has signed in: a sign-out forgets it.
    if (urgent) this.#noteRequest();
    const held = this.#options.held();
    if (held !== undefined) throw held;
    this.#backOff.beginTry(urgent);
    let grant: TokenGrant;
    try {
      grant = await source.refresh(record, { scope: this.#scope, replaces: this.#held.last?.value });
    } catch (thrown) {
      if (generation === this.#generation) throw this.#failed(toAppError(thrown));
      if (isSecond) throw thrown;
      return this.#refreshOnce(urgent, true);
    }
    const isKept = await waitForKeystore(records.rotate(record, grant.record));
    if (generation === this.#generation && isKept !== false) return this.#take(grant);
    // Someone has signed in or out, or another program has replaced the record.
    if (isSecond) throw new AppError('ERR_SIGN_IN_REQUIRED');
    return this.#refreshOnce(urgent, true);
  }

  /** @throws AppError as `get` does, without a trace in the sign-in's state */
  async #loadRecord(): Promise<SignInRecord> {
    const stored = await this.#options.records.load();
    if (stored?.kind !== 'active') {
      // Someone has deleted the entry, or the sign-in has ended.
      this.#held.hold(undefined);
      throw whyNotActive(stored);
    }
    this.#options.assertAccepted(stored.record);
    this.#ahead.keystoreAnswered();
    return stored.record;
  }

  #take(grant: TokenGrant): AccessToken {
    const { clock, log, states } = this.#options;
    const { accessToken: value, lifetimeMs, record } = grant;
    const token: AccessToken = { value, username: record.username, minted: instant(clock), lifetimeMs };
    this.#held.hold(token);
    this.#backOff.clear();
    states.update(this.#scope, { lastGrantAt: clock.now(), claims: undefined });
    log.info('resource-token-refreshed', { resource: this.#scope, lifetimeMs });
    this.#ahead.granted(lifetimeMs, grant.refreshInMs);
    return token;
  }

  /** Notes why Entra or the network refused, and returns it as this resource's failure. */
  #failed(thrown: AppError): AppError {
    const { log, states, onDead } = this.#options;
    const error = resourceError(thrown, this.#scope);
    const token = this.current();
    const { attempt, delayMs } = this.#backOff.failed(error, token === undefined ? 0 : this.remainingMs(token));
    if (error.claims !== undefined) states.update(this.#scope, { claims: error.claims });
    log.warn('resource-token-failed', { ...failureFields(error), resource: this.#scope, attempt, delayMs });
    if (token !== undefined) this.#ahead.failed(delayMs);
    if (isRefreshTokenDead(thrown) && attempt === 1) onDead();
    return error;
  }

  #noteRequest(): void {
    const { clock, states } = this.#options;
    const now = clock.now();
    // Once a minute is exact enough.
    if (Math.abs(now - (states.get(this.#scope).lastAskedAt ?? 0)) >= MINUTE_MS) {
      states.update(this.#scope, { lastAskedAt: now });
    }
  }

  #isInUse(): boolean {
    const { clock, states } = this.#options;
    const { lastAskedAt } = states.get(this.#scope);
    return lastAskedAt !== undefined && Math.abs(clock.now() - lastAskedAt) <= ACTIVE_WINDOW_MS;
  }
}
