// A port in front of the proxy that can stop to listen and come back, as a proxy that is down does.
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export interface Relay {
  readonly port: number;
  /** Listens again on the same port. */
  open(): Promise<void>;
  /** New connections are refused; what is under way continues. */
  close(): void;
  /** The same, and cuts what is under way. */
  dispose(): void;
}

export async function startRelay(target: number): Promise<Relay> {
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let port = 0;
  const track = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    return socket.on('close', () => sockets.delete(socket));
  };
  const open = async (): Promise<void> => {
    const opening = createServer((client) => {
      const upstream = track(connect(target, '127.0.0.1'));
      track(client).pipe(upstream).pipe(client);
      client.on('close', () => upstream.destroy());
      upstream.on('close', () => client.destroy());
    });
    await new Promise<void>((resolve, reject) => {
      opening.once('error', reject);
      opening.listen(port, '127.0.0.1', resolve);
    });
    ({ port } = opening.address() as AddressInfo);
    server = opening;
  };
  const close = (): void => {
    server?.close();
    server = undefined;
  };
  await open();
  return {
    get port() {
      return port;
    },
    open,
    close,
    dispose() {
      close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
