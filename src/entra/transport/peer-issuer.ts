import type { Agent, RequestOptions } from 'node:https';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';

/** Long enough for any real authority's name, too short to hide a message in. */
const MAX_NAME_LENGTH = 64;

/** Who is at the other end of a TLS connection. */
export interface PeerCertificate {
  /** The issuer that the certificate claims, such as a TLS-inspecting proxy or a public network's gateway. */
  readonly issuer: string;
  /** Whether the HTTPS agent's roots vouch for it. */
  readonly trusted: boolean;
}

/**
 * Reads the certificate presented at `url`, over a connection that accepts any certificate and sends nothing but the
 * handshake. Resolves to `undefined` if that fails or the signal aborts. Never rejects.
 */
export function readPeerCertificate(agent: Agent, url: URL, signal: AbortSignal): Promise<PeerCertificate | undefined> {
  return new Promise((resolve) => {
    let socket: Duplex | null | undefined;
    const finish = (peer?: PeerCertificate) => {
      resolve(peer);
      socket?.destroy();
    };
    const watch = (candidate: Duplex | null | undefined) => {
      socket = candidate ?? undefined;
      socket?.on('error', () => finish());
      if (signal.aborted) finish();
      if (!(candidate instanceof TLSSocket)) return;
      // A TLS connection through a tunnel is handed over after its handshake, a direct one before.
      const peer = peerOf(candidate);
      if (peer === undefined) candidate.once('secureConnect', () => finish(peerOf(candidate)));
      else finish(peer);
    };
    signal.addEventListener('abort', () => finish(), { once: true });
    try {
      // Through a proxy, the TLS connection comes as a callback argument; otherwise it's returned.
      watch(agent.createConnection(target(agent, url), (failure, tunnel) => (failure ? finish() : watch(tunnel))));
    } catch {
      finish();
    }
  });
}

function target(agent: Agent, url: URL): RequestOptions {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return {
    ...agent.options,
    host,
    port: url.port === '' ? 443 : Number(url.port),
    ...(isIP(host) === 0 ? { servername: host } : {}),
    rejectUnauthorized: false,
  };
}

function peerOf(socket: TLSSocket): PeerCertificate | undefined {
  const issuer = issuerOf(socket);
  return issuer === undefined ? undefined : { issuer, trusted: socket.authorized };
}

function issuerOf(socket: TLSSocket): string | undefined {
  const issuer = socket.getPeerCertificate()?.issuer;
  const name: unknown = issuer?.CN ?? issuer?.O;
  if (typeof name !== 'string') return undefined;
  // The network chooses this name, and it appears in terminals and logs.
  const printable = name.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '').trim();
  return printable === '' ? undefined : printable.slice(0, MAX_NAME_LENGTH);
}
