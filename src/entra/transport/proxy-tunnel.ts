// A tunnel through an HTTP proxy (RFC 9110 section 9.3.6).
import { isIPv6, type Socket } from 'node:net';
import { abortable } from './abortable.ts';
import { type ConnectReply, ConnectReplyReader } from './connect-reply.ts';

/** The proxy refused to open a tunnel. */
export class TunnelRefusal extends Error {
  readonly code = 'ERR_PROXY_TUNNEL';
  readonly statusCode: number;
  /** The names of the authentication schemes that the proxy offers, such as `Negotiate`. */
  readonly schemes: readonly string[];

  constructor({ status, schemes }: Omit<ConnectReply, 'rest'>) {
    super(`the proxy answered CONNECT with ${status}`);
    this.statusCode = status;
    this.schemes = schemes;
  }
}

export interface TunnelTarget {
  readonly host: string;
  readonly port: number;
}

/**
 * Asks the proxy on the socket for a tunnel. Afterward the socket leads to the target; if there's no tunnel, it's
 * destroyed.
 * @throws TunnelRefusal, ConnectReplyError, the socket's error, or the signal's reason
 */
export async function openTunnel(
  socket: Socket,
  { host, port }: TunnelTarget,
  proxy: URL,
  signal: AbortSignal,
): Promise<void> {
  try {
    socket.write(connectRequest(`${isIPv6(host) ? `[${host}]` : host}:${port}`, proxy));
    const { rest, ...reply } = await readReply(socket, signal);
    if (reply.status < 200 || reply.status > 299) throw new TunnelRefusal(reply);
    if (rest.length > 0) socket.unshift(rest);
  } catch (thrown) {
    socket.destroy();
    throw thrown;
  }
}

function connectRequest(authority: string, { username, password }: URL): string {
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
  const authorization =
    username === '' && password === '' ? [] : [`Proxy-Authorization: Basic ${credentials.toString('base64')}`];
  const lines = [`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`, 'Proxy-Connection: Keep-Alive'];
  return [...lines, ...authorization, '', ''].join('\r\n');
}

function readReply(socket: Socket, signal: AbortSignal): Promise<ConnectReply> {
  return abortable(signal, (resolve, reject) => {
    const reader = new ConnectReplyReader();
    const onData = (bytes: Buffer): void => {
      try {
        const reply = reader.push(bytes);
        if (reply === undefined) return;
        // TLS reads from here on.
        socket.pause();
        resolve(reply);
      } catch (thrown) {
        reject(thrown);
      }
    };
    const onEnd = (): void => reject(closedError());
    socket.on('data', onData).on('end', onEnd).on('close', onEnd).on('error', reject);
    return () => socket.off('data', onData).off('end', onEnd).off('close', onEnd).off('error', reject);
  });
}

function closedError(): Error {
  return Object.assign(new Error('the proxy closed the connection'), { code: 'ECONNRESET' });
}
