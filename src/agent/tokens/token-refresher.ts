import { instant } from '../../core/clock.ts';
import { AppError, type ErrorRecord, errorCatalog, errorToRecord, toAppError } from '../../core/errors.ts';
import { isRefreshTokenDead } from '../../entra/replies/map-error.ts';
import { endReasonOf } from '../../entra/replies/sign-in-end.ts';
import { isBrokerRecord, type SignInRecord, type TokenGrant, type TokenSource } from '../../entra/token-source.ts';
import { type EventLog, failureFields } from '../../log/event-log.ts';
import type { Return } from '../../platform/wake.ts';
import { ActiveRecord, type ActiveRecordOptions } from './active-record.ts';
import { BackOff, type BackOffInForce } from './back-off.ts';
import { type AccessToken, HeldToken } from './held-token.ts';
import { waitForKeystore } from './patience.ts';
import { RefreshAhead } from './refresh-ahead.ts';
import { MINUTE_MS } from './schedule.ts';
import { afterRefresh, afterSignIn, afterTooOld, type ForeseenEnd, foreseenEnd } from './sign-in-life.ts';

export interface TokenRefresherOptions extends Omit<ActiveRecordOptions, 'maySignInSilently'> {
  readonly source: TokenSource;
  readonly log: EventLog;
  /** Signs in without the user, with an account that the settings accept. Called only if `maySignInSilently` agrees. */
  readonly signInSilently?: (() => Promise<TokenGrant>) | undefined;
  /** Milliseconds of life a token must have when handed out. */
  readonly minimumLifetimeMs: () => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Someone has signed in or out. */
  readonly onSignInChanged: () => void;
}

export interface RefreshOptions {
  /** A user is waiting: may try ahead of the back-off, but never inside a Retry-After. */
  readonly urgent: boolean;
}

/** Entra's refusals. Everything else is about the way to it, or about the settings. */
function isByEntra({ code }: ErrorRecord): boolean {
  const { category } = errorCatalog[code];
  return category === 'sign-in' || category === 'policy' || code.startsWith('ERR_ENTRA_');
}

/**
 * Owns the access token, in memory only, and at most one refresh of it at a time. `current` has it while it lives,
 * `usable` while it may be handed out, and `get` refreshes it if need be. A sign-in (`adopt`) or sign-out (`forget`)
 * settles everyone who waits for a refresh. A new record is stored, or the keystore has had its chance, before its
 * token is handed out.
 */
export class TokenRefresher {
  readonly #options: TokenRefresherOptions;
  readonly #backOff: BackOff;
  readonly #ahead: RefreshAhead;
  readonly #record: ActiveRecord;
  readonly #held: HeldToken;
  #inFlight: Promise<AccessToken> | undefined;
  /** Whether a user was waiting when the refresh in flight began. */
  #isUrgent = false;
  /** Settles the refresh in flight early: with a sign-in's token, or because of a sign-out. */
  #waiting: { resolve(token: Promise<AccessToken>): void; reject(error: AppError): void } | undefined;
  #generation = 0;
  #failureLogged = false;
  #isForgetting = false;
  #brokerFailures = 0;

  constructor(options: TokenRefresherOptions) {
    this.#options = options;
    this.#backOff = new BackOff(options);
    this.#record = new ActiveRecord({ ...options, maySignInSilently: () => this.#maySignInSilently() });
    this.#held = new HeldToken(options.clock, options.minimumLifetimeMs);
    this.#ahead = new RefreshAhead({
      clock: options.clock,
      random: options.random,
      minimumLifetimeMs: options.minimumLifetimeMs,
      state: () => this.#state(),
      tokenAgeMs: () => this.#held.last && this.ageMs(this.#held.last),
      backOffMs: () => this.#backOff.remainingMs,
      forgiveNetwork: () => this.#backOff.forgiveNetwork(),
      refresh: () => this.refresh({ urgent: false }),
    });
  }

  /** Refreshes ahead of need from now on. */
  start(): void {
    this.#ahead.start();
  }

  /** The computer is awake again or on a new network, so what was due may work now. */
  returned(what: Return): void {
    this.#ahead.returned(what);
  }

  /** The current token while it lives. */
  current(): AccessToken | undefined {
    return this.#held.current();
  }

  remainingMs(token: AccessToken): number {
    return this.#held.remainingMs(token);
  }

  ageMs(token: AccessToken): number {
    return this.#held.ageMs(token);
  }

  /** RFC 3339, UTC. */
  expiresOn(token: AccessToken): string {
    return this.#held.expiresOn(token);
  }

  /** Whether a refresh is in progress. `refresh` would join it. */
  get refreshing(): boolean {
    return this.#inFlight !== undefined;
  }

  get backOff(): BackOffInForce | undefined {
    return this.#backOff.inForce;
  }

  /** Whether there was no sign-in to refresh the last time, so only a new one can help. */
  get isWithoutSignIn(): boolean {
    return this.#record.isMissing;
  }

  /** How often the broker was asked, and failed or refused. */
  get brokerFailures(): number {
    return this.#brokerFailures;
  }

  /** Why Entra refused the last refresh, although the sign-in is kept; `undefined` if it didn't, or not since. */
  get lastRefusal(): { readonly error: ErrorRecord; readonly at: number } | undefined {
    if (this.isWithoutSignIn) return undefined;
    const failure = this.#backOff.lastFailure;
    return failure !== undefined && isByEntra(failure.error) ? failure : undefined;
  }

  /** When the sign-in will end, if that's known or can be expected. It may be in the past. */
  get foreseenEnd(): ForeseenEnd | undefined {
    return foreseenEnd(this.#state());
  }

  /** Why the last refresh failed, even if the next try is due; `undefined` after a success. */
  get lastProblem(): ErrorRecord | undefined {
    const { problem } = this.#record;
    return problem === undefined ? this.#backOff.lastFailure?.error : errorToRecord(problem);
  }

  /** Notes that a token was asked for, which keeps the refreshing ahead awake. */
  noteRequest(): void {
    const now = this.#options.clock.now();
    const last = this.#state().lastAskedAt ?? 0;
    // Once a minute is exact enough.
    if (Math.abs(now - last) >= MINUTE_MS) this.#options.state.note(this.#options.key, { lastAskedAt: now });
  }

  /** The current token if it may be handed out as is; the synchronous fast path of `get`. */
  usable(): AccessToken | undefined {
    return this.#held.usable();
  }

  /**
   * A token with enough life left, refreshed if necessary. If Entra fails or is slow while the current token still
   * works, returns that token.
   * @throws AppError ERR_SIGN_IN_REQUIRED, ERR_SIGN_IN_ENDED, ERR_KEYSTORE_*, ERR_NETWORK_*, configuration and policy
   * errors.
   */
  async get(options: RefreshOptions): Promise<AccessToken> {
    return this.usable() ?? this.#held.orRefreshed(this.refresh(options));
  }

  /**
   * A token that's at most `ageMs` old, refreshed if necessary. If that fails, any token with enough life left.
   * @throws AppError as `get` does
   */
  async issuedWithin(ageMs: number): Promise<AccessToken> {
    const token = this.current();
    if (token !== undefined && this.ageMs(token) <= ageMs) return token;
    try {
      return await this.refresh({ urgent: true });
    } catch {
      return this.get({ urgent: true });
    }
  }

  /**
   * One refresh, shared by everyone who asks while it runs. It takes no AbortSignal, because one caller that
   * disconnects must not fail the others.
   * @throws AppError as `get` does; inside the back-off the error that caused it.
   */
  async refresh(options: RefreshOptions): Promise<AccessToken> {
    if (this.#inFlight !== undefined && options.urgent && !this.#isUrgent) {
      // A user who waits may try even if the back-off refused an unattended try.
      return this.#inFlight.catch(() => this.refresh(options));
    }
    if (this.#inFlight === undefined) {
      this.#isUrgent = options.urgent;
      const work = new Promise<AccessToken>((resolve, reject) => {
        this.#waiting = { resolve, reject };
        this.#options.records.inTurn(() => this.#refreshOnce(options)).then(resolve, reject);
      }).finally(() => {
        this.#inFlight = undefined;
        this.#waiting = undefined;
      });
      this.#inFlight = work;
    }
    return this.#inFlight;
  }

  /** Takes over a sign-in's grant. Callers that wait for a refresh get its token too. */
  adopt(grant: TokenGrant): Promise<AccessToken> {
    this.#generation += 1;
    const taken = this.#take(grant, this.#generation, afterSignIn, (record) => this.#options.records.keep(record));
    this.#waiting?.resolve(taken);
    this.#options.onSignInChanged();
    return taken;
  }

  /** Signs out: removes the record and forgets the token. @throws AppError ERR_KEYSTORE_*; then nothing changed. */
  async forget(): Promise<boolean> {
    const generation = this.#generation;
    this.#isForgetting = true;
    const removed = await this.#options.records.remove().finally(() => {
      this.#isForgetting = false;
    });
    // Someone signed in during the removal.
    if (generation !== this.#generation) return removed;
    this.#generation += 1;
    this.#waiting?.reject(new AppError('ERR_SIGN_IN_REQUIRED'));
    this.#held.hold(undefined);
    this.#ahead.cancel();
    this.#backOff.clear();
    this.#options.state.remove(this.#options.key);
    if (this.#options.signInSilently !== undefined) this.#options.state.update(this.#options.key, { signedOut: true });
    this.#options.state.forgetFailure();
    this.#options.onSignInChanged();
    return removed;
  }

  /** Stops refreshing ahead. Resolves when the refresh in flight has ended and its record is stored, or can't be. */
  async stop(): Promise<void> {
    this.#ahead.stop();
    await this.#inFlight?.catch(() => undefined);
    await this.#options.records.flush();
  }

  /** @param isSecond another program has replaced the record that was refreshed first */
  async #refreshOnce(options: RefreshOptions, isSecond = false): Promise<AccessToken> {
    const { clock, log, records } = this.#options;
    const generation = this.#generation;
    const record = await this.#loadRecord();
    this.#backOff.beginTry(options.urgent);
    const startedAt = clock.monotonic();
    try {
      const grant = await this.#askForGrant(record);
      log.info('token-refreshed', {
        durationMs: Math.round(clock.monotonic() - startedAt),
        lifetimeMs: grant.lifetimeMs,
      });
      const wasReminded = this.#state().remindedAt !== undefined;
      const token =
        record === undefined
          ? await this.#take(grant, generation, afterSignIn, (next) => this.#keepUnasked(next))
          : await this.#take(grant, generation, afterRefresh, (next) => records.rotate(record, next));
      // What the user was asked to do isn't needed after all.
      if (wasReminded) this.#options.onSignInChanged();
      return token;
    } catch (thrown) {
      const isReplaced =
        thrown instanceof RecordReplaced ||
        (generation === this.#generation && (await this.#onFailure(toAppError(thrown), record)) === 'replaced');
      if (!isReplaced || isSecond) throw thrown;
      this.#held.hold(undefined);
      return this.#refreshOnce(options, true);
    }
  }

  #askForGrant(record: SignInRecord | undefined): Promise<TokenGrant> {
    const { source, signInSilently } = this.#options;
    if (record !== undefined) return source.refresh(record, { replaces: this.#held.last?.value });
    return signInSilently?.() ?? Promise.reject(new AppError('ERR_SIGN_IN_REQUIRED'));
  }

  /** A sign-out that's in progress came first. */
  #keepUnasked(record: SignInRecord): Promise<boolean> {
    if (this.#isForgetting) throw new AppError('ERR_SIGN_IN_REQUIRED');
    return this.#options.records.keep(record);
  }

  /** Only if someone has asked for a token, and not before a user who signed out starts a session. */
  #maySignInSilently(): boolean {
    const { signedOut, lastAskedAt } = this.#state();
    return this.#options.signInSilently !== undefined && signedOut !== true && lastAskedAt !== undefined;
  }

  #loadRecord(): Promise<SignInRecord | undefined> {
    return this.#record.load((stored) => {
      this.#ahead.keystoreAnswered();
      // Someone has deleted the entry, if there was one.
      if (stored === undefined) this.#held.hold(undefined);
    });
  }

  /** @throws AppError ERR_SIGN_IN_REQUIRED if someone signs in or out meanwhile; the callers have been settled then. */
  async #take(
    grant: TokenGrant,
    generation: number,
    remember: typeof afterSignIn | typeof afterRefresh,
    keep: (record: SignInRecord) => Promise<boolean>,
  ): Promise<AccessToken> {
    const { clock, state, key } = this.#options;
    const token: AccessToken = {
      value: grant.accessToken,
      username: grant.record.username,
      minted: instant(clock),
      lifetimeMs: grant.lifetimeMs,
    };
    // A sign-in or a sign-out came first.
    if (generation !== this.#generation) throw new AppError('ERR_SIGN_IN_REQUIRED');
    // A sign-in is stored before its token is handed out. If the keystore hangs, callers don't wait for it long, and
    // the write continues.
    const isKept = await waitForKeystore(keep(grant.record));
    if (generation !== this.#generation) throw new AppError('ERR_SIGN_IN_REQUIRED');
    if (isKept === false) throw new RecordReplaced();
    this.#held.hold(token);
    this.#failureLogged = false;
    this.#backOff.clear();
    this.#record.solved();
    state.update(key, {
      ...remember(this.#state(), grant, clock.now()),
      lastGrantAt: clock.now(),
      username: grant.record.username,
      ended: undefined,
      claims: undefined,
      remindedAt: undefined,
      signedOut: undefined,
    });
    state.noteRecovery(clock.now());
    this.#ahead.granted(grant.lifetimeMs, grant.refreshInMs);
    return token;
  }

  /** @returns `replaced` if the refresh token is dead and another program has already stored a different one */
  async #onFailure(error: AppError, record: SignInRecord | undefined): Promise<'replaced' | undefined> {
    const { clock, log, records, state, key } = this.#options;
    if (error.claims !== undefined) state.update(key, { claims: error.claims });
    if (record === undefined || isBrokerRecord(record)) this.#brokerFailures += 1;
    const fields = failureFields(error);
    if (record !== undefined && isRefreshTokenDead(error)) {
      // The current access token works until it expires.
      log.warn('sign-in-ended', fields);
      const at = clock.now();
      const isKept = await waitForKeystore(records.end(record, error, at));
      this.#backOff.clear();
      if (isKept === false) return 'replaced';
      if (endReasonOf(error.detail) === 'too-old') state.update(key, afterTooOld(this.#state(), at));
      this.#noteFailure(error);
      this.#record.ended(error, record.username, at);
      return undefined;
    }
    this.#noteFailure(error);
    const token = this.current();
    const { attempt, delayMs } = this.#backOff.failed(error, token === undefined ? 0 : this.remainingMs(token));
    if (record !== undefined && needsUser(error, attempt)) this.#options.onSignInNeeded(record.username);
    // Once, not at every try, while the current token still works.
    if (token === undefined || !this.#failureLogged) log.warn('refresh-failed', { ...fields, attempt, delayMs });
    this.#failureLogged = true;
    this.#ahead.failed(delayMs);
    return undefined;
  }

  /** As one that no one waits for; the request that it fails says whose it was. */
  #noteFailure(error: AppError): void {
    this.#options.state.noteFailure({ client: 'refresh-ahead' }, error, this.#options.clock.now());
  }

  #state() {
    return this.#options.state.get(this.#options.key);
  }
}

/** Whether to tell the user. What Entra doesn't accept now may pass on its own, but not if it stays. */
function needsUser({ code }: AppError, attempt: number): boolean {
  return code === 'ERR_SIGN_IN_STEP_REQUIRED' || (code === 'ERR_SIGN_IN_REFUSED' && attempt >= 2);
}

/** Another program has stored a different record than the one that was refreshed. */
class RecordReplaced extends Error {}
