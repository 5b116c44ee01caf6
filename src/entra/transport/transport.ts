// How Entra is reached from this network: past or through the proxy, trusting which roots.
import { setTimeout as sleep } from 'node:timers/promises';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { isIssuerUnknown, mapAbort, nameIssuer } from '../replies/map-error.ts';
import { createHttpsAgent, proxyHost } from './https-agent.ts';
import { createHttpsClient, type JsonReply, type JsonRequest, type SendJson } from './https-client.ts';
import { bypassesProxy } from './no-proxy.ts';
import { type PeerCertificate, readPeerCertificate } from './peer-issuer.ts';
import type { SystemTrustStore } from './system-trust-store.ts';
import { TrustStore } from './trust-store.ts';

export interface TransportSettings {
  /** Absolute http or https URL, credentials percent-encoded in it. */
  readonly proxy?: string | undefined;
  /** Hosts reached without the proxy, by the rules of `bypassesProxy`. */
  readonly noProxy?: readonly string[] | undefined;
  /** Absolute path of a PEM file, trusted beside the default roots. */
  readonly caFile?: string | undefined;
}

export interface TransportOptions extends TransportSettings {
  readonly systemRoots: SystemTrustStore;
  /** Milliseconds for one whole HTTPS exchange. */
  readonly timeoutMs: number;
}

/** The system's roots take up to 40 s to read on macOS. After this the request fails and the next one finds them. */
const ROOTS_PATIENCE_MS = 60_000;
/** The error is certain already; this only asks who the stranger is. */
const ISSUER_PATIENCE_MS = 5_000;

/**
 * For any number of exchanges. Where the issuer of a certificate is unknown, the system's roots are loaded and the
 * request is made once more: it had not been sent, since the handshake failed before.
 */
export function createTransport(options: TransportOptions): SendJson {
  const { caFile, systemRoots } = options;
  const trust = new TrustStore(caFile);
  return async (request) => {
    const roots = systemRoots.current;
    try {
      return await exchange(options, trust.context(roots), request);
    } catch (thrown) {
      if (!isIssuerUnknown(thrown)) throw thrown;
      const loaded = await patiently(systemRoots.load(), request.signal);
      // The same ones would fail the same way.
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
  try {
    return await send(request);
  } catch (thrown) {
    if (!isIssuerUnknown(thrown)) throw thrown;
    const patience = AbortSignal.timeout(ISSUER_PATIENCE_MS);
    const signal = request.signal === undefined ? patience : AbortSignal.any([request.signal, patience]);
    throw nameIssuer(thrown, (await readPeerCertificate(agent, url, signal))?.issuer);
  }
}

/**
 * Whose certificate stands at `url` on the way that a request would take, and whether the public roots, those that come
 * with Node, vouch for it: where they do not, somebody in between reads along. `undefined` when that does not tell.
 */
export function inspectPeer(settings: TransportSettings, url: URL): Promise<PeerCertificate | undefined> {
  const trust = createSecureContext({ ca: [...getCACertificates('bundled')] });
  const agent = createHttpsAgent({ proxy: proxyFor(url, settings), trust, timeoutMs: ISSUER_PATIENCE_MS });
  return readPeerCertificate(agent, url, AbortSignal.timeout(ISSUER_PATIENCE_MS));
}

/** The proxy that a request to `url` goes through, with its credentials. */
export function proxyFor(url: URL, { proxy, noProxy = [] }: TransportSettings): string | undefined {
  return bypassesProxy(url, noProxy) ? undefined : proxy;
}

/** The roots, or `undefined` where they take too long; the reading goes on. @throws AppError when the signal aborts. */
async function patiently<T>(reading: Promise<T>, signal: AbortSignal | undefined): Promise<T | undefined> {
  const patience = sleep(ROOTS_PATIENCE_MS, undefined, { ref: false, signal });
  try {
    return await Promise.race([reading, patience]);
  } catch {
    throw mapAbort(signal?.reason);
  }
}
