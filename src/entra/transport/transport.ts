// How Entra is reached from this network: directly or through the proxy, and with which trusted roots.
import { setTimeout as sleep } from 'node:timers/promises';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { createHttpsAgent, proxyHost } from './https-agent.ts';
import { createHttpsClient, type JsonReply, type JsonRequest, type SendJson } from './https-client.ts';
import { bypassesProxy } from './no-proxy.ts';
import { type PeerCertificate, readPeerCertificate } from './peer-issuer.ts';
import type { SystemTrustStore } from './system-trust-store.ts';
import { isIssuerUnknown, mapAbort } from './transport-error.ts';
import { TrustStore } from './trust-store.ts';

export interface TransportSettings {
  /** Absolute http or https URL. Credentials in it are percent-encoded. */
  readonly proxy?: string | undefined;
  /** Hosts reached without the proxy, by the rules of `bypassesProxy`. */
  readonly noProxy?: readonly string[] | undefined;
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

async function exchange(
  options: TransportOptions,
  trust: SecureContext | undefined,
  request: JsonRequest,
): Promise<JsonReply> {
  const { timeoutMs } = options;
  const url = new URL(request.url);
  const proxy = proxyFor(url, options);
  const agent = createHttpsAgent({ proxy, trust, timeoutMs });
  const send = createHttpsClient({ agent, proxy: proxy === undefined ? undefined : proxyHost(proxy), timeoutMs });
  return send(request);
}

/**
 * Returns the certificate presented at `url` along the route that a request would take, and whether Node's bundled
 * roots trust it. If they don't, TLS is being intercepted. `undefined` if the certificate can't be read.
 */
export function inspectPeer(settings: TransportSettings, url: URL): Promise<PeerCertificate | undefined> {
  const trust = createSecureContext({ ca: [...getCACertificates('bundled')] });
  const agent = createHttpsAgent({ proxy: proxyFor(url, settings), trust, timeoutMs: INSPECTION_PATIENCE_MS });
  return readPeerCertificate(agent, url, AbortSignal.timeout(INSPECTION_PATIENCE_MS));
}

/** The proxy that a request to `url` goes through, with its credentials; `undefined` if it goes directly. */
export function proxyFor(url: URL, { proxy, noProxy = [] }: TransportSettings): string | undefined {
  return bypassesProxy(url, noProxy) ? undefined : proxy;
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
