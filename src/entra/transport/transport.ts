// How Entra is reached from this network: directly or through the proxy, and with which trusted roots.
import { setTimeout as sleep } from 'node:timers/promises';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { errnoOf } from '../../core/errno.ts';
import { AppError } from '../../core/errors.ts';
import type { Route, RoutePlan, Routes } from '../../core/route.ts';
import { fixedRoutes } from './fixed-routes.ts';
import { createHttpsAgent, proxyHost } from './https-agent.ts';
import { createHttpsClient, type JsonReply, type JsonRequest, type SendJson } from './https-client.ts';
import { type PeerCertificate, readPeerCertificate } from './peer-issuer.ts';
import { proxyAuthFault } from './proxy-auth.ts';
import type { SystemTrustStore } from './system-trust-store.ts';
import { isIssuerUnknown, mapAbort } from './transport-error.ts';
import { TrustStore } from './trust-store.ts';

export interface TransportSettings {
  /** The only proxy, without `routes`: an absolute http or https URL. Credentials in it are percent-encoded. */
  readonly proxy?: string | undefined;
  /** Hosts reached without that proxy, by the rules of `bypassesProxy`. */
  readonly noProxy?: readonly string[] | undefined;
  /** Which way each request takes. Default: through `proxy`, past it for the hosts in `noProxy`. */
  readonly routes?: Routes | undefined;
  /** Absolute path of a PEM file, trusted in addition to the default roots. */
  readonly caFile?: string | undefined;
  /** Trusts no roots that the environment names. */
  readonly policyOnly?: boolean | undefined;
}

export interface TransportOptions extends TransportSettings {
  readonly systemRoots: SystemTrustStore;
  /** Milliseconds for one whole HTTPS exchange. */
  readonly timeoutMs: number;
}

/** Reading the system's roots takes up to 40 s on macOS. After this, the request fails and the next one finds them. */
const ROOTS_PATIENCE_MS = 60_000;
/** For `doctor`, which only wants to know who answers. */
const INSPECTION_PATIENCE_MS = 5_000;
/** How long a proxy may take to answer CONNECT if there's another route. */
const NEXT_ROUTE_MS = 4_000;

/**
 * Makes any number of exchanges. If a certificate's issuer is unknown, it loads the system's roots and repeats the
 * request once. That's safe: the handshake failed, so the request was never sent.
 */
export function createTransport(options: TransportOptions): SendJson {
  const { caFile, systemRoots, policyOnly = false } = options;
  const trust = new TrustStore(caFile);
  let isFirst = true;
  return async (request) => {
    // Once, so that a transport that is being replaced doesn't undo what the new one has set.
    if (isFirst) systemRoots.useEnvironment(!policyOnly);
    isFirst = false;
    const roots = systemRoots.current;
    try {
      return await exchange(options, trust.context(roots), request);
    } catch (thrown) {
      if (!isIssuerUnknown(thrown)) throw thrown;
      const loaded = await patiently(systemRoots.load(), request.signal);
      // The same roots would fail again.
      if (loaded === undefined || loaded === roots) throw thrown;
      return exchange(options, trust.context(loaded), request);
    }
  };
}

/** Tries the routes in turn, as long as nothing has been sent to the server. */
async function exchange(
  options: TransportOptions,
  trust: SecureContext | undefined,
  request: JsonRequest,
): Promise<JsonReply> {
  const routes = options.routes ?? fixedRoutes(options);
  const plan = await findRoutes(routes, request);
  const last = plan.routes.length - 1;
  for (const [index, route] of plan.routes.entries()) {
    try {
      const patienceMs = index === last ? options.timeoutMs : Math.min(options.timeoutMs, NEXT_ROUTE_MS);
      return await exchangeOver(route, { trust, patienceMs, timeoutMs: options.timeoutMs }, request);
    } catch (thrown) {
      if (isUnsent(thrown)) routes.failed?.(route);
      if (index !== last && isUnsent(thrown) && request.signal?.aborted !== true) continue;
      routes.renew?.();
      throw explained(thrown, plan, route);
    }
  }
  throw new Error('a plan has at least one route');
}

async function findRoutes(routes: Routes, { url, signal }: JsonRequest): Promise<RoutePlan> {
  try {
    return await routes.find(new URL(url), signal);
  } catch (thrown) {
    throw signal?.aborted === true ? mapAbort(signal.reason) : thrown;
  }
}

interface Connection {
  readonly trust: SecureContext | undefined;
  /** Milliseconds for a proxy to answer CONNECT. */
  readonly patienceMs: number;
  /** Milliseconds for the whole exchange. */
  readonly timeoutMs: number;
}

async function exchangeOver(
  { proxy }: Route,
  { trust, patienceMs, timeoutMs }: Connection,
  request: JsonRequest,
): Promise<JsonReply> {
  const agent = createHttpsAgent({ proxy, trust, timeoutMs: patienceMs });
  const send = createHttpsClient({ agent, proxy: proxy === undefined ? undefined : proxyHost(proxy), timeoutMs });
  return send(request);
}

/** Failures of a direct connection after which certainly nothing was sent. */
const NEVER_CONNECTED = ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL'];

/**
 * Whether a route failed before anything was sent to the server, in a way that another route may not. A proxy that
 * refuses the host or wants credentials isn't passed over, as in browsers.
 */
function isUnsent(thrown: unknown): boolean {
  if (!(thrown instanceof AppError)) return false;
  const { code, proxy, cause } = thrown;
  if (code === 'ERR_NETWORK_DNS') return true;
  if (code !== 'ERR_NETWORK' && code !== 'ERR_NETWORK_TIMEOUT') return false;
  return proxy !== undefined || NEVER_CONNECTED.includes(errnoOf(cause) ?? '');
}

/** The error, with where its proxy comes from, or why the connection was a direct one. */
function explained(thrown: unknown, { origin, problem }: RoutePlan, route: Route): unknown {
  if (!(thrown instanceof AppError) || thrown.category !== 'network') return thrown;
  const { code, detail, proxy, tlsFault, cause } = thrown;
  const auth = proxyAuthFault(thrown, route);
  const explanation = [
    ...(auth === undefined ? [] : [auth.reason]),
    ...(proxy === undefined || origin === '' ? [] : [`this proxy comes from ${origin}`]),
    ...(problem === undefined ? [] : [problem]),
  ];
  if (explanation.length === 0) return thrown;
  const text = [detail, ...explanation].filter((part) => part !== undefined).join('; ');
  return new AppError(code, { detail: text, proxy, tlsFault, cause });
}

/**
 * Returns the certificate presented at `url` along this route, and whether Node's bundled roots trust it. If they
 * don't, TLS is being intercepted. `undefined` if the certificate can't be read.
 */
export function inspectPeer({ proxy }: Route, url: URL): Promise<PeerCertificate | undefined> {
  const trust = createSecureContext({ ca: [...getCACertificates('bundled')] });
  const agent = createHttpsAgent({ proxy, trust, timeoutMs: INSPECTION_PATIENCE_MS });
  return readPeerCertificate(agent, url, AbortSignal.timeout(INSPECTION_PATIENCE_MS));
}

/**
 * The roots, or `undefined` if reading them takes too long; the reading continues.
 * @throws AppError if the signal aborts
 */
async function patiently<T>(reading: Promise<T>, signal: AbortSignal | undefined): Promise<T | undefined> {
  const patience = sleep(ROOTS_PATIENCE_MS, undefined, { ref: false, signal });
  try {
    return await Promise.race([reading, patience]);
  } catch {
    throw mapAbort(signal?.reason);
  }
}
