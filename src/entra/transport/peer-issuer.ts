import type { Agent, RequestOptions } from 'node:https';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';

/** Enough for every real authority's name, too short to hide a message in. */
const MAX_NAME_LENGTH = 64;

/** Who stands at the other end of a TLS connection. */
export interface PeerCertificate {
  /** As the certificate says itself: the name of a TLS-inspecting proxy or of a public network's gateway. */
  readonly issuer: string;
  /** Whether the roots of the agent vouch for it. */
  readonly trusted: boolean;
}

/**
 * The certificate that stands at `url`, by a connection that trusts nobody's word and sends nothing but the handshake.
 * `undefined` when that does not tell. Never rejects; ends with the signal.
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
      // A tunnel's TLS connection is handed over when its handshake is done, a direct one before.
      const peer = peerOf(candidate);
      if (peer === undefined) candidate.once('secureConnect', () => finish(peerOf(candidate)));
      else finish(peer);
    };
    signal.addEventListener('abort', () => finish(), { once: true });
    try {
      // Through a proxy the TLS connection comes by the callback, else as the result.
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
  // The name is whatever the network says, and will stand in a terminal and in a log.
  const printable = name.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '').trim();
  return printable === '' ? undefined : printable.slice(0, MAX_NAME_LENGTH);
}
