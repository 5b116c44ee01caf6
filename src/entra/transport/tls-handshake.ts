import { isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { errnoOf } from '../../core/errno.ts';
import { abortable } from './abortable.ts';

/** Long enough for any real name, too short to hide a message in. */
const MAX_NAME_LENGTH = 64;

/** What the certificate of the other end claims. Unverified. */
export interface PeerNames {
  /** Such as a TLS-inspecting proxy or a public network's gateway. */
  readonly issuer: string;
  /** Whom the certificate was issued to. */
  readonly subject?: string | undefined;
}

/** The handshake failed, or the certificate isn't trusted. No byte of a request was sent. */
export class HandshakeError extends Error {
  /** OpenSSL's or Node's name of the fault. */
  readonly code: string;
  /** Whose TLS it is: the server's, or that of an `https://` proxy in front of it. */
  readonly end: 'server' | 'proxy';
  /** `undefined` if the handshake failed before the certificate came. */
  readonly peer: PeerNames | undefined;

  constructor(cause: Error, end: 'server' | 'proxy', peer: PeerNames | undefined) {
    super(cause.message, { cause });
    this.code = errnoOf(cause) ?? cause.name;
    this.end = end;
    this.peer = peer;
  }
}

export interface HandshakeOptions extends Pick<ConnectionOptions, 'secureContext' | 'rejectUnauthorized'> {
  readonly host: string;
  readonly end: 'server' | 'proxy';
}

/**
 * Starts TLS on a connected socket. Destroys the socket if that fails.
 * @throws HandshakeError, or the signal's reason
 */
export async function startTls(
  socket: Socket,
  { host, end, ...options }: HandshakeOptions,
  signal: AbortSignal,
): Promise<TLSSocket> {
  // RFC 6066 section 3 allows no address as a server name.
  const servername = isIP(host) === 0 ? { servername: host } : {};
  const secure = connect({
    rejectUnauthorized: true,
    ALPNProtocols: ['http/1.1'],
    ...options,
    ...servername,
    socket,
    host,
  });
  let peer: PeerNames | undefined;
  // Node's own listener destroys the connection if the certificate isn't trusted, so this one has to come first.
  secure.prependListener('secure', () => {
    peer = namesOf(secure);
  });
  try {
    await abortable<void>(signal, (resolve, reject) => {
      secure.once('secureConnect', () => resolve());
      secure.on('error', (failure) => reject(new HandshakeError(failure, end, peer)));
      return () => undefined;
    });
    return secure;
  } catch (thrown) {
    secure.destroy();
    socket.destroy();
    throw thrown;
  }
}

/** The names in the certificate that the other end presented, or `undefined` if it has none. */
export function namesOf(socket: TLSSocket): PeerNames | undefined {
  const { issuer, subject } = socket.getPeerCertificate() ?? {};
  const name = shown(issuer?.CN) ?? shown(issuer?.O);
  return name === undefined ? undefined : { issuer: name, subject: shown(subject?.CN) ?? shown(subject?.O) };
}

/** The network chooses these names, and they appear in terminals and logs. */
function shown(name: unknown): string | undefined {
  const text: unknown = Array.isArray(name) ? name[0] : name;
  if (typeof text !== 'string') return undefined;
  const printable = text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '').trim();
  return printable === '' ? undefined : printable.slice(0, MAX_NAME_LENGTH);
}
