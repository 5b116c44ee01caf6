import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ConnectionOwners } from '../../../src/platform/connection-owner.ts';
import { LoopbackServer } from '../../../src/platform/loopback-server.ts';

async function startServer({ owners, vouches = false }: { owners?: ConnectionOwners; vouches?: boolean } = {}) {
  const asked: string[] = [];
  const server = new LoopbackServer({
    headBytes: 8 * 1024,
    keepAliveMs: 60_000,
    ...(owners === undefined ? {} : { owners }),
    onRequest: (request, response) => {
      asked.push(`${request.headers.host} ${request.url}`);
      if (vouches) server.vouchFor(request);
      response.end('answered');
    },
  });
  onTestFinished(() => server.close());
  return { server, authority: await server.start(), asked };
}

function open(authority: string, from = '127.0.0.1'): { readonly socket: Socket; readonly text: () => string } {
  let text = '';
  const socket = connect({ port: Number(authority.split(':')[1]), host: '127.0.0.1', localAddress: from });
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  return { socket, text: () => text };
}

/** What comes back for these bytes until the server hangs up. */
async function exchange(authority: string, bytes: string, from?: string): Promise<string> {
  const { socket, text } = open(authority, from);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(bytes);
  await closed;
  return text();
}

const statusOf = (reply: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(reply)?.[1] ?? 0);

describe('a request on 127.0.0.1', () => {
  it.each([
    ['names one host', 'GET /x?y HTTP/1.1\r\nHost: HERE\r\nConnection: close\r\n\r\n', 200, 'HERE /x?y'],
    [
      'names the host in its target (RFC 9112, 3.2.2)',
      'GET http://HERE/x?y HTTP/1.1\r\nHost: elsewhere\r\nConnection: close\r\n\r\n',
      200,
      'HERE /x?y',
    ],
    [
      'names another host in its target',
      'GET http://elsewhere/x HTTP/1.1\r\nHost: HERE\r\nConnection: close\r\n\r\n',
      200,
      'elsewhere /x',
    ],
    ['names two hosts (RFC 9112, 3.2)', 'GET / HTTP/1.1\r\nHost: HERE\r\nHost: elsewhere\r\n\r\n', 400, undefined],
    ['names its host twice', 'GET / HTTP/1.1\r\nHost: HERE\r\nhost: HERE\r\n\r\n', 400, undefined],
    ['names no host', 'GET / HTTP/1.1\r\n\r\n', 400, undefined],
    ['names no host in HTTP/1.0', 'GET / HTTP/1.0\r\n\r\n', 400, undefined],
    ['has too large a head', `GET / HTTP/1.1\r\nHost: HERE\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431, undefined],
    [
      'has a length and chunks',
      'POST / HTTP/1.1\r\nHost: HERE\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
      undefined,
    ],
    ['is no HTTP', 'hello\r\n\r\n', 400, undefined],
    ['has too long a target', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: HERE\r\n\r\n`, 414, undefined],
    ['has an endless target', `GET /${'x'.repeat(20_000)}`, 414, undefined],
    ['has a method that nobody knows', 'BREW /pot HTTP/1.1\r\nHost: HERE\r\n\r\n', 501, undefined],
    ['wants a tunnel', 'CONNECT HERE HTTP/1.1\r\nHost: HERE\r\n\r\n', 405, undefined],
    ['has another version', 'GET / HTTP/3.0\r\nHost: HERE\r\n\r\n', 505, undefined],
    ['expects what nobody offers', 'GET / HTTP/1.1\r\nHost: HERE\r\nExpect: tea\r\n\r\n', 417, undefined],
    [
      'asks before it sends a body',
      'GET /x HTTP/1.1\r\nHost: HERE\r\nExpect: 100-continue\r\nContent-Length: 1\r\nConnection: close\r\n\r\n',
      200,
      'HERE /x',
    ],
    [
      'has two lengths',
      'GET / HTTP/1.1\r\nHost: HERE\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      400,
      undefined,
    ],
    ['has a space before a colon', 'GET / HTTP/1.1\r\nHost : HERE\r\n\r\n', 400, undefined],
    ['is encrypted', '\x16\x03\x01\x02\x00\x01\x00\x01', 400, undefined],
  ])('that %s', async (_, bytes, status, seen) => {
    const { authority, asked } = await startServer();
    const reply = await exchange(authority, bytes.replaceAll('HERE', authority));
    expect(statusOf(reply)).toBe(status);
    expect(asked).toEqual(seen === undefined ? [] : [seen.replaceAll('HERE', authority)]);
  });

  it.runIf(process.platform === 'linux')(
    "that comes from another address of this computer isn't answered",
    async () => {
      const { authority, asked } = await startServer();
      expect(await exchange(authority, `GET / HTTP/1.1\r\nHost: ${authority}\r\n\r\n`, '127.0.0.2')).toBe('');
      expect(asked).toEqual([]);
    },
  );
});

describe('the end of a connection', () => {
  /** More than the system buffers, so that much of it is unread when the answer goes out. */
  const BODY = 8 * 1024 * 1024;

  it.each([
    ['an answered', 'POST /x HTTP/1.1\r\nHost: HERE\r\nConnection: close\r\n', 200],
    ['a refused', 'POST /x HTTP/1.1\r\nHost: HERE\r\nHost: HERE\r\n', 400],
    ['an unreadable', 'BREW /x HTTP/1.1\r\nHost: HERE\r\n', 501],
  ])('lets the client read the answer to %s request before it has sent everything', async (_, head, status) => {
    const { authority } = await startServer();
    const { socket, text } = open(authority);
    const closed = new Promise<boolean>((resolve) => socket.once('close', resolve));
    socket.write(`${head.replaceAll('HERE', authority)}Content-Length: ${BODY}\r\n\r\n${'x'.repeat(BODY)}`);
    expect(await closed).toBe(false);
    expect(statusOf(text())).toBe(status);
  });

  it('comes after the answer if nonsense follows a request', async () => {
    const { authority, asked } = await startServer();
    const reply = await exchange(authority, `GET /x HTTP/1.1\r\nHost: ${authority}\r\n\r\nhello\r\n\r\n`);
    expect(reply.match(/^HTTP\/1\.1 \d{3}/gm)).toEqual(['HTTP/1.1 200']);
    expect(asked).toEqual([`${authority} /x`]);
  });
});

describe("if the system doesn't say who owns a connection", () => {
  const unknown = new ConnectionOwners(1000, async () => undefined);

  it('a new connection gets in, no matter how many are held open', async () => {
    const { authority } = await startServer({ owners: unknown });
    const held = Array.from({ length: 1_500 }, () => open(authority).socket);
    await Promise.all(held.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
    const request = `GET / HTTP/1.1\r\nHost: ${authority}\r\nConnection: close\r\n\r\n`;
    expect(statusOf(await exchange(authority, request))).toBe(200);
  });

  it('a connection that was vouched for stays, no matter how many come', async () => {
    const { authority } = await startServer({ owners: unknown, vouches: true });
    const request = `GET / HTTP/1.1\r\nHost: ${authority}\r\n\r\n`;
    const kept = open(authority);
    kept.socket.write(request);
    await expect.poll(kept.text).toContain('answered');
    const floods = Array.from({ length: 1_500 }, () => open(authority).socket);
    await Promise.all(floods.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
    kept.socket.write(request);
    await expect.poll(() => kept.text().split('answered').length).toBe(3);
  });
});
