// How an HTTP server refuses what never becomes a request, and how it ends a connection.
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { errnoOf } from '../core/errno.ts';

/** What the parser reports with the `clientError` event. */
export interface UnreadableRequest extends Error {
  /** The bytes in which it failed. */
  readonly rawPacket?: Buffer;
}

const LINGER_MS = 1_000;
/** A token and a space, as every method is (RFC 9110 sections 5.6.2 and 9.1). */
const METHOD = /^[\w!#$%&'*+.^`|~-]+ /;
const LINE_FEED = 10;

/**
 * Ends a connection in stages (RFC 9112 section 9.6). If a server closes a connection with unread input, the system
 * resets it, and the client may lose the answer. So this end is closed first, and input is dropped until the client
 * closes its own, for a second at most.
 */
export function closeInStages(socket: Socket): void {
  const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once('close', () => clearTimeout(timer));
  socket.once('end', () => socket.destroy());
  socket.end();
  socket.resume();
}

/**
 * Answers what the parser couldn't read, unless the client is gone, and ends the connection.
 * @param headBytes the largest request head
 */
export function refuseUnreadable(error: UnreadableRequest, socket: Socket, headBytes: number): void {
  if (!socket.writable || errnoOf(error) === 'ECONNRESET') socket.destroy();
  else refuse(statusOf(error, headBytes), socket);
}

/** Answers CONNECT: there are no tunnels, so the resource allows no method (RFC 9110 section 10.2.1). */
export function refuseTunnel(socket: Socket): void {
  refuse(405, socket, 'Allow: \r\n');
}

/** Answers without a body and ends the connection. */
function refuse(status: number, socket: Socket, headers = ''): void {
  const rest = `${headers}Content-Length: 0\r\nConnection: close\r\n\r\n`;
  socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${rest}`);
  closeInStages(socket);
}

/** RFC 9110 section 15, RFC 6585 section 5. */
function statusOf(error: UnreadableRequest, headBytes: number): number {
  const { rawPacket } = error;
  switch (errnoOf(error)) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 408;
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return 413;
    case 'HPE_HEADER_OVERFLOW':
      return isFirstLineTooLong(rawPacket, headBytes) ? 414 : 431;
    case 'HPE_INVALID_METHOD':
      return METHOD.test(rawPacket?.toString('latin1', 0, 64) ?? '') ? 501 : 400;
    case 'HPE_INVALID_VERSION':
      return 505;
    default:
      return 400;
  }
}

/** A request that comes in one piece starts with its target. */
function isFirstLineTooLong(packet: Buffer | undefined, headBytes: number): boolean {
  const end = packet?.indexOf(LINE_FEED) ?? 0;
  return end === -1 || end > headBytes;
}
