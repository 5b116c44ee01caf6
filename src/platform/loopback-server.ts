import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { ConnectionOwners } from './connection-owner.ts';
import { closeInStages, refuseTunnel, refuseUnreadable, type UnreadableRequest } from './http-refusal.ts';

export interface LoopbackServerOptions {
  readonly onRequest: (request: IncomingMessage, response: ServerResponse) => void;
  /** Another user of this computer tried to connect. */
  readonly onStranger?: () => void;
  /** Largest request head in bytes. A larger one is answered with 431, or with 414 if its first line is that large. */
  readonly headBytes: number;
  /** Milliseconds that an idle connection stays open after an answer. */
  readonly keepAliveMs: number;
  readonly owners?: ConnectionOwners;
}

/** A head or a request that takes longer is cut off at the next look, in milliseconds. */
const HEAD_MS = 5_000;
const REQUEST_MS = 10_000;
/** How often to look. Each look wakes the agent, and the page's server stays for minutes after a sign-in. */
const LOOK_EVERY_MS = 5_000;
/**
 * Twice as many as Node lets wait to be accepted (511). Those are accepted in one go, and a new connection's first
 * request must be read before they can push it out.
 */
const CONNECTIONS = 1_024;

/**
 * An HTTP server on a free port of 127.0.0.1 for this user's programs. On Linux, no request of another user's is
 * answered, and their connections are closed. On other systems, which don't tell whose a connection is, they can only
 * be many: beyond 1,024, each new one closes the oldest one that no one has vouched for. The server never keeps the
 * process alive.
 */
export class LoopbackServer {
  readonly #server: Server;
  readonly #owners: ConnectionOwners;
  readonly #onStranger: (() => void) | undefined;
  /** Whether a connection isn't another user's. */
  readonly #isAllowed = new WeakMap<Socket, Promise<boolean>>();
  /** In the order in which they came. */
  readonly #unproved = new Set<Socket>();
  /** The answer that each connection is waiting for, or got last. */
  readonly #answers = new WeakMap<Socket, ServerResponse>();
  readonly #headBytes: number;
  readonly #refused = new WeakSet<Socket>();

  constructor({
    onRequest,
    onStranger,
    headBytes,
    keepAliveMs,
    owners = new ConnectionOwners(),
  }: LoopbackServerOptions) {
    this.#owners = owners;
    this.#onStranger = onStranger;
    this.#headBytes = headBytes;
    this.#server = createServer({
      maxHeaderSize: headBytes,
      headersTimeout: HEAD_MS,
      requestTimeout: REQUEST_MS,
      keepAliveTimeout: keepAliveMs,
      connectionsCheckingInterval: LOOK_EVERY_MS,
      // Checked with the other rules for Host.
      requireHostHeader: false,
    });
    const serve = (request: IncomingMessage, response: ServerResponse, status?: number): void => {
      this.#answers.set(request.socket, response);
      this.#ifAllowed(request.socket, () => {
        const refusal = status ?? (useOriginForm(request) ? undefined : 400);
        if (refusal === undefined) onRequest(request, response);
        else response.writeHead(refusal, { 'Content-Length': 0, Connection: 'close' }).end();
      });
    };
    this.#server.on('connection', (socket) => this.#accept(socket));
    this.#server.on('request', serve);
    // No one needs to be asked for a body: the answer says all.
    this.#server.on('checkContinue', serve);
    this.#server.on('checkExpectation', (request, response) => serve(request, response, 417));
    this.#server.on('connect', ({ socket }) => this.#ifAllowed(socket, () => refuseTunnel(socket)));
    this.#server.on('clientError', (error, socket) => this.#refuse(error, socket as Socket));
  }

  /** Listens. @returns the authority, `127.0.0.1:<port>` @throws the system's error if there's no port */
  async start(): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ port: 0, host: '127.0.0.1' }, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    // A connection that can't be accepted must not end the process.
    this.#server.on('error', () => undefined);
    this.#server.unref();
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /**
   * Keeps this request's connection, no matter how many others come. Call it once the request has proved where it's
   * from.
   */
  vouchFor(request: IncomingMessage): void {
    this.#unproved.delete(request.socket);
  }

  /** Also ends the connections that are open. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      // Also called back, with an error, if the server doesn't listen.
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #accept(socket: Socket): void {
    socket.unref();
    // What Node calls after the last answer.
    socket.destroySoon = () => closeInStages(socket);
    this.#isAllowed.set(socket, this.#check(socket));
  }

  #ifAllowed(socket: Socket, act: () => void): void {
    void this.#isAllowed.get(socket)?.then((isAllowed) => isAllowed && act());
  }

  /** The parser reports each further piece of what it can't read. */
  #refuse(error: UnreadableRequest, socket: Socket): void {
    if (this.#refused.has(socket)) return;
    this.#refused.add(socket);
    const answer = this.#answers.get(socket);
    // The request before is answered first, and with that the connection ends.
    if (answer?.writableFinished === false && !answer.headersSent) answer.setHeader('Connection', 'close');
    else this.#ifAllowed(socket, () => refuseUnreadable(error, socket, this.#headBytes));
  }

  async #check(socket: Socket): Promise<boolean> {
    if ((await this.#owners.of(socket)) === 'other') {
      socket.destroy();
      this.#onStranger?.();
      return false;
    }
    this.#unproved.add(socket);
    socket.once('close', () => this.#unproved.delete(socket));
    const [oldest] = this.#unproved;
    if (this.#unproved.size > CONNECTIONS) oldest?.destroy();
    return true;
  }
}

/**
 * Rewrites a target in absolute form, whose host counts instead of Host's (RFC 9112 section 3.2.2). Returns false if
 * the request doesn't name exactly one host (section 3.2).
 */
function useOriginForm(request: IncomingMessage): boolean {
  if (request.headersDistinct['host']?.length !== 1) return false;
  const target = URL.parse(request.url ?? '');
  if (target?.protocol === 'http:') {
    request.headers.host = target.host;
    request.url = `${target.pathname}${target.search}`;
  }
  return true;
}
