import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Clock, elapsedSince, type Instant, instant } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { causeOf, type EventLog } from '../../log/event-log.ts';
import { LoopbackServer } from '../../platform/loopback-server.ts';
import type { Language } from '../languages/languages.ts';
import { preferredLanguage } from '../languages/preferred-language.ts';
import { clientScript } from '../page/client-script.ts';
import { describeState, type RenderOptions, renderNoticePage, renderPage, renderReturnPage } from '../page/page.ts';
import { style } from '../page/style.ts';
import {
  authorizationUrl,
  offersBrowser,
  offersCancel,
  offersNewCode,
  type PageContent,
  type PageState,
} from '../page-state.ts';
import { RedirectInbox, type RedirectParameters } from './redirect-inbox.ts';
import { content, notFound, notice, ok, type Reply, seeOther, sendReply, wrongMethod } from './reply.ts';
import { cookieValues, redirectRefusalReason, refusalReason } from './request-guard.ts';
import { type PageSession, PageSessions } from './sessions.ts';

export interface SignInPageServerOptions {
  /** Returns what to show now. Called for every request that needs it. */
  readonly state: () => PageContent;
  /** The user asked for a new code. Called only while the page offers that. */
  readonly onNewCode: () => void;
  /** The user wants to sign in without a code. Called only while the page offers that. */
  readonly onUseBrowser: () => void;
  /** The user continues to Microsoft's page and no longer sees this one. */
  readonly onContinue: () => void;
  /** The user canceled. Called only while the page offers that. */
  readonly onCancel: () => void;
  /** A page has loaded this state and shows it. It's visible unless it has said that it's hidden. */
  readonly onShown: (state: PageState, isVisible: boolean) => void;
  readonly clock: Clock;
  readonly log: EventLog;
}

const limits = {
  /** An authorization code in the address may have 2 KB, in addition to other 127.0.0.1 programs' cookies. */
  headBytes: 16 * 1024,
  /** The page's forms have no fields. */
  bodyBytes: 1024,
  keepAliveMs: 5_000,
} as const;

interface Route {
  readonly method: 'GET' | 'POST';
  readonly reply: () => Reply;
}

/**
 * Registered in Entra as `http://127.0.0.1/callback`. The port may be any, the path must match (RFC 8252 section 7.3).
 */
const REDIRECT_PATH = '/callback';

/** What each poll says about its page: `visible` or `hidden`. */
const VISIBILITY_HEADER = 'x-sign-in-page';

/** Makes a server that isn't listening yet: call `start` when there is something to show. */
export function createSignInPageServer(options: SignInPageServerOptions): SignInPageServer {
  return new SignInPageServer(options);
}

/**
 * Owns the HTTP server of the sign-in page on 127.0.0.1, its sessions, and the wait for Microsoft's redirect. It's listening (after
 * `start`) or not (at first, and after `close`). The agent starts and closes it and opens its addresses. Only the
 * browser that opened a one-time address sees the page. It never keeps the process alive.
 */
class SignInPageServer {
  readonly #options: SignInPageServerOptions;
  readonly #sessions: PageSessions;
  readonly #redirects = new RedirectInbox();
  #server: LoopbackServer | undefined;
  #starting: Promise<void> | undefined;
  #authority = '';
  #seen: Instant | undefined;

  constructor(options: SignInPageServerOptions) {
    this.#options = options;
    this.#sessions = new PageSessions(options.clock);
  }

  /**
   * Listens on a free port of 127.0.0.1, unless it does already. May be called again after `close`.
   * @throws AppError ERR_INTERNAL if the system has no port
   */
  start(): Promise<void> {
    this.#starting ??= this.#listen().catch((cause: unknown) => {
      this.#starting = undefined;
      throw new AppError('ERR_INTERNAL', { detail: 'no port on 127.0.0.1 for the sign-in page', cause });
    });
    return this.#starting;
  }

  /**
   * Returns a new one-time address. The first browser to open it within 15 minutes gets the page, so give it only to
   * the user's browser. Earlier addresses stay valid.
   * @throws AppError ERR_INTERNAL before `start`
   */
  newUrl(): string {
    if (this.#server === undefined) throw notServed();
    return `http://${this.#authority}/p/${this.#sessions.issue()}`;
  }

  /** Where Microsoft's page sends the browser. @throws AppError ERR_INTERNAL before `start`. */
  redirectUri(): string {
    if (this.#server === undefined) throw notServed();
    return `http://${this.#authority}${REDIRECT_PATH}`;
  }

  /** Waits for the redirect that carries this `state`, as `RedirectInbox.expect` does. */
  redirect(state: string, signal: AbortSignal): Promise<RedirectParameters> {
    return this.#redirects.expect(state, signal);
  }

  /**
   * Milliseconds since a page last asked for the state; `undefined` if none has since `start`. A visible page asks
   * every second. A hidden one asks every 3 s at first, and once a minute after browsers slow it down.
   */
  lastSeen(): number | undefined {
    return this.#seen === undefined ? undefined : elapsedSince(this.#seen, this.#options.clock);
  }

  /** The same for pages that aren't hidden, by the header that each poll has. `undefined` if there is none. */
  lastVisible(): number | undefined {
    return this.#sessions.lastVisible();
  }

  /** Ends all connections and forgets all addresses and sessions. */
  async close(): Promise<void> {
    await this.#starting?.catch(() => undefined);
    const server = this.#server;
    this.#server = undefined;
    this.#starting = undefined;
    this.#seen = undefined;
    this.#sessions.clear();
    await server?.close();
  }

  async #listen(): Promise<void> {
    const server = new LoopbackServer({
      ...limits,
      onRequest: (request, response) => void this.#serve(request, response),
      onStranger: () => this.#options.log.debug('prompt-request-refused', { reason: 'user' }),
    });
    this.#authority = await server.start();
    this.#server = server;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      sendReply(response, await this.#answer(request));
    } catch (thrown) {
      // The browser disconnected, so there's no one to answer and nothing to report.
      if (request.destroyed && !request.complete) return;
      this.#options.log.error('prompt-request-failed', { cause: causeOf(thrown) });
      if (response.headersSent) response.destroy();
      else sendReply(response, { status: 500 });
    }
  }

  async #answer(request: IncomingMessage): Promise<Reply> {
    const [, path, query = ''] = /^([^?]*)\??(.*)$/.exec(request.url ?? '') ?? [];
    const isRedirect = path === REDIRECT_PATH;
    const reason = (isRedirect ? redirectRefusalReason : refusalReason)(request, this.#authority);
    if (reason !== undefined) {
      this.#options.log.debug('prompt-request-refused', { reason });
      return { status: 403 };
    }
    if (!(await drainBody(request))) return { status: 413 };
    const language = preferredLanguage(request.headers['accept-language']);
    if (isRedirect) return request.method === 'GET' ? this.#takeRedirect(query, language) : wrongMethod('GET');
    // The whole target is matched, so one with a query is an unknown path.
    const [, folder, id, ...rest] = (request.url ?? '').split('/');
    const cookies = cookieValues(request.headers.cookie, this.#cookieName());
    if (folder === 'p' && id !== undefined && rest.length === 0) return this.#claim(request, id, cookies, language);
    if (folder !== 'prompt' || id === undefined || rest.length !== 1) return notFound;
    const session = this.#sessions.find(id, cookies);
    if (session === undefined) return rest[0] === '' ? noticePage(404, 'notHere', language) : notFound;
    this.#server?.vouchFor(request);
    return this.#page(request, rest[0] ?? '', session, language);
  }

  /** Sends a new one-time address, because this may be another browser profile than the one with the first. */
  #takeRedirect(query: string, language: Language): Reply {
    if (!this.#redirects.take(new URLSearchParams(query))) {
      this.#options.log.debug('prompt-request-refused', { reason: 'redirect' });
      return noticePage(400, 'notHere', language);
    }
    return notice(200, renderReturnPage(`/p/${this.#sessions.issue()}`, language));
  }

  #claim(request: IncomingMessage, ticket: string, cookies: readonly string[], language: Language): Reply {
    if (!this.#sessions.has(ticket)) return notFound;
    if (request.method !== 'GET') return wrongMethod('GET');
    const claim = this.#sessions.claim(ticket, cookies);
    if (claim.outcome === 'unknown') return notFound;
    if (claim.outcome === 'refused') return noticePage(410, 'alreadyOpened', language);
    if (claim.outcome === 'claimed') this.#options.log.info('prompt-opened');
    const { pageId, cookie } = claim.session;
    // Cookies ignore ports, so the unguessable paths keep them from all other servers on 127.0.0.1.
    const cookieFor = (path: string): string =>
      `${this.#cookieName()}=${cookie}; Path=${path}; HttpOnly; SameSite=Strict`;
    return {
      status: 303,
      headers: {
        Location: `/prompt/${pageId}/`,
        'Set-Cookie': [cookieFor(`/prompt/${pageId}/`), cookieFor(`/p/${ticket}`)],
      },
    };
  }

  #page(request: IncomingMessage, name: string, session: PageSession, language: Language): Reply {
    const isVisible = request.headers[VISIBILITY_HEADER] !== 'hidden';
    const route = this.#routes(session, isVisible, language).get(name);
    if (route === undefined) return notFound;
    return request.method === route.method ? route.reply() : wrongMethod(route.method);
  }

  #routes(session: PageSession, isVisible: boolean, language: Language): ReadonlyMap<string, Route> {
    const { onNewCode, onCancel, onUseBrowser, onContinue } = this.#options;
    const { proof } = session;
    const render = () => this.#render(session, isVisible, language);
    const state = (): string => JSON.stringify({ ...describeState(render()), proof });
    return new Map<string, Route>([
      ['', { method: 'GET', reply: () => ok(content.html, renderPage(render(), proof)) }],
      ['state', { method: 'GET', reply: () => ok(content.json, state()) }],
      ['style.css', { method: 'GET', reply: () => ok(content.css, style) }],
      ['script.js', { method: 'GET', reply: () => ok(content.script, clientScript) }],
      ['logo', { method: 'GET', reply: () => this.#logo() }],
      ['continue', { method: 'POST', reply: () => this.#act(goesToMicrosoft, onContinue) }],
      ['new-code', { method: 'POST', reply: () => this.#act(offersNewCode, onNewCode) }],
      ['use-browser', { method: 'POST', reply: () => this.#act(offersBrowser, onUseBrowser) }],
      ['cancel', { method: 'POST', reply: () => this.#act(offersCancel, onCancel) }],
    ]);
  }

  /** A click on an outdated page isn't an error. The page is just shown again. */
  #act(isOffered: (state: PageContent['state']) => boolean, action: () => void): Reply {
    if (isOffered(this.#options.state().state)) action();
    return seeOther('./');
  }

  #logo(): Reply {
    const { logo } = this.#options.state();
    return logo === undefined ? notFound : ok(logo.type, logo.bytes);
  }

  #render(session: PageSession, isVisible: boolean, language: Language): RenderOptions {
    const { clock, state, onShown } = this.#options;
    const shown = state();
    this.#seen = instant(clock);
    session.visibleAt = isVisible ? this.#seen : undefined;
    onShown(shown.state, isVisible);
    return { view: { ...shown, language }, now: clock.now() };
  }

  #cookieName(): string {
    return `foundry-sign-in-${this.#authority.split(':')[1]}`;
  }
}

function goesToMicrosoft(state: PageState): boolean {
  return authorizationUrl(state) !== undefined;
}

function noticePage(status: number, kind: 'alreadyOpened' | 'notHere', language: Language): Reply {
  return notice(status, renderNoticePage(kind, language));
}

function notServed(): AppError {
  return new AppError('ERR_INTERNAL', { detail: "the sign-in page isn't served" });
}

/** Reads and discards the body. Returns false if it's larger than any that the page sends. */
async function drainBody(request: IncomingMessage): Promise<boolean> {
  let size = 0;
  // Keep the connection if the loop ends early, because the refusal is still sent on it.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += (chunk as Buffer).length;
    if (size > limits.bodyBytes) return false;
  }
  return true;
}
