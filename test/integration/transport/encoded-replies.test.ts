// Replies as middleboxes change them: compressed although no one asked for it, or with long headers.

import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createCertificateAuthority, type ServerCertificate } from '../../support/servers/certificate-authority.ts';
import { rejection } from '../../unit/entra/support.ts';
import { exchange, listen, stop } from './support.ts';

const OBJECT = { access_token: 'token', expires_in: 3600 };
const TEXT = Buffer.from(JSON.stringify(OBJECT));

let folder: string;
let caFile: string;
let certificate: ServerCertificate;
let port: number;
let answer: (response: ServerResponse, request: IncomingMessage) => void;
let server: ReturnType<typeof createHttpsServer>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'encoded-replies-'));
  const authority = await createCertificateAuthority();
  caFile = authority.write(folder);
  certificate = await authority.issue(['localhost']);
  server = createHttpsServer({ ...certificate }, (request, response) => answer(response, request));
  port = await listen(server);
});
afterAll(() => {
  stop(server);
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  answer = (response) => response.end(TEXT);
});

const send = () => exchange({ caFile, url: `https://localhost:${port}/` });

const encoded = (encoding: string | string[], body: Uint8Array, status = 200): void => {
  answer = (response) => response.setHeader('content-encoding', encoding).writeHead(status).end(body);
};

describe('a reply', () => {
  it('is asked for without encoding', async () => {
    let asked: string | undefined;
    answer = (response, request) => {
      asked = String(request.headers['accept-encoding']);
      response.end(TEXT);
    };
    await send();
    expect(asked).toBe('identity');
  });

  it.each<[string, string | string[], Uint8Array]>([
    ['identity', 'identity', TEXT],
    ['gzip', 'gzip', gzipSync(TEXT)],
    ['GZIP', 'GZIP', gzipSync(TEXT)],
    ['x-gzip', 'x-gzip', gzipSync(TEXT)],
    ['two members of gzip', 'gzip', Buffer.concat([gzipSync(TEXT.subarray(0, 9)), gzipSync(TEXT.subarray(9))])],
    ['deflate as zlib', 'deflate', deflateSync(TEXT)],
    ['deflate as zlib without compression', 'deflate', deflateSync(TEXT, { level: 0 })],
    ['bare deflate', 'deflate', deflateRawSync(TEXT)],
    ['bare deflate without compression', 'deflate', deflateRawSync(TEXT, { level: 0 })],
    ['br', 'br', brotliCompressSync(TEXT)],
    ['zstd', 'zstd', zstdCompressSync(TEXT)],
    ['gzip, then br', 'gzip, br', brotliCompressSync(gzipSync(TEXT))],
    ['deflate, then gzip, in two headers', ['deflate', 'gzip'], gzipSync(deflateSync(TEXT))],
    ['an empty list', ' , identity,, ', TEXT],
  ])('is decoded: %s', async (_, encoding, body) => {
    encoded(encoding, body);
    expect(await send()).toMatchObject({ status: 200, body: OBJECT });
  });

  it('is decoded in chunks of any size', async () => {
    const body = gzipSync(TEXT);
    answer = async (response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      for (const byte of body) await new Promise((resolve) => response.write(Buffer.of(byte), resolve));
      response.end();
    };
    expect(await send()).toMatchObject({ body: OBJECT });
  });

  it('of a full megabyte is decoded', async () => {
    const body = { filler: 'x'.repeat(1024 * 1024 - '{"filler":""}'.length) };
    encoded('gzip', gzipSync(JSON.stringify(body)));
    expect((await send()).body).toEqual(body);
  });

  it.each<[string, string, Uint8Array]>([
    ['gzip', 'gzip', gzipSync(Buffer.alloc(64 * 1024 * 1024))],
    ['deflate', 'deflate', deflateSync(Buffer.alloc(64 * 1024 * 1024))],
    [
      'br',
      'br',
      brotliCompressSync(Buffer.alloc(64 * 1024 * 1024), { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
    ],
    ['zstd', 'zstd', zstdCompressSync(Buffer.alloc(64 * 1024 * 1024))],
    ['gzip in gzip', 'gzip, gzip', gzipSync(gzipSync(Buffer.alloc((1024 * 1024 * 1024) >> 2)))],
    ['one byte too many', 'gzip', gzipSync(Buffer.alloc(1024 * 1024 + 1))],
  ])('that would decode to more than 1 MiB is refused: %s', async (_, encoding, body) => {
    expect(body.length).toBeLessThan(1024 * 1024);
    encoded(encoding, body);
    expect(await rejection(send())).toMatchObject({
      code: 'ERR_NETWORK_REPLY',
      detail: `localhost:${port} sent more than 1 MiB`,
    });
  });

  it.each<[string, string, Uint8Array, string]>([
    ['an unknown encoding', 'compress', TEXT, 'content encoding "compress", which this program can\'t decode'],
    [
      'an unknown one in the list',
      'dcb, gzip',
      gzipSync(TEXT),
      'content encoding "dcb", which this program can\'t decode',
    ],
    ['something else than it says', 'gzip', TEXT, 'a damaged body in content encoding "gzip"'],
    ['half of a body', 'gzip', gzipSync(TEXT).subarray(0, 30), 'a damaged body in content encoding "gzip"'],
    ['half of a body', 'br', brotliCompressSync(TEXT).subarray(0, 20), 'a damaged body in content encoding "br"'],
    ['too many encodings', 'gzip,gzip,gzip,gzip,gzip', TEXT, '5 content encodings'],
  ])('with %s is refused', async (_, encoding, body, reason) => {
    encoded(encoding, body);
    expect(await rejection(send())).toMatchObject({
      code: 'ERR_NETWORK_REPLY',
      detail: `localhost:${port} (HTTP 200, no content type, ${reason})`,
    });
  });

  it("doesn't show an encoding that could fool the reader", async () => {
    encoded(`x\u001b[2J${'y'.repeat(5_000)}`.replace('\u001b', '\u0085'), TEXT);
    const { detail } = (await rejection(send())) as { detail: string };
    expect(detail).not.toContain('\u0085');
    expect(detail.length).toBeLessThan(600);
  });

  it.each([429, 503])('of %i counts without a body that can be decoded', async (status) => {
    encoded('compress', Buffer.from('busy'), status);
    expect(await send()).toMatchObject({ status, body: {} });
  });

  it('may name an encoding and have no body', async () => {
    encoded('gzip', new Uint8Array(), 503);
    expect(await send()).toMatchObject({ status: 503, body: {} });
  });
});

describe('the headers of a reply', () => {
  it.each([
    ['one of 100 KB', { 'x-long': 'x'.repeat(100_000) }],
    ['290 KB in all', Object.fromEntries(Array.from({ length: 290 }, (_, n) => [`x-${n}`, 'x'.repeat(990)]))],
  ])('may be as long as curl allows: %s', async (_, headers) => {
    answer = (response) => response.writeHead(200, headers).end(TEXT);
    expect(await send()).toMatchObject({ status: 200, body: OBJECT });
  });

  it('end the exchange at 300 KiB', async () => {
    answer = (response) => response.writeHead(200, { 'x-long': 'x'.repeat(310 * 1024) }).end(TEXT);
    expect(await rejection(send())).toMatchObject({ code: 'ERR_NETWORK_REPLY' });
  });

  it('may follow interim replies', async () => {
    answer = (response) => {
      response.writeContinue();
      response.writeEarlyHints({ link: '</a>; rel=preload' });
      response.end(TEXT);
    };
    expect(await send()).toMatchObject({ status: 200, body: OBJECT });
  });
});

it("a reply that isn't HTTP is a strange answer, not a dead connection", async () => {
  const strange = createTlsServer({ ...certificate }, (socket) => socket.end('220 mail.example ESMTP\r\n'));
  const strangePort = await listen(strange);
  onTestFinished(() => void strange.close());
  expect(await rejection(exchange({ caFile, url: `https://localhost:${strangePort}/` }))).toMatchObject({
    code: 'ERR_NETWORK_REPLY',
    detail: expect.stringContaining('HPE_'),
  });
});
