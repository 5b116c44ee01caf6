import { type HttpsAgent, targetOfUrl } from './https-agent.ts';
import { namesOf, type PeerNames } from './tls-handshake.ts';

/** Who is at the other end of a TLS connection. */
export interface PeerCertificate extends PeerNames {
  /** Whether the HTTPS agent's roots vouch for it. */
  readonly trusted: boolean;
}

/**
 * Reads the certificate presented at `url`, over a connection that accepts any certificate and sends only the
 * handshake. Resolves to `undefined` if that fails or the signal aborts. Never rejects.
 */
export async function readPeerCertificate(
  agent: HttpsAgent,
  url: URL,
  signal: AbortSignal,
): Promise<PeerCertificate | undefined> {
  try {
    const socket = await agent.open(targetOfUrl(url), { signal, rejectUnauthorized: false });
    const names = namesOf(socket);
    socket.destroy();
    return names === undefined ? undefined : { ...names, trusted: socket.authorized };
  } catch {
    return undefined;
  }
}
