import type { ClientRequestArgs } from 'node:http';
import { Agent, type RequestOptions } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SecureContext, TLSSocket } from 'node:tls';
import { AppError } from '../../core/errors.ts';
import { connectTcp, type ResolveHost } from './connect-tcp.ts';
import { openTunnel, type TunnelTarget } from './proxy-tunnel.ts';
import { startTls } from './tls-handshake.ts';

export interface HttpsAgentOptions {
  /** Absolute http or https URL. Credentials in it are percent-encoded. */
  readonly proxy?: string | undefined;
  /** The roots to trust, from `TrustStore`, also for an https proxy. Default: Node's roots. */
  readonly trust?: SecureContext | undefined;
  /** Milliseconds for a connection: DNS lookup, TCP, the proxy's reply, and TLS. */
  readonly timeoutMs: number;
  /** Default: the system's resolver. */
  readonly resolve?: ResolveHost | undefined;
}

/** A request's options, which Node passes on to the agent. */
export interface HttpsRequestOptions extends RequestOptions {
  /** Ends the connection's setup. Node itself keeps `signal` from the agent. */
  readonly setupSignal?: AbortSignal | undefined;
}

export interface OpenOptions {
  readonly signal?: AbortSignal | undefined;
  /** `false` accepts any certificate of the server, though never of an https proxy. Default: `true`. */
  readonly rejectUnauthorized?: boolean | undefined;
}

/** An agent for single requests (no keep-alive). @throws AppError ERR_CONFIG_INVALID (`proxy`). */
export function createHttpsAgent(options: HttpsAgentOptions): HttpsAgent {
  return new HttpsAgent(options);
}

/**
 * Opens each connection itself, directly or through a proxy. A request gets its socket after the TLS handshake, so
 * whatever fails before the request's `socket` event happened before a byte of the request was sent.
 */
export class HttpsAgent extends Agent {
  readonly #proxy: URL | undefined;
  readonly #trust: SecureContext | undefined;
  readonly #timeoutMs: number;
  readonly #resolve: ResolveHost | undefined;

  constructor({ proxy, trust, timeoutMs, resolve }: HttpsAgentOptions) {
    super({ keepAlive: false });
    this.#proxy = proxy === undefined ? undefined : parseProxy(proxy);
    this.#trust = trust;
    this.#timeoutMs = timeoutMs;
    this.#resolve = resolve;
  }

  override createConnection(
    options: HttpsRequestOptions,
    callback?: (failure: Error | null, stream: Duplex) => void,
  ): undefined {
    const { setupSignal: signal } = options;
    this.open(targetOf(options), { signal }).then(
      (socket) => callback?.(null, socket),
      // A failure comes without a stream, which Node's types don't say.
      (failure) => (callback as ((failure: unknown) => void) | undefined)?.(failure),
    );
  }

  /** @throws HandshakeError, TunnelRefusal, ConnectReplyError, a system error, or the signal's reason */
  async open(target: TunnelTarget, { signal, rejectUnauthorized = true }: OpenOptions = {}): Promise<TLSSocket> {
    const deadline = AbortSignal.timeout(this.#timeoutMs);
    const ends = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
    const socket = await this.#reach(target, ends);
    const { host } = target;
    return startTls(socket, { host, end: 'server', secureContext: this.#trust, rejectUnauthorized }, ends);
  }

  /** A connection on which the target speaks next. */
  async #reach(target: TunnelTarget, signal: AbortSignal): Promise<Socket> {
    const proxy = this.#proxy;
    if (proxy === undefined) return connectTcp(target, signal, this.#resolve);
    const socket = await this.#reachProxy(proxy, signal);
    await openTunnel(socket, target, proxy, signal);
    return socket;
  }

  async #reachProxy(proxy: URL, signal: AbortSignal): Promise<Socket> {
    const host = withoutBrackets(proxy.hostname);
    const isTls = proxy.protocol === 'https:';
    const port = proxy.port === '' ? defaultPort(isTls) : Number(proxy.port);
    const socket = await connectTcp({ host, port }, signal, this.#resolve);
    return isTls ? startTls(socket, { host, end: 'proxy', secureContext: this.#trust }, signal) : socket;
  }
}

/** The server that an https URL names. */
export function targetOfUrl({ hostname, port }: URL): TunnelTarget {
  return { host: withoutBrackets(hostname), port: port === '' ? defaultPort(true) : Number(port) };
}

function targetOf({ host, port }: ClientRequestArgs): TunnelTarget {
  return { host: host ?? 'localhost', port: Number(port ?? defaultPort(true)) };
}

const defaultPort = (isTls: boolean): number => (isTls ? 443 : 80);

const withoutBrackets = (hostname: string): string => hostname.replace(/^\[(.*)\]$/, '$1');

/** The proxy as `host:port` for display, without its credentials. */
export function proxyHost(proxy: string): string {
  return new URL(proxy).host;
}

function parseProxy(proxy: string): URL {
  const url = URL.canParse(proxy) ? new URL(proxy) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new AppError('ERR_CONFIG_INVALID', { detail: '"proxy" must be an http:// or https:// URL' });
  }
  try {
    decodeURIComponent(`${url.username}:${url.password}`);
  } catch {
    // No cause: it would contain the credentials.
    throw new AppError('ERR_CONFIG_INVALID', { detail: 'the credentials in "proxy" must be percent-encoded' });
  }
  return url;
}
