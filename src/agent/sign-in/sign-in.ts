import type { Clock } from '../../core/clock.ts';
import { AppError, toAppError } from '../../core/errors.ts';
import type { SignInMethod } from '../../core/sign-in-method.ts';
import type { TokenGrant, TokenSource } from '../../entra/token-source.ts';
import type { SignInProgress } from '../../ipc/protocol.ts';
import { type EventLog, failureFields } from '../../log/event-log.ts';
import type { CallerSession } from '../../platform/caller-session.ts';
import {
  changesByItself,
  isFinal,
  type PageLogo,
  type PageState,
  type PreviousSignIn,
} from '../../sign-in-page/page-state.ts';
import type { AccessToken } from '../tokens/held-token.ts';
import type { ForeseenEnd } from '../tokens/sign-in-life.ts';
import { askMicrosoft } from './ask-microsoft.ts';
import { AutomaticRetry } from './automatic-retry.ts';
import { type OpenUrl, PageLifetime, type SignInPage, type SignInPageCallbacks } from './page-lifetime.ts';
import type { PageRecall } from './page-recall.ts';
import { ProgressFeed } from './progress-feed.ts';
import { type Attempt, type Beginning, Replaced, type Run, type Try } from './run.ts';
import { pageStateOf, progressOf, type SignInState, withConnection } from './sign-in-state.ts';
import { Waiters } from './waiters.ts';

export interface SignInOptions {
  readonly source: TokenSource;
  readonly clock: Clock;
  readonly log: EventLog;
  /** Takes over the grant. Rejects if this account may not be used. */
  readonly adopt: (grant: TokenGrant) => Promise<AccessToken>;
  readonly openPage: (callbacks: SignInPageCallbacks) => SignInPage;
  readonly openUrl: OpenUrl;
  readonly recall: PageRecall;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** The configured method. A request may ask for another one. */
  readonly method: SignInMethod;
  /** Whether the page may offer the browser if a policy refuses codes. */
  readonly isBrowserAllowed: boolean;
  /** Called once for each sign-in that ends, unless another one has replaced it. */
  readonly onEnd?: ((error?: AppError) => void) | undefined;
  readonly organizationName?: string | undefined;
  /** Called once per page. */
  readonly readLogo?: () => PageLogo | undefined;
  readonly accountHint?: string | undefined;
  /** The address that opens Claude Desktop, if this computer has one. Called once per page. Never rejects. */
  readonly findClaudeUrl?: () => Promise<string | undefined>;
  /** Why the sign-in before this one no longer works, for the page. */
  readonly previous?: () => PreviousSignIn | undefined;
  /** The claims that Entra asked for when it last refused a refresh, even before the agent's last start. */
  readonly wantedClaims?: () => string | undefined;
  /** Who is signed in now, for a sign-in that renews theirs. */
  readonly currentAccount?: () => string | undefined;
  /** When the current sign-in will end, if that's known. */
  readonly foreseenEnd?: () => ForeseenEnd | undefined;
  /** Keeps the claims that Entra asked for at the end of a sign-in for the next one. */
  readonly keepClaims?: (claims: string) => void;
}

export interface SignInRequest {
  readonly openBrowser: boolean;
  readonly claims?: string | undefined;
  /** Default: the method of the open sign-in, otherwise the configured one. */
  readonly method?: SignInMethod | undefined;
  /** Aborts when the requester disconnects. If absent, the sign-in continues without its requester. */
  readonly signal?: AbortSignal | undefined;
  /** Where to open the browser. */
  readonly session?: CallerSession | undefined;
  /** It renews a sign-in that still works: Microsoft asks for credentials, and a cancellation changes nothing. */
  readonly renews?: boolean | undefined;
  /** Whether the system's dialog may open. Default: whether a browser may. */
  readonly mayPrompt?: boolean;
  /** Why signing in with the broker failed without a dialog just now. */
  readonly failedSilently?: AppError | undefined;
}

/**
 * The sign-in of one tenant and client. At most one runs at a time, in one state (`SignInState`); everyone who asks
 * joins it. It owns the page and ends with it on `stop`. A sign-in that was canceled is never adopted, however late its
 * grant.
 */
export class SignIn {
  readonly #options: SignInOptions;
  readonly #window: PageLifetime;
  readonly #retry: AutomaticRetry;
  readonly #feed = new ProgressFeed(() => progressOf(this.#state, this.#options.clock.now(), this.#browserOpened));
  #state: SignInState = { step: 'starting' };
  #run: Run | undefined;
  #lastAttempt: Attempt;
  /** As it was when the sign-in began, so that the page doesn't change under its reader. */
  #previous: PreviousSignIn | undefined;
  /** Whether Microsoft should ask for the account, because the browser is signed in with a different one. */
  #selectAccount = false;
  /** Whether the user has canceled a renewal on the page, and so keeps the sign-in there is. */
  #isKept = false;
  /** Whether a browser could be opened. Undefined until it's been tried. */
  #browserOpened: boolean | undefined;

  constructor(options: SignInOptions) {
    this.#options = options;
    this.#lastAttempt = { method: options.method, claims: undefined };
    const { clock, log, openUrl, openPage, recall, random } = options;
    this.#retry = new AutomaticRetry(clock, random);
    this.#window = new PageLifetime({ clock, log, openUrl, recall, createPage: () => openPage(this.#callbacks()) });
  }

  get pending(): boolean {
    return this.#run !== undefined;
  }

  /**
   * Starts a sign-in, or joins the one that is open, and brings its page to the user unless they see it already. A
   * request for another method replaces the open sign-in, and everyone who waits for that one keeps waiting. A sign-in
   * ends when all who wanted it have disconnected.
   * @returns the token, once someone has signed in
   * @throws AppError ERR_SIGN_IN_*, or one that only configuration, policy, or the network can cause
   */
  request({
    openBrowser,
    claims,
    method,
    signal,
    session,
    renews,
    failedSilently,
    mayPrompt = openBrowser,
  }: SignInRequest): Promise<AccessToken> {
    const open = this.#run;
    const joins = open !== undefined && (method === undefined || method === open.method);
    const waiters = open?.waiters ?? new Waiters();
    waiters.allow({ openBrowser, mayPrompt, session });
    const run = joins
      ? open
      : this.#begin(
          {
            method: method ?? this.#options.method,
            claims: claims ?? open?.claims ?? this.#options.wantedClaims?.(),
            renews: renews ?? open?.renews,
          },
          waiters,
          { failedSilently },
        );
    this.#run = run;
    waiters.add(signal, () => {
      if (this.#run?.waiters === waiters) this.cancel();
    });
    if (!joins) open?.abort.abort(new Replaced(run.outcome));
    // The broker needs the page only if it fails.
    if (openBrowser && run.method !== 'broker') void this.#show(session);
    return run.outcome;
  }

  /** Shows the page with the offer to renew a sign-in that still works, unless a sign-in is open. */
  offerRenewal(end: ForeseenEnd, session: CallerSession | undefined): void {
    if (this.#run !== undefined) return;
    this.#window.drop();
    this.#previous = undefined;
    this.#enter({ step: 'ending', end });
    this.#lastAttempt = { method: this.#options.method, claims: this.#options.wantedClaims?.(), renews: true };
    void this.#show(session).finally(() => {
      if (this.#state.step === 'ending') this.#window.closeAfterOffer();
    });
  }

  /** Calls back with the current progress and every later one. Returns the function that ends this. */
  follow(follower: (progress: SignInProgress) => void): () => void {
    return this.#feed.follow(follower);
  }

  /** Ends an open sign-in, and one that would start again automatically. */
  cancel(): void {
    this.#retry.stop();
    this.#run?.abort.abort();
  }

  /** Ends an open sign-in and closes the page. */
  async stop(): Promise<void> {
    this.cancel();
    await this.#window.close();
  }

  /** The page is open, and the network may be back. */
  #retryIfDue(): void {
    const failed = this.#state;
    if (this.#run !== undefined || failed.step !== 'failed' || !this.#retry.isDue) return;
    const waiters = new Waiters();
    waiters.add(undefined);
    waiters.allow({ openBrowser: false, mayPrompt: true });
    this.#run = this.#begin(this.#lastAttempt, waiters, { retryOf: failed });
  }

  #begin(attempt: Attempt, waiters: Waiters, { retryOf, failedSilently }: Beginning): Run {
    const abort = new AbortController();
    // A page that can only say how the last sign-in ended is of no use for this one.
    if (this.#isOver()) this.#window.drop();
    this.#window.keep(changesByItself(this.#pageState()));
    if (retryOf === undefined) this.#retry.stop();
    this.#isKept = false;
    this.#lastAttempt = attempt;
    this.#previous = attempt.renews === true ? undefined : this.#options.previous?.();
    this.#enter({ step: 'starting', ...(retryOf === undefined ? {} : { retryOf }) });
    if (retryOf === undefined) this.#options.log.info('sign-in-started', { context: attempt.method });
    const outcome = this.#signIn({ ...attempt, waiters, failedSilently }, abort.signal).finally(() => {
      if (this.#run !== run) return;
      this.#run = undefined;
      this.#window.closeLater(this.#isOver());
    });
    const run: Run = { ...attempt, abort, waiters, outcome };
    // Everyone may have disconnected by the time it fails.
    outcome.catch(() => undefined);
    return run;
  }

  async #signIn(attempt: Try, signal: AbortSignal): Promise<AccessToken> {
    try {
      const grant = await this.#askMicrosoft(attempt, signal);
      // Someone canceled, or signed out, just before the grant came.
      if (signal.aborted && !(signal.reason instanceof Replaced)) throw new AppError('ERR_SIGN_IN_CANCELLED');
      return await this.#adopt(grant, signal);
    } catch (thrown) {
      const reason: unknown = signal.reason;
      if (reason instanceof Replaced) return reason.outcome;
      const error = toAppError(thrown);
      this.#failed(error, attempt);
      this.#showFailure(error, attempt);
      throw error;
    }
  }

  async #adopt(grant: TokenGrant, signal: AbortSignal): Promise<AccessToken> {
    const adopted = this.#options.adopt(grant);
    const token = await adopted;
    // This one was replaced, but the user completed it: the other one isn't needed anymore.
    if (signal.aborted) this.#run?.abort.abort(new Replaced(adopted));
    this.#selectAccount = false;
    this.#retry.stop();
    this.#enter({ step: 'signed-in', username: token.username });
    this.#options.log.info('signed-in');
    this.#options.onEnd?.();
    return token;
  }

  #failed(error: AppError, attempt: Attempt): void {
    // In the browser, only the user's next click shows whether the network is back.
    if (attempt.method !== 'browser') this.#retry.failed(error);
    const retryOf = this.#state.step === 'starting' ? this.#state.retryOf : undefined;
    if (retryOf?.error.code === error.code) {
      // Nothing new for the user or the log.
      this.#enter(retryOf);
      this.#options.log.debug('sign-in-failed', failureFields(error));
      return;
    }
    if (this.#isKept) {
      this.#keepCurrent();
      return;
    }
    const { log, isBrowserAllowed, keepClaims } = this.#options;
    // A challenge at the end of a sign-in is for the next one.
    if (error.claims !== undefined) {
      this.#lastAttempt = { method: attempt.method, claims: error.claims };
      keepClaims?.(error.claims);
    }
    if (error.code === 'ERR_SIGN_IN_OTHER_ACCOUNT') this.#selectAccount = true;
    this.#enter({ step: 'failed', error, method: attempt.method, isBrowserAllowed });
    log.warn('sign-in-failed', failureFields(error));
    this.#options.onEnd?.(error);
  }

  /** The user doesn't want a new sign-in now, so the one there is stays. */
  #keepCurrent(): void {
    const { clock, log, foreseenEnd } = this.#options;
    this.#enter({ step: 'kept', endsAt: foreseenEnd?.()?.at ?? clock.now() });
    log.info('sign-in-kept');
  }

  #accountHint(): string | undefined {
    const { accountHint, currentAccount } = this.#options;
    return accountHint ?? (this.#lastAttempt.renews === true ? currentAccount?.() : undefined);
  }

  /** The broker's own window is gone, so the page says what happened, unless the user has closed that window. */
  #showFailure({ code }: AppError, { method, waiters: { pageSession } }: Try): void {
    const isUsersChoice = code === 'ERR_SIGN_IN_DECLINED' || code === 'ERR_SIGN_IN_CANCELLED';
    if (method === 'broker' && pageSession !== undefined && !isUsersChoice) void this.#show(pageSession.session);
  }

  #askMicrosoft(
    { method, claims, renews = false, waiters, failedSilently }: Try,
    signal: AbortSignal,
  ): Promise<TokenGrant> {
    const { source, clock } = this.#options;
    return askMicrosoft(method, {
      ...{ source, clock, claims, signal, failedSilently },
      accountHint: this.#accountHint(),
      mayPrompt: () => waiters.mayPrompt,
      selectAccount: this.#selectAccount,
      fresh: renews,
      servePage: () => this.#window.serve(),
      enter: (state) => this.#enter(state),
      onReachable: (isReachable) => {
        if (!signal.aborted) this.#enter(withConnection(this.#state, isReachable));
      },
    });
  }

  #pageState(): PageState {
    return pageStateOf(this.#state, this.#retry.isOn);
  }

  /** Whether the page has nothing more to show than this. */
  #isOver(): boolean {
    return isFinal(this.#pageState());
  }

  #enter(state: SignInState): void {
    this.#state = state;
    this.#feed.tell();
  }

  async #show(session: CallerSession | undefined): Promise<void> {
    const browserOpened = await this.#window.show(session);
    if (browserOpened === undefined) return;
    this.#browserOpened = browserOpened;
    this.#feed.tell();
  }

  #callbacks(): SignInPageCallbacks {
    const { organizationName, readLogo, findClaudeUrl } = this.#options;
    const logo = readLogo?.();
    let claudeUrl: string | undefined;
    void findClaudeUrl?.().then((found) => {
      claudeUrl = found;
    });
    return {
      state: () => ({
        state: this.#pageState(),
        ...(this.#previous === undefined ? {} : { previous: this.#previous }),
        ...(organizationName === undefined ? {} : { organizationName }),
        ...withHint(this.#accountHint()),
        ...(claudeUrl === undefined ? {} : { claudeUrl }),
        ...(logo === undefined ? {} : { logo }),
      }),
      // The click is the user gesture that allows polling again.
      onNewCode: () => this.#again(this.#lastAttempt),
      onUseBrowser: () => this.#again({ ...this.#lastAttempt, method: 'browser' }),
      onContinue: () => this.#window.left(),
      onCancel: () => this.#cancelOnPage(),
      onShown: (state, isVisible) => {
        if (isVisible) this.#window.seen();
        if (isFinal(state)) this.#window.shownFinal();
        else this.#retryIfDue();
      },
    };
  }

  #cancelOnPage(): void {
    this.#isKept = this.#run?.renews === true;
    this.cancel();
    if (this.#state.step !== 'ending') return;
    this.#keepCurrent();
    this.#window.closeLater(this.#isOver());
  }

  #again(attempt: Attempt): void {
    // Someone who clicks wants to see that something happens, even if a try is running already.
    if (this.#run !== undefined && this.#state.step === 'starting') this.#enter({ step: 'starting' });
    void this.request({ openBrowser: false, mayPrompt: true, ...attempt }).catch(() => undefined);
  }
}

function withHint(accountHint: string | undefined): { readonly accountHint?: string } {
  return accountHint === undefined ? {} : { accountHint };
}
