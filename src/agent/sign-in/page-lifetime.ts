import type { Clock } from '../../core/clock.ts';
import { causeOf, type EventLog } from '../../log/event-log.ts';
import type { CallerSession } from '../../platform/caller-session.ts';
import type { PageContent, PageState } from '../../sign-in-page/page-state.ts';
import type { PageRecall } from './page-recall.ts';

/** What a sign-in needs from the page. `sign-in-page` has the real one. */
export interface SignInPage {
  start(): Promise<void>;
  /** A fresh one-time address of the page. */
  newUrl(): string;
  /** Where Microsoft's page sends the browser back to. */
  redirectUri(): string;
  /** Resolves with the parameters of the one redirect that carries `state`. @throws AppError when the signal aborts. */
  redirect(state: string, signal: AbortSignal): Promise<Readonly<Record<string, string>>>;
  /** Milliseconds since a page last asked for the state. */
  lastSeen(): number | undefined;
  /** The same for pages that haven't said that they're hidden. */
  lastVisible(): number | undefined;
  close(): Promise<void>;
}

export interface SignInPageCallbacks {
  state(): PageContent;
  onNewCode(): void;
  onUseBrowser(): void;
  onContinue(): void;
  onCancel(): void;
  onShown(state: PageState, isVisible: boolean): void;
}

/** Opens a browser in a session. Resolves to false if none could be opened. */
export type OpenUrl = (url: string, session: CallerSession | undefined) => Promise<boolean>;

export interface PageLifetimeOptions {
  readonly clock: Clock;
  readonly log: EventLog;
  readonly createPage: () => SignInPage;
  readonly openUrl: OpenUrl;
  readonly recall: PageRecall;
}

/**
 * Where the page is for the user: `in-sight`, or about to be; `out-of-sight`, behind other windows or tabs, or never
 * loaded by the browser; `closed`; `not-open`, if this sign-in hasn't opened one yet.
 */
type Whereabouts = 'in-sight' | 'out-of-sight' | 'closed' | 'not-open';

/**
 * A visible page polls about once a second. If it's been silent this long, it's closed. A hidden one may be silent for
 * a minute, because browsers throttle it.
 */
const PAGE_ALIVE_MS = 10_000;
/** A browser needs a moment to start; until then another helper must not open a second window. */
const BROWSER_START_MS = 15_000;
/** A user on Microsoft's page doesn't need a second window with this one. */
const AT_MICROSOFT_MS = 30_000;
/** How long the page stays after the sign-in if it has a button, such as "Get a new code". */
const OFFERS_MS = 10 * 60_000;
/** The same if it offers to renew a sign-in. Someone may see it only after a meeting. */
const RENEWAL_OFFER_MS = 60 * 60_000;
/** How long it stays if it only says how the sign-in ended. A hidden page asks for that once a minute. */
const FINAL_MS = 90_000;
/** What a page that shows how the sign-in ended needs to load its style and logo. */
const SHOWN_MS = 5_000;

/**
 * Owns the page: at most one is served. It opens when a sign-in needs it or someone should see it. It closes on `close`
 * or, after the sign-in, as soon as there's nothing left to show (RFC 8252 section 8.3).
 */
export class PageLifetime {
  readonly #options: PageLifetimeOptions;
  #page: SignInPage | undefined;
  #ready: Promise<void> = Promise.resolve();
  /** A page that hasn't asked since still shows how the last sign-in ended. */
  #askedAnewAt: number | undefined;
  /** Whether a browser was started for this sign-in. */
  #isOpened = false;
  #openedAt: number | undefined;
  #leftAt: number | undefined;
  #linger: NodeJS.Timeout | undefined;

  constructor(options: PageLifetimeOptions) {
    this.#options = options;
  }

  /** Serves the page, if it isn't served yet. @throws AppError ERR_INTERNAL if the system has no port. */
  async serve(): Promise<SignInPage> {
    clearTimeout(this.#linger);
    if (this.#page === undefined) {
      this.#page = this.#options.createPage();
      this.#ready = this.#page.start();
    }
    const page = this.#page;
    try {
      await this.#ready;
    } catch (thrown) {
      if (this.#page === page) this.#page = undefined;
      throw thrown;
    }
    return page;
  }

  /**
   * Brings the page to the user unless they see it: opens a browser, or recalls a page that's open already. Resolves to
   * whether a browser opened; undefined if none was needed.
   */
  async show(session?: CallerSession): Promise<boolean | undefined> {
    const { recall } = this.#options;
    const open = () => this.#open(session);
    switch (this.#whereabouts()) {
      case 'in-sight':
        return undefined;
      case 'out-of-sight':
        return recall.remind(session, open);
      case 'closed':
        return recall.reopen(open);
      case 'not-open':
        return open();
    }
  }

  async #open(session: CallerSession | undefined): Promise<boolean> {
    const { clock, log, openUrl } = this.#options;
    this.#isOpened = true;
    this.#openedAt = clock.monotonic();
    let opened = false;
    try {
      const page = await this.serve();
      opened = await openUrl(page.newUrl(), session);
    } catch (thrown) {
      log.error('prompt-failed', { cause: causeOf(thrown) });
    }
    if (!opened) log.warn('browser-not-opened');
    // Another session may have a browser.
    this.#isOpened = opened;
    return opened;
  }

  /** The user sees the page. */
  seen(): void {
    this.#options.recall.withdraw();
  }

  /** The user continued from this page to Microsoft's. */
  left(): void {
    this.#leftAt = this.#options.clock.monotonic();
  }

  /**
   * A sign-in starts: an open page stays until `closeLater`, and the user is expected there. `isAsking`: it still asks
   * for news. Otherwise it only counts as open once it does.
   */
  keep(isAsking: boolean): void {
    clearTimeout(this.#linger);
    if (!isAsking) {
      this.#askedAnewAt = this.#options.clock.monotonic();
      this.#isOpened = false;
    }
    this.#leftAt = undefined;
  }

  /** The sign-in has ended. `isFinal`: the page has nothing to offer, so it closes once that has been shown. */
  closeLater(isFinal: boolean): void {
    this.#options.recall.withdraw();
    this.#dropAfter(isFinal ? FINAL_MS : OFFERS_MS);
  }

  /** The page offers a sign-in that no one has asked for. It stays as long as a notification would. */
  closeAfterOffer(): void {
    this.#dropAfter(RENEWAL_OFFER_MS);
  }

  /** A page shows how the sign-in ended, and that it's over. */
  shownFinal(): void {
    this.#dropAfter(SHOWN_MS);
  }

  #dropAfter(ms: number): void {
    clearTimeout(this.#linger);
    this.#linger = setTimeout(() => this.drop(), ms).unref();
  }

  /** Closes the page; the next one has another address. */
  drop(): void {
    void this.close();
  }

  async close(): Promise<void> {
    clearTimeout(this.#linger);
    const page = this.#page;
    this.#page = undefined;
    this.#openedAt = undefined;
    this.#isOpened = false;
    this.#leftAt = undefined;
    this.#options.recall.withdraw();
    await page?.close();
  }

  #whereabouts(): Whereabouts {
    const now = this.#options.clock.monotonic();
    const ago = (at: number | undefined): number => (at === undefined ? Number.POSITIVE_INFINITY : now - at);
    // What a page said before this sign-in began says nothing about it.
    const sinceAsked = (ms: number | undefined): number =>
      ms !== undefined && ms < ago(this.#askedAnewAt) ? ms : Number.POSITIVE_INFINITY;
    const seen = this.#page?.lastSeen() ?? Number.POSITIVE_INFINITY;
    const visible = sinceAsked(this.#page?.lastVisible());
    if (visible < PAGE_ALIVE_MS || ago(this.#leftAt) < AT_MICROSOFT_MS) return 'in-sight';
    // If the page has been seen since it was opened, it's no longer on its way.
    if (ago(this.#openedAt) < BROWSER_START_MS && seen >= ago(this.#openedAt)) return 'in-sight';
    if (sinceAsked(seen) < PAGE_ALIVE_MS) return 'out-of-sight';
    if (!this.#isOpened) return 'not-open';
    return visible === Number.POSITIVE_INFINITY ? 'out-of-sight' : 'closed';
  }
}
