import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';
import type { ServerCertificate } from './certificate-authority.ts';

export interface ScriptedProxyOptions {
  /** What it sends after the header of a CONNECT, byte for byte; each piece in its own packet. */
  readonly reply: readonly string[];
  /** What happens then. Default: `tunnel`. */
  readonly afterward?: 'tunnel' | 'close' | 'reset' | 'wait';
  /** The local port behind the tunnel. */
  readonly targetPort: number;
  /** Makes it an https proxy. */
  readonly tls?: ServerCertificate | undefined;
  /** Default: 127.0.0.1 */
  readonly address?: string;
}

/** A proxy on a raw socket, which answers CONNECT with whatever the test says. */
export interface ScriptedProxy {
  /** With its scheme, and a loopback address as host. */
  readonly url: string;
  readonly port: number;
  /** The header of each CONNECT, oldest first. */
  readonly received: readonly string[];
  /** Connections that are open now. */
  readonly open: number;
  stop(): void;
}

export async function startScriptedProxy(options: ScriptedProxyOptions): Promise<ScriptedProxy> {
  const { tls, address = '127.0.0.1' } = options;
  const received: string[] = [];
  const sockets = new Set<Duplex>();
  const onConnection = (client: Socket): void => {
    sockets.add(client);
    client.on('error', () => client.destroy());
    client.on('close', () => sockets.delete(client));
    void answer(client, received, options);
  };
  const server = tls === undefined ? createServer(onConnection) : createTlsServer({ ...tls }, onConnection);
  server.on('tlsClientError', () => undefined);
  server.listen(0, address);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${address.includes(':') ? `[${address}]` : address}:${port}`,
    port,
    received,
    get open() {
      return sockets.size;
    },
    stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function answer(client: Socket, received: string[], options: ScriptedProxyOptions): Promise<void> {
  const { reply, afterward = 'tunnel', targetPort } = options;
  const header = await readHeader(client);
  if (header === undefined) return;
  received.push(header);
  client.setNoDelay(true);
  for (const piece of reply) {
    await new Promise((resolve) => client.write(piece, 'latin1', resolve));
    // Lets the kernel send the piece before the next one comes.
    if (reply.length > 1) await new Promise((resolve) => setImmediate(resolve));
  }
  if (afterward === 'close') client.end();
  if (afterward === 'reset') client.resetAndDestroy();
  // A paused socket doesn't notice that the other end closes.
  if (afterward !== 'tunnel') client.resume();
  if (afterward !== 'tunnel') return;
  const upstream = connect(targetPort, '127.0.0.1');
  upstream.on('error', () => client.destroy());
  upstream.on('close', () => client.destroy());
  client.on('close', () => upstream.destroy());
  client.pipe(upstream).pipe(client);
}

/** Up to the blank line; `undefined` if the client leaves before it. */
function readHeader(client: Socket): Promise<string | undefined> {
  return new Promise((resolve) => {
    let text = '';
    const onData = (chunk: Buffer): void => {
      text += chunk.toString('latin1');
      if (!text.includes('\r\n\r\n')) return;
      client.off('data', onData).pause();
      resolve(text);
    };
    client.on('data', onData);
    client.on('close', () => resolve(undefined));
  });
}
