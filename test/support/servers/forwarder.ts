import { connect, createServer, type Server } from 'node:net';

/** Passes each connection to `address:port` on to this other port of 127.0.0.1. */
export async function listenForwarding(to: number, port: number, address: string): Promise<Server> {
  const server = createServer((socket) => {
    const upstream = connect(to, '127.0.0.1');
    socket.pipe(upstream).pipe(socket);
    for (const [side, other] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      side.on('error', () => side.destroy()).on('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, address, resolve));
  return server;
}
