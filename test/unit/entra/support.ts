// A small Entra-like HTTPS server, a CONNECT proxy that leads every host to it, and the certificates for both.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingHttpHeaders } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { OPENSSL } from '../../support/harness/openssl.ts';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly form: URLSearchParams;
}

export type Reply =
  | { readonly status?: number; readonly headers?: Record<string, string>; readonly body: unknown }
  | 'reset'
  | 'stalled-body'
  | 'silence';

export interface Pki {
  readonly caFile: string;
  readonly folder: string;
  readonly key: string;
  readonly certificate: string;
  remove(): void;
}

const AUTHORITIES = ['login.microsoftonline.com', 'login.microsoftonline.us', 'login.partner.microsoftonline.cn'];

/** A root and a certificate of it for localhost and the three production authorities. */
export function createPki(): Pki {
  const folder = mkdtempSync(join(tmpdir(), 'entra-unit-'));
  const path = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync(OPENSSL, args, { stdio: 'ignore' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  openssl('req', '-x509', ...newKey, '-subj', '/CN=Unit test root', '-keyout', path('ca.key'), '-out', path('ca.pem'));
  openssl('req', ...newKey.slice(0, -2), '-subj', '/CN=login', '-keyout', path('leaf.key'), '-out', path('leaf.csr'));
  const names = ['localhost', ...AUTHORITIES].map((name) => `DNS:${name}`).join(',');
  writeFileSync(path('leaf.ext'), `subjectAltName=${names}\n`);
  const authority = ['-CA', path('ca.pem'), '-CAkey', path('ca.key'), '-CAcreateserial', '-extfile', path('leaf.ext')];
  openssl('x509', '-req', '-days', '2', '-in', path('leaf.csr'), ...authority, '-out', path('leaf.pem'));
  return {
    folder,
    caFile: path('ca.pem'),
    key: readFileSync(path('leaf.key'), 'utf8'),
    certificate: readFileSync(path('leaf.pem'), 'utf8'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export class EntraServer {
  readonly received: Received[] = [];
  /** Decides on each request; set by the test. */
  answer: (request: Received) => Reply = () => ({ status: 500, body: {} });
  readonly #server;
  readonly #sockets = new Set<Duplex>();

  constructor(pki: Pki) {
    this.#server = createHttpsServer({ key: pki.key, cert: pki.certificate }, async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { method = '', url = '', headers } = request;
      const form = new URLSearchParams(Buffer.concat(chunks).toString());
      const received = { method, path: url, headers, form };
      this.received.push(received);
      const reply = this.answer(received);
      if (reply === 'silence') return;
      if (reply === 'reset') {
        request.socket.destroy();
      } else if (reply === 'stalled-body') {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' }).write('{"access');
      } else {
        const text = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body);
        response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers }).end(text);
      }
    });
    this.#server.on('connection', (socket) => track(this.#sockets, socket));
    this.#server.on('tlsClientError', () => undefined);
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  url(path = '/'): string {
    return `https://localhost:${this.port}${path}`;
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

export class ConnectProxy {
  /** `host:port` of each CONNECT, and its Proxy-Authorization in clear. */
  readonly received: { readonly target: string; readonly credentials: string | undefined }[] = [];
  /** HTTP status of the answer to CONNECT; `undefined` for no answer. */
  status: number | undefined = 200;
  readonly #server = createHttpServer();
  readonly #sockets = new Set<Duplex>();

  constructor(targetPort: number) {
    this.#server.on('connection', (socket) => track(this.#sockets, socket));
    this.#server.on('connect', (request, client) => {
      client.on('error', () => undefined);
      const authorization = request.headers['proxy-authorization'];
      const credentials = authorization && Buffer.from(authorization.replace('Basic ', ''), 'base64').toString();
      this.received.push({ target: request.url ?? '', credentials });
      if (this.status === undefined) return;
      if (this.status !== 200) {
        client.end(`HTTP/1.1 ${this.status} No\r\ncontent-length: 0\r\n\r\n`);
        return;
      }
      const upstream = connect(targetPort, '127.0.0.1', () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        client.pipe(upstream).pipe(client);
      });
      upstream.on('error', () => client.destroy());
    });
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

/** A port on which nothing listens. */
export async function unusedPort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function track(sockets: Set<Duplex>, socket: Duplex): void {
  sockets.add(socket);
  socket.on('error', () => undefined);
  socket.on('close', () => sockets.delete(socket));
}

/** The rejection of `promise`; fails when it resolves. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('expected a rejection');
    },
    (thrown: unknown) => thrown,
  );
}
