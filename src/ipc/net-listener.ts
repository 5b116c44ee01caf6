import { createServer } from 'node:net';
import { BACKLOG, type Listen } from './listener.ts';

/** `Listen` by Node's public API, where the internal binding is missing. */
export const listenByNet: Listen = (path, accept) =>
  new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      const events = accept({
        write: (text) => {
          if (socket.writable) socket.write(text);
        },
        end: (text) => {
          if (socket.writable) socket.write(text);
          // Writes out what is buffered, but does not wait for a peer that never closes its end.
          socket.destroySoon();
        },
        destroy: () => void socket.destroy(),
      });
      socket.on('error', () => undefined);
      socket.on('data', (chunk: Buffer) => events.onData(chunk));
      socket.on('close', () => events.onClosed());
    });
    server.once('error', reject);
    server.listen({ path, backlog: BACKLOG }, () => {
      server.removeListener('error', reject);
      resolve({ close: () => void server.close() });
    });
  });
