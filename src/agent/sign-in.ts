// One sign-in at a time for everybody who asks: device code, prompt page, browser, and who waits for the outcome.
import { EventEmitter } from 'node:events';
import type { Clock } from '../core/clock.ts';
import { type AppError, errorCatalog, toAppError } from '../core/errors.ts';
import { causeOf, type EventLog, failureFields } from '../core/event-log.ts';
import type { TokenGrant, TokenSource } from '../entra/token-source.ts';
import type { SignInProgress } from '../ipc/protocol.ts';
import type { PromptState, PromptView } from '../prompt/prompt-state.ts';
import type { AccessToken } from './token-keeper.ts';

/** The page as the coordinator needs it; `prompt-server.ts` is the real one. */
export interface Prompt {
  start(): Promise<void>;
  /** A fresh one-time address of the page. */
  newUrl(): string;
  /** Milliseconds since a page last asked for the state. */
  lastSeen(): number | undefined;
  close(): Promise<void>;
}

export interface PromptCallbacks {
  state(): PromptView;
  onNewCode(): void;
  onCancel(): void;
}

export interface SignInOptions {
  readonly source: TokenSource;
  readonly clock: Clock;
  readonly log: EventLog;
  /** Takes over the grant; rejects when this account may not be used. */
  readonly adopt: (grant: TokenGrant) => Promise<AccessToken>;
  readonly openPrompt: (callbacks: PromptCallbacks) => Prompt;
  /** Resolves to false when no browser could be opened. */
  readonly openUrl: (url: string) => Promise<boolean>;
  readonly organizationName?: string | undefined;
  readonly accountHint?: string | undefined;
}

interface Run {
  readonly abort: AbortController;
  readonly outcome: Promise<AccessToken>;
}

/** A page polls every second or so; one that has been silent this long is closed. */
const PAGE_ALIVE_MS = 10_000;
/** A browser needs a moment to start; until then another helper must not open a second window. */
const BROWSER_START_MS = 15_000;
const BLOCKED_TITLE = 'Your organization has to allow this';
/** How long the page outlives the sign-in while somebody looks at it, and while nobody does. */
const LINGER_MS = 60_000;
const LINGER_MAX_MS = 3_600_000;

export class SignIn {
  readonly #options: SignInOptions;
  readonly #events = new EventEmitter<{ progress: [SignInProgress] }>();
  #state: PromptState = { state: 'starting' };
  #progress: SignInProgress = { state: 'starting' };
  #run: Run | undefined;
  #prompt: Prompt | undefined;
  #promptReady: Promise<void> = Promise.resolve();
  #openedAt: number | undefined;
  #browserOpened = false;
  #linger: NodeJS.Timeout | undefined;

  constructor(options: SignInOptions) {
    this.#options = options;
    this.#events.setMaxListeners(0);
  }

  get pending(): boolean {
    return this.#run !== undefined;
  }

  /**
   * Starts a sign-in, or joins the one that is open; opens the prompt unless a page is already there to see it.
   * Resolves when somebody has signed in.
   * @throws AppError ERR_SIGN_IN_*, exit 3, 7 or 9 codes.
   */
  request(options: { readonly openBrowser: boolean; readonly claims?: string | undefined }): Promise<AccessToken> {
    this.#run ??= this.#begin(options.claims);
    if (options.openBrowser) void this.#show();
    return this.#run.outcome;
  }

  /** Calls back with the present progress and every later one; returns the function that ends this. */
  follow(listener: (progress: SignInProgress) => void): () => void {
    listener(this.#progress);
    this.#events.on('progress', listener);
    return () => this.#events.off('progress', listener);
  }

  cancel(): void {
    this.#run?.abort.abort();
  }

  /** Ends an open sign-in and closes the page. */
  async stop(): Promise<void> {
    this.cancel();
    clearTimeout(this.#linger);
    await this.#prompt?.close();
    this.#prompt = undefined;
  }

  #begin(claims: string | undefined): Run {
    const abort = new AbortController();
    // A page that said "signed in" is on its way out; this sign-in needs one of its own.
    if (this.#state.state === 'signed-in') this.#dropPrompt();
    this.#setProgress({ state: 'starting' });
    this.#state = { state: 'starting' };
    this.#options.log.info('sign-in-started');
    const outcome = this.#signIn(abort.signal, claims).finally(() => {
      this.#run = undefined;
      this.#waitForLastLook(this.#options.clock.monotonic());
    });
    // Everybody may have hung up by the time it fails.
    outcome.catch(() => undefined);
    return { abort, outcome };
  }

  async #signIn(signal: AbortSignal, claims: string | undefined): Promise<AccessToken> {
    const { source, adopt, clock, log } = this.#options;
    try {
      const grant = await source.signInWithDeviceCode({
        signal,
        claims,
        onAuthorization: ({ userCode, verificationUri, expiresInMs }) => {
          this.#state = { state: 'waiting', userCode, verificationUri, expiresAt: clock.now() + expiresInMs };
          this.#setProgress({
            state: 'waiting',
            userCode,
            verificationUri,
            expiresInMs,
            browserOpened: this.#browserOpened,
          });
        },
      });
      const token = await adopt(grant);
      this.#state = { state: 'signed-in', username: token.username };
      log.info('signed-in');
      return token;
    } catch (thrown) {
      const error = toAppError(thrown);
      this.#state = promptStateOf(error);
      log.warn('sign-in-failed', failureFields(error));
      throw error;
    }
  }

  #setProgress(progress: SignInProgress): void {
    this.#progress = progress;
    this.#events.emit('progress', progress);
  }

  async #show(): Promise<void> {
    const { clock, log, openUrl } = this.#options;
    if (this.#pageIsThere()) return;
    this.#openedAt = clock.monotonic();
    try {
      const prompt = await this.#openPrompt();
      this.#browserOpened = await openUrl(prompt.newUrl());
    } catch (thrown) {
      this.#browserOpened = false;
      log.error('prompt-failed', { cause: causeOf(thrown) });
    }
    if (!this.#browserOpened) log.warn('browser-not-opened');
    if (this.#progress.state === 'waiting')
      this.#setProgress({ ...this.#progress, browserOpened: this.#browserOpened });
  }

  #pageIsThere(): boolean {
    const seen = this.#prompt?.lastSeen();
    if (seen !== undefined && seen < PAGE_ALIVE_MS) return true;
    return this.#openedAt !== undefined && this.#options.clock.monotonic() - this.#openedAt < BROWSER_START_MS;
  }

  async #openPrompt(): Promise<Prompt> {
    clearTimeout(this.#linger);
    if (this.#prompt === undefined) {
      this.#prompt = this.#options.openPrompt({
        state: () => ({
          state: this.#state,
          language: 'en',
          ...(this.#options.organizationName === undefined ? {} : { organizationName: this.#options.organizationName }),
          ...(this.#options.accountHint === undefined ? {} : { accountHint: this.#options.accountHint }),
        }),
        // The click is the gesture that permits polling anew.
        onNewCode: () => void this.request({ openBrowser: false }).catch(() => undefined),
        onCancel: () => this.cancel(),
      });
      this.#promptReady = this.#prompt.start();
    }
    const prompt = this.#prompt;
    await this.#promptReady;
    return prompt;
  }

  /** Closes the page's server once nobody has looked for a while. */
  #waitForLastLook(endedAt: number): void {
    clearTimeout(this.#linger);
    this.#linger = setTimeout(() => {
      const seen = this.#prompt?.lastSeen();
      const tooLong = this.#options.clock.monotonic() - endedAt > LINGER_MAX_MS;
      if (this.#run !== undefined) return;
      if (seen !== undefined && seen < LINGER_MS && !tooLong) {
        this.#waitForLastLook(endedAt);
        return;
      }
      this.#dropPrompt();
    }, LINGER_MS);
    this.#linger.unref();
  }

  #dropPrompt(): void {
    const prompt = this.#prompt;
    this.#prompt = undefined;
    this.#openedAt = undefined;
    void prompt?.close();
  }
}

/** What the page says about a failure: every error has its place, and the admin's remedy with it. */
export function promptStateOf(error: AppError): PromptState {
  switch (error.code) {
    case 'ERR_SIGN_IN_DECLINED':
      return { state: 'declined' };
    case 'ERR_SIGN_IN_CODE_EXPIRED':
      return { state: 'expired' };
    case 'ERR_SIGN_IN_CANCELLED':
      return { state: 'cancelled' };
    default: {
      const { code, message, correlationId } = error;
      const { hint, retryable, exit } = errorCatalog[code];
      const trace = correlationId === undefined ? {} : { correlationId };
      // Only an admin can help with policy and configuration; anything else may pass by itself.
      if (exit === 9 || exit === 3)
        return { state: 'blocked', title: BLOCKED_TITLE, message, remedy: hint, code, ...trace };
      return { state: 'failed', message, remedy: hint, code, retryable, ...trace };
    }
  }
}
