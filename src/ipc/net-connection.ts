import { connect as connectSocket } from 'node:net';
import type { Connect } from './connection.ts';

/** `Connect` by Node's public API: for the command line, and for the helper where the internal binding is missing. */
export const connectByNet: Connect = (path, events) => {
  const socket = connectSocket(path);
  let ended = false;
  const end = (): void => {
    if (ended) return;
    ended = true;
    events.onEnd();
  };
  socket.once('error', events.onFailed);
  socket.once('connect', () => {
    socket.removeListener('error', events.onFailed);
    // A broken connection also emits `close`, which is what counts.
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => events.onData(chunk));
    socket.on('close', end);
    socket.on('end', end);
    events.onConnected({
      write: (text) => {
        socket.write(text);
      },
      close: () => {
        ended = true;
        socket.destroy();
      },
    });
  });
};
