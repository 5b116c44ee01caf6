import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ConnectReply, ConnectReplyReader } from '../../../../src/entra/transport/connect-reply.ts';

/** What the reader makes of these chunks; `undefined` while the header isn't complete. */
function read(...chunks: (string | readonly string[])[]): ConnectReply | undefined {
  const reader = new ConnectReplyReader();
  let reply: ConnectReply | undefined;
  for (const chunk of chunks.flat()) reply ??= reader.push(Buffer.from(chunk, 'latin1'));
  return reply;
}

describe('the reply to CONNECT', () => {
  it.each<[string, string, number]>([
    ['is a plain one', 'HTTP/1.1 200 Connection established\r\n\r\n', 200],
    ['has no reason phrase', 'HTTP/1.1 200\r\n\r\n', 200],
    ['has a space in place of the reason phrase', 'HTTP/1.1 200 \r\n\r\n', 200],
    ['is HTTP/1.0', 'HTTP/1.0 200 OK\r\nVia: x\r\n\r\n', 200],
    ['claims another version', 'HTTP/2 200\r\n\r\n', 200],
    ['ends its lines in LF', 'HTTP/1.1 200 OK\nVia: x\n\n', 200],
    ['mixes its line ends', 'HTTP/1.1 200 OK\r\nVia: x\n\r\n', 200],
    ['begins with a blank line', '\r\nHTTP/1.1 200 OK\r\n\r\n', 200],
    ['has a folded header', 'HTTP/1.1 200 OK\r\nVia: a\r\n\tb\r\n\r\n', 200],
    ['has a name that no header has', 'HTTP/1.1 200 OK\r\nA b(c): x\r\n\r\n', 200],
    ['has a long header', `HTTP/1.1 200 OK\r\nA: ${'x'.repeat(100 * 1024)}\r\n\r\n`, 200],
    ['has many headers', `HTTP/1.1 200 OK\r\n${`A: ${'x'.repeat(1000)}\r\n`.repeat(290)}\r\n`, 200],
    ['is another success', 'HTTP/1.1 299 Fine\r\n\r\n', 299],
    ['is a redirect', 'HTTP/1.1 302 Found\r\nLocation: http://portal.example/\r\n\r\n', 302],
    ['is an unasked upgrade', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n', 101],
    ['follows an interim one', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n', 200],
    [
      'follows two',
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nA: b\r\n\r\nHTTP/1.1 403 No\r\n\r\n',
      403,
    ],
  ])('%s', (_, text, status) => {
    expect(read(text)).toMatchObject({ status, rest: Buffer.alloc(0) });
    expect(read([...text])).toMatchObject({ status });
    expect(read(text.slice(0, -1))).toBeUndefined();
  });

  it.each([
    ['Content-Length', 'Content-Length: 3\r\n'],
    ['Transfer-Encoding', 'Transfer-Encoding: chunked\r\n'],
  ])('ends at its blank line in spite of %s', (_, header) => {
    const reply = read(`HTTP/1.1 200 OK\r\n${header}\r\n\x16\x03\x03`);
    expect(reply?.rest.toString('latin1')).toBe('\x16\x03\x03');
  });

  it.each([
    ['SSH', 'SSH-2.0-OpenSSH_9.2p1\r\n'],
    ['a refusal of SOCKS', '\x05\xff'],
    ['TLS', '\x15\x03\x01\x00\x02'],
    ['a status line without a status', 'HTTP/1.1 OK\r\n\r\n'],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n'],
    ['something else after an interim reply', 'HTTP/1.1 100 Continue\r\n\r\n\x16\x03\x03'],
  ])("is undefined if it's %s", (_, text) => {
    expect(() => read(text)).toThrow("its reply isn't HTTP");
  });

  it.each([
    ['in one reply', `HTTP/1.1 200 OK\r\n${`A: ${'x'.repeat(1000)}\r\n`.repeat(310)}`],
    ['in many interim replies', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(13_000)],
  ])('is refused with more than 300 KiB of headers %s', (_, text) => {
    expect(() => read(text)).toThrow('more than 300 KiB of headers');
    expect(() => read(text.match(/[\s\S]{1,50}/g) ?? [])).toThrow('more than 300 KiB of headers');
  });

  it.each<[string, readonly string[]]>([
    ['Proxy-Authenticate: Basic realm="a, NTLM"\r\n', ['Basic']],
    ['Proxy-Authenticate: Negotiate\r\nproxy-authenticate: NTLM\r\n', ['Negotiate', 'NTLM']],
    ['Proxy-Authenticate: Negotiate, NTLM, Basic realm="x", charset="UTF-8"\r\n', ['Negotiate', 'NTLM', 'Basic']],
    ['Proxy-Authenticate: Digest realm="x", nonce="y",\r\n qop="auth", Negotiate\r\n', ['Digest', 'Negotiate']],
    ['Proxy-Authenticate: NTLM TlRMTVNTUAAC=\r\n', ['NTLM']],
    ['WWW-Authenticate: Basic\r\n', []],
  ])('names the schemes of %j', (headers, schemes) => {
    expect(read(`HTTP/1.1 407 No\r\n${headers}\r\n`)).toMatchObject({ status: 407, schemes });
  });

  it("is the same no matter how it's split", () => {
    const text = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 407 No\nProxy-Authenticate: NTLM\r\n\r\n';
    fc.assert(
      fc.property(fc.array(fc.nat({ max: text.length }), { maxLength: 6 }), (cuts) => {
        const places = [0, ...cuts.toSorted((a, b) => a - b), text.length];
        const reply = read(places.slice(1).map((place, n) => text.slice(places[n], place)));
        expect(reply).toMatchObject({ status: 407, schemes: ['NTLM'] });
      }),
    );
  });

  it('is a reply, an error, or incomplete, whatever the bytes are', () => {
    const bytes = fc.oneof(
      fc.uint8Array(),
      fc.string().map((text) => Buffer.from(`HTTP/1.1 ${text}\r\n\r\n`)),
    );
    fc.assert(
      fc.property(bytes, (chunk) => {
        try {
          const reply = new ConnectReplyReader().push(Buffer.from(chunk));
          expect([undefined, 3]).toContain(reply && String(reply.status).length);
        } catch (thrown) {
          expect(String(thrown)).toMatch(/its reply/);
        }
      }),
    );
  });
});
