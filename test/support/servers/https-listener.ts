// What all HTTPS servers of the tests share: listening on a free loopback port, reading a body, and closing for good.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ServerCertificate } from './certificate-authority.ts';

const MAX_BODY_BYTES = 1 << 20;

export interface HttpsListener {
  readonly port: number;
  /** Ends all connections, also those that a fault left without an answer. */
  close(): Promise<void>;
}

/** Serves on 127.0.0.1, on a port that the system chooses. */
export async function listenHttps(certificate: ServerCertificate, handler: RequestListener): Promise<HttpsListener> {
  const server = createServer({ cert: certificate.cert, key: certificate.key }, handler);
  const sockets = new Set<Duplex>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  // A client that distrusts the certificate hangs up in the handshake. That isn't the server's fault.
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** The body as text. @throws Error when it is longer than 1 MiB or the client hangs up. */
export async function readBody(request: IncomingMessage): Promise<string> {
  return (await readBytes(request)).toString('utf8');
}

/** @throws Error as `readBody` */
export async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY_BYTES) throw new Error('request body is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** An answer before it is sent, so that a fault can spoil it. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An answer that may be anything, such as a pack of git's. */
export type AnyReply = Omit<Reply, 'body'> & { readonly body: string | Buffer };

/** A JSON answer, with the headers that forbid caching. */
export function jsonReply(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store, no-cache', ...headers },
    body: JSON.stringify(body),
  };
}

export function htmlReply(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store', ...headers },
    body,
  };
}

export function sendReply(response: ServerResponse, reply: AnyReply): void {
  response.writeHead(reply.status, { ...reply.headers, 'content-length': Buffer.byteLength(reply.body) });
  response.end(reply.body);
}
