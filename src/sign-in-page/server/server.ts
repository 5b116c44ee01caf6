// Serves the sign-in page on 127.0.0.1 to the one browser that opens its one-time address.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, elapsedSince, type Instant, instant } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { causeOf, type EventLog } from '../../log/event-log.ts';
import type { Language } from '../languages/messages.ts';
import { preferredLanguage } from '../languages/preferred-language.ts';
import { clientScript } from '../page/client-script.ts';
import { describeState, type RenderOptions, renderNoticePage, renderPage, renderReturnPage } from '../page/page.ts';
import { style } from '../page/style.ts';
import { authorizationUrl, offersBrowser, offersCancel, offersNewCode, type PageContent } from '../page-state.ts';
import { RedirectInbox, type RedirectParameters } from './redirect-inbox.ts';
import { content, notFound, notice, ok, type Reply, seeOther, sendReply, wrongMethod } from './reply.ts';
import { cookieValues, redirectRefusalReason, refusalReason } from './request-guard.ts';
import { PageSessions } from './sessions.ts';

export interface SignInPageServerOptions {
  /** What to show now; asked for with every request. */
  readonly state: () => PageContent;
  /** The user asked for a new code. Called only while the page offers that. */
  readonly onNewCode: () => void;
  /** The user wants to sign in without a code. Called only while the page offers that. */
  readonly onUseBrowser?: () => void;
  /** The user goes on to Microsoft's page, and this one is no longer looked at. */
  readonly onContinue?: () => void;
  /** The user cancelled. Without it the page has no such button. */
  readonly onCancel?: () => void;
  readonly clock: Clock;
  readonly log: EventLog;
}

/** Other users' processes can connect to 127.0.0.1: whatever they send, the agent must not feel it. */
const limits = {
  /** An authorization code in the address may have 2 KB, beside the cookies of other programs on 127.0.0.1. */
  headBytes: 16 * 1024,
  /** Our forms have no fields. */
  bodyBytes: 1024,
  headMs: 5_000,
  requestMs: 10_000,
  keepAliveMs: 5_000,
  connections: 32,
} as const;

interface Route {
  readonly method: 'GET' | 'POST';
  readonly reply: () => Reply;
}

/** Registered in Entra as `http://127.0.0.1/callback`: the port is free, the path is not (RFC 8252 section 7.3). */
const REDIRECT_PATH = '/callback';

/** A server that is not yet started: call `start` when there is something to show. */
export function createSignInPageServer(options: SignInPageServerOptions): SignInPageServer {
  return new SignInPageServer(options);
}

/** Never keeps the process alive by itself. */
class SignInPageServer {
  readonly #options: SignInPageServerOptions;
  readonly #sessions: PageSessions;
  readonly #redirects = new RedirectInbox();
  #server: Server | undefined;
  #starting: Promise<void> | undefined;
  #authority = '';
  #seen: Instant | undefined;

  constructor(options: SignInPageServerOptions) {
    this.#options = options;
    this.#sessions = new PageSessions(options.clock);
  }

  /**
   * Listens on a free port of 127.0.0.1; does nothing when it already does. May follow `close`.
   * @throws AppError ERR_INTERNAL when the system gives no port.
   */
  start(): Promise<void> {
    this.#starting ??= this.#listen().catch((cause: unknown) => {
      this.#starting = undefined;
      throw new AppError('ERR_INTERNAL', { detail: 'no port on 127.0.0.1 for the sign-in page', cause });
    });
    return this.#starting;
  }

  /**
   * A fresh address that the first browser to open it gets the page at; valid 15 minutes, earlier ones stay valid.
   * Whoever knows it before it is opened can have the page: give it to the browser and to nobody else.
   * @throws AppError ERR_INTERNAL before `start`.
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

  /** As `RedirectInbox.expect`: the redirect that carries this `state`, once. */
  redirect(state: string, signal: AbortSignal): Promise<RedirectParameters> {
    return this.#redirects.expect(state, signal);
  }

  /**
   * Milliseconds since a page last asked for the state, `undefined` when none has since `start`. A visible page asks
   * every second, a hidden one every 3 s at first and, as browsers slow it down, once a minute.
   */
  lastSeen(): number | undefined {
    return this.#seen === undefined ? undefined : elapsedSince(this.#seen, this.#options.clock);
  }

  /** Ends all connections and forgets all addresses and sessions. */
  async close(): Promise<void> {
    await this.#starting?.catch(() => undefined);
    const server = this.#server;
    this.#server = undefined;
    this.#starting = undefined;
    this.#seen = undefined;
    this.#sessions.clear();
    if (server === undefined) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  async #listen(): Promise<void> {
    const server = createServer({
      maxHeaderSize: limits.headBytes,
      headersTimeout: limits.headMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: 1_000,
    });
    server.maxConnections = limits.connections;
    server.on('connection', (socket) => socket.unref());
    server.on('request', (request, response) => void this.#serve(request, response));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
    server.on('error', (error) => this.#options.log.warn('prompt-server-error', { cause: causeOf(error) }));
    server.unref();
    this.#authority = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.#server = server;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      sendReply(response, await this.#answer(request));
    } catch (thrown) {
      // Whoever asked hung up: nobody to answer, nothing to report.
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
    // The whole target is matched, so a query or an absolute form is an unknown path.
    const [, folder, id, ...rest] = (request.url ?? '').split('/');
    const cookies = cookieValues(request.headers.cookie, this.#cookieName());
    if (folder === 'p' && id !== undefined && rest.length === 0) return this.#claim(request, id, cookies, language);
    if (folder !== 'prompt' || id === undefined || rest.length !== 1) return notFound;
    if (this.#sessions.isOpen(id, cookies)) return this.#page(request, rest[0] ?? '', language);
    return rest[0] === '' ? noticePage(404, 'notHere', language) : notFound;
  }

  /** A fresh address of the page, since it may be another browser profile than the one that has the first. */
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
    // Cookies ignore ports: the unguessable paths keep them from every other server on 127.0.0.1.
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

  #page(request: IncomingMessage, name: string, language: Language): Reply {
    const route = this.#routes(language).get(name);
    if (route === undefined) return notFound;
    return request.method === route.method ? route.reply() : wrongMethod(route.method);
  }

  #routes(language: Language): ReadonlyMap<string, Route> {
    const { onNewCode, onCancel, onUseBrowser } = this.#options;
    const routes = new Map<string, Route>([
      ['', { method: 'GET', reply: () => ok(content.html, renderPage(this.#render(language))) }],
      [
        'state',
        { method: 'GET', reply: () => ok(content.json, JSON.stringify(describeState(this.#render(language)))) },
      ],
      ['style.css', { method: 'GET', reply: () => ok(content.css, style) }],
      ['script.js', { method: 'GET', reply: () => ok(content.script, clientScript) }],
      ['logo', { method: 'GET', reply: () => this.#logo() }],
      ['continue', { method: 'GET', reply: () => this.#continue() }],
      ['new-code', { method: 'POST', reply: () => this.#act(offersNewCode, onNewCode) }],
    ]);
    if (onUseBrowser !== undefined) {
      routes.set('use-browser', { method: 'POST', reply: () => this.#act(offersBrowser, onUseBrowser) });
    }
    if (onCancel !== undefined) {
      routes.set('cancel', { method: 'POST', reply: () => this.#act(offersCancel, onCancel) });
    }
    return routes;
  }

  /** A click on a page that has not yet noticed a change is not an error: the page is simply shown anew. */
  #act(isOffered: (state: PageContent['state']) => boolean, action: () => void): Reply {
    if (isOffered(this.#options.state().state)) action();
    return seeOther('./');
  }

  #logo(): Reply {
    const { logo } = this.#options.state();
    return logo === undefined ? notFound : ok(logo.type, logo.bytes);
  }

  #continue(): Reply {
    const url = authorizationUrl(this.#options.state().state);
    if (url === undefined) return seeOther('./');
    this.#options.onContinue?.();
    return seeOther(url.href);
  }

  #render(language: Language): RenderOptions {
    const { clock, state, onCancel } = this.#options;
    this.#seen = instant(clock);
    return { view: { ...state(), language }, now: clock.now(), canCancel: onCancel !== undefined };
  }

  #cookieName(): string {
    return `foundry-sign-in-${this.#authority.split(':')[1]}`;
  }
}

function noticePage(status: number, kind: 'alreadyOpened' | 'notHere', language: Language): Reply {
  return notice(status, renderNoticePage(kind, language));
}

function notServed(): AppError {
  return new AppError('ERR_INTERNAL', { detail: 'the sign-in page is not served' });
}

/** Reads the body away; false when it is larger than any of ours. */
async function drainBody(request: IncomingMessage): Promise<boolean> {
  let size = 0;
  // Not destroyed when left early: the refusal still goes out on the same connection.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += (chunk as Buffer).length;
    if (size > limits.bodyBytes) return false;
  }
  return true;
}
