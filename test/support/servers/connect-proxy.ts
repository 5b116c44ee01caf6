import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** What the proxy does with a CONNECT to a host that it knows. */
export type ProxyMode =
  | 'open'
  /** Refuses with this HTTP status. */
  | { readonly refuse: number }
  /** Takes the connection and never answers. */
  | 'silent';

export interface ConnectProxyOptions {
  /** Which local port is behind a name: `{ 'login.microsoftonline.com:443': 49152 }`. */
  readonly routes: Readonly<Record<string, number>>;
  /** Asked for by Basic authentication (407 without it). */
  readonly credentials?: { readonly username: string; readonly password: string };
}

/**
 * A loopback HTTP proxy that knows CONNECT alone (RFC 9110 section 9.3.6) and sends production host names to local
 * ports. Names without a route are refused with 403: nothing leaves the machine.
 */
export interface ConnectProxy {
  readonly port: number;
  /** `http://127.0.0.1:port`, with user name and password where they are asked for. */
  readonly url: string;
  /** May be changed while the proxy runs. */
  readonly routes: Map<string, number>;
  mode: ProxyMode;
  /** Tunnels opened so far. */
  readonly tunnels: number;
  /** `host:port` of every CONNECT, also refused ones, oldest first. */
  readonly hosts: readonly string[];
  /** `host:port` of every refused CONNECT. */
  readonly refused: readonly string[];
  /** Cuts the tunnels that are open now. */
  cutTunnels(): void;
  close(): Promise<void>;
}

/** Starts the proxy on a free loopback port. */
export async function startConnectProxy(options: ConnectProxyOptions): Promise<ConnectProxy> {
  const { credentials } = options;
  const expected = credentials && basicCredentials(credentials.username, credentials.password);
  const hosts: string[] = [];
  const refused: string[] = [];
  const sockets = new Set<Duplex>();
  const tunnels = { opened: 0, open: new Set<Duplex>() };
  const server = createServer((_, response) => response.writeHead(405).end());
  server.on('connection', (socket) => track(sockets, socket));

  server.on('connect', (request: IncomingMessage, client: Duplex, head: Buffer) => {
    const host = request.url ?? '';
    hosts.push(host);
    client.on('error', () => client.destroy());
    const target = proxy.routes.get(host.toLowerCase());
    const refusal = refusalOf(proxy.mode, target, request.headers['proxy-authorization'] === expected || !expected);
    if (refusal !== undefined) {
      refused.push(host);
      return void client.end(`HTTP/1.1 ${refusal}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
    }
    if (proxy.mode === 'silent' || target === undefined) return;
    tunnels.opened += 1;
    track(tunnels.open, client);
    track(sockets, openTunnel(client, head, target));
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const login = credentials
    ? `${encodeURIComponent(credentials.username)}:${encodeURIComponent(credentials.password)}@`
    : '';
  const proxy: ConnectProxy = {
    port,
    url: `http://${login}127.0.0.1:${port}`,
    routes: new Map(Object.entries(options.routes)),
    mode: 'open',
    get tunnels() {
      return tunnels.opened;
    },
    hosts,
    refused,
    cutTunnels() {
      for (const tunnel of tunnels.open) tunnel.destroy();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
  return proxy;
}

/** The status line's end, or `undefined` when the tunnel may open. */
function refusalOf(mode: ProxyMode, target: number | undefined, isAuthorized: boolean): string | undefined {
  if (!isAuthorized) return '407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="test"';
  if (target === undefined) return '403 Forbidden';
  return typeof mode === 'object' ? `${mode.refuse} Refused` : undefined;
}

function openTunnel(client: Duplex, head: Buffer, port: number): Socket {
  const upstream = connect(port, '127.0.0.1', () => {
    client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    if (head.length > 0) upstream.write(head);
    upstream.pipe(client).pipe(upstream);
  });
  upstream.on('error', () => client.destroy());
  upstream.on('close', () => client.destroy());
  client.on('close', () => upstream.destroy());
  return upstream;
}

function track(set: Set<Duplex>, stream: Duplex): void {
  set.add(stream);
  stream.on('close', () => set.delete(stream));
}

function basicCredentials(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
