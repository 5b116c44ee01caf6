// One sign-in at a time for everybody who asks: its method, the prompt page, the browser, and who waits for the outcome.
import { EventEmitter } from 'node:events';
import type { Clock } from '../../core/clock.ts';
import { AppError, toAppError } from '../../core/errors.ts';
import type { SignInMethod } from '../../core/sign-in-method.ts';
import type { TokenGrant, TokenSource } from '../../entra/token-source.ts';
import type { SignInProgress } from '../../ipc/protocol.ts';
import { type EventLog, failureFields } from '../../log/event-log.ts';
import type { PageLogo, PageState } from '../../sign-in-page/page-state.ts';
import type { AccessToken } from '../tokens/token-refresher.ts';
import { PageLifetime, type SignInPage, type SignInPageCallbacks } from './page-lifetime.ts';
import { pageStateOf } from './page-state-of.ts';

export interface SignInOptions {
  readonly source: TokenSource;
  readonly clock: Clock;
  readonly log: EventLog;
  /** Takes over the grant; rejects when this account may not be used. */
  readonly adopt: (grant: TokenGrant) => Promise<AccessToken>;
  readonly openPage: (callbacks: SignInPageCallbacks) => SignInPage;
  /** Resolves to false when no browser could be opened. */
  readonly openUrl: (url: string) => Promise<boolean>;
  /** As configured; a request may ask for another one. */
  readonly method: SignInMethod;
  /** Whether the page may offer the browser where a policy refuses codes. */
  readonly isBrowserAllowed: boolean;
  readonly organizationName?: string | undefined;
  /** Asked for once a sign-in. */
  readonly readLogo?: () => PageLogo | undefined;
  readonly accountHint?: string | undefined;
  /** What Entra wanted of the next sign-in when it last refused a refresh, also before the agent's last start. */
  readonly wantedClaims?: () => string | undefined;
  /** Keeps what Entra wanted at the end of a sign-in for the next one, whoever begins it. */
  readonly keepClaims?: (claims: string) => void;
}

export interface SignInRequest {
  readonly openBrowser: boolean;
  readonly claims?: string | undefined;
  /** Absent: that of the sign-in that is open, else as configured. */
  readonly method?: SignInMethod | undefined;
  /** Aborted when whoever asks hangs up, who then no longer wants it. Absent: wanted whatever becomes of the asker. */
  readonly leaves?: AbortSignal | undefined;
}

/** Who wants the sign-in; it passes on when another method takes the open one's place. */
interface Interest {
  waiting: number;
  stays: boolean;
}

interface Attempt {
  readonly method: SignInMethod;
  readonly claims: string | undefined;
}

interface Run extends Attempt {
  readonly abort: AbortController;
  readonly interest: Interest;
  readonly outcome: Promise<AccessToken>;
}

/** Why a sign-in by one method was aborted: whoever waits for it now waits for this outcome. */
class Replaced {
  readonly outcome: Promise<AccessToken>;

  constructor(outcome: Promise<AccessToken>) {
    this.outcome = outcome;
  }
}

/** As long as a device code lives. Without a limit, a user who closed the browser would leave it open for ever. */
const BROWSER_SIGN_IN_MS = 15 * 60_000;

export class SignIn {
  readonly #options: SignInOptions;
  readonly #window: PageLifetime;
  readonly #events = new EventEmitter<{ progress: [SignInProgress] }>();
  #state: PageState = { state: 'starting' };
  #progress: SignInProgress = { state: 'starting' };
  #run: Run | undefined;
  #lastAttempt: Attempt;
  /** Where the browser is signed in with another account than the configured one, the user must be asked. */
  #selectAccount = false;
  /** Whether a browser could be opened; undefined until that has been tried. */
  #browserOpened: boolean | undefined;

  constructor(options: SignInOptions) {
    this.#options = options;
    this.#lastAttempt = { method: options.method, claims: undefined };
    const { clock, log, openUrl, openPage } = options;
    this.#window = new PageLifetime({ clock, log, openUrl, createPage: () => openPage(this.#callbacks()) });
    this.#events.setMaxListeners(0);
  }

  get pending(): boolean {
    return this.#run !== undefined;
  }

  /**
   * Starts a sign-in, or joins the one that is open; opens the prompt unless a page is already there to see it. A
   * request for another method takes the place of the open one, and all who wait for that one wait on. It ends when
   * all who wanted it have hung up.
   * Resolves when somebody has signed in.
   * @throws AppError ERR_SIGN_IN_*, exit 3, 7 or 9 codes.
   */
  request({ openBrowser, claims, method, leaves }: SignInRequest): Promise<AccessToken> {
    const open = this.#run;
    const joins = open !== undefined && (method === undefined || method === open.method);
    const interest = open?.interest ?? { waiting: 0, stays: false };
    const run = joins
      ? open
      : this.#begin(
          { method: method ?? this.#options.method, claims: claims ?? open?.claims ?? this.#options.wantedClaims?.() },
          interest,
        );
    this.#run = run;
    this.#note(interest, leaves);
    if (!joins) open?.abort.abort(new Replaced(run.outcome));
    if (openBrowser) void this.#show();
    return run.outcome;
  }

  /** Calls back with the present progress and every later one; returns the function that ends this. */
  follow(listener: (progress: SignInProgress) => void): () => void {
    listener(this.#progress);
    this.#events.on('progress', listener);
    return () => this.#events.off('progress', listener);
  }

  #note(interest: Interest, leaves: AbortSignal | undefined): void {
    if (leaves === undefined) {
      interest.stays = true;
      return;
    }
    interest.waiting += 1;
    const onLeave = (): void => {
      interest.waiting -= 1;
      if (interest.waiting === 0 && !interest.stays && this.#run?.interest === interest) this.cancel();
    };
    leaves.addEventListener('abort', onLeave, { once: true });
    if (leaves.aborted) onLeave();
  }

  cancel(): void {
    this.#run?.abort.abort();
  }

  /** Ends an open sign-in and closes the page. */
  async stop(): Promise<void> {
    this.cancel();
    await this.#window.close();
  }

  #begin(attempt: Attempt, interest: Interest): Run {
    const abort = new AbortController();
    // A page that said "signed in" is on its way out; this sign-in needs one of its own.
    if (this.#state.state === 'signed-in') this.#window.drop();
    this.#window.keep();
    this.#lastAttempt = attempt;
    this.#setProgress({ state: 'starting' });
    this.#state = { state: 'starting' };
    this.#options.log.info('sign-in-started', { context: attempt.method });
    const outcome = this.#signIn(attempt, abort.signal).finally(() => {
      if (this.#run !== run) return;
      this.#run = undefined;
      this.#window.closeUnseen();
    });
    const run: Run = { ...attempt, abort, interest, outcome };
    // Everybody may have hung up by the time it fails.
    outcome.catch(() => undefined);
    return run;
  }

  async #signIn(attempt: Attempt, signal: AbortSignal): Promise<AccessToken> {
    const { adopt, log, isBrowserAllowed } = this.#options;
    let username: string | undefined;
    try {
      const grant = await (attempt.method === 'browser'
        ? this.#signInWithBrowser(attempt.claims, signal)
        : this.#signInWithDeviceCode(attempt.claims, signal));
      username = grant.record.username;
      const token = await adopt(grant);
      this.#selectAccount = false;
      this.#state = { state: 'signed-in', username: token.username };
      log.info('signed-in');
      return token;
    } catch (thrown) {
      const reason: unknown = signal.reason;
      if (reason instanceof Replaced) return reason.outcome;
      const error = toAppError(thrown);
      // A challenge at the end of a sign-in is for the next one.
      if (error.claims !== undefined) {
        this.#lastAttempt = { ...attempt, claims: error.claims };
        this.#options.keepClaims?.(error.claims);
      }
      if (error.code === 'ERR_SIGN_IN_OTHER_ACCOUNT') this.#selectAccount = true;
      this.#state =
        this.#otherAccount(error, attempt, username) ??
        pageStateOf(error, { method: attempt.method, isBrowserAllowed });
      log.warn('sign-in-failed', failureFields(error));
      throw error;
    }
  }

  #otherAccount({ code }: AppError, { method }: Attempt, username: string | undefined): PageState | undefined {
    const { accountHint: expected } = this.#options;
    if (code !== 'ERR_SIGN_IN_OTHER_ACCOUNT' || username === undefined || expected === undefined) return undefined;
    return { state: 'other-account', username, expected, ...(method === 'browser' ? { method } : {}) };
  }

  #signInWithDeviceCode(claims: string | undefined, signal: AbortSignal): Promise<TokenGrant> {
    return this.#options.source.signInWithDeviceCode({
      signal,
      claims,
      onAuthorization: ({ userCode, verificationUri, expiresInMs }) => {
        const expiresAt = this.#options.clock.now() + expiresInMs;
        this.#state = { state: 'waiting', userCode, verificationUri, expiresAt };
        const progress = { state: 'waiting', userCode, verificationUri, expiresInMs } as const;
        this.#setProgress(withBrowserOpened(progress, this.#browserOpened));
      },
    });
  }

  async #signInWithBrowser(claims: string | undefined, signal: AbortSignal): Promise<TokenGrant> {
    const prompt = await this.#window.serve();
    const expiry = new AbortController();
    const timer = setTimeout(() => expiry.abort(new AppError('ERR_SIGN_IN_CODE_EXPIRED')), BROWSER_SIGN_IN_MS);
    timer.unref();
    const bounded = AbortSignal.any([signal, expiry.signal]);
    try {
      return await this.#options.source.signInWithBrowser({
        signal: bounded,
        claims,
        loginHint: this.#options.accountHint,
        selectAccount: this.#selectAccount,
        redirectUri: prompt.redirectUri(),
        authorize: async ({ url, state }) => {
          this.#state = { state: 'browser', authorizationUrl: url };
          this.#setProgress(withBrowserOpened({ state: 'browser' }, this.#browserOpened));
          const response = await prompt.redirect(state, bounded);
          this.#state = { state: 'finishing' };
          return response;
        },
      });
    } finally {
      clearTimeout(timer);
    }
  }

  #setProgress(progress: SignInProgress): void {
    this.#progress = progress;
    this.#events.emit('progress', progress);
  }

  async #show(): Promise<void> {
    const browserOpened = await this.#window.show();
    if (browserOpened === undefined) return;
    this.#browserOpened = browserOpened;
    if (this.#progress.state !== 'starting') this.#setProgress({ ...this.#progress, browserOpened });
  }

  #callbacks(): SignInPageCallbacks {
    const { organizationName, accountHint, readLogo } = this.#options;
    const logo = readLogo?.();
    return {
      state: () => ({
        state: this.#state,
        ...(organizationName === undefined ? {} : { organizationName }),
        ...(accountHint === undefined ? {} : { accountHint }),
        ...(logo === undefined ? {} : { logo }),
      }),
      // The click is the gesture that permits polling anew.
      onNewCode: () => this.#again(this.#lastAttempt),
      onUseBrowser: () => this.#again({ ...this.#lastAttempt, method: 'browser' }),
      onContinue: () => this.#window.left(),
      onCancel: () => this.cancel(),
    };
  }

  #again(attempt: Attempt): void {
    void this.request({ openBrowser: false, ...attempt }).catch(() => undefined);
  }
}

function withBrowserOpened(
  progress: Exclude<SignInProgress, { state: 'starting' }>,
  browserOpened: boolean | undefined,
): SignInProgress {
  return browserOpened === undefined ? progress : { ...progress, browserOpened };
}
