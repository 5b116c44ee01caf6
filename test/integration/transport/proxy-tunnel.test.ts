// Every form of reply to CONNECT, from a raw socket to a real TLS server behind it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createHttpsAgent } from '../../../src/entra/transport/https-agent.ts';
import {
  type CertificateAuthority,
  createCertificateAuthority,
  type ServerCertificate,
} from '../../support/servers/certificate-authority.ts';
import {
  type ScriptedProxy,
  type ScriptedProxyOptions,
  startScriptedProxy,
} from '../../support/servers/scripted-proxy.ts';
import { rejection } from '../../unit/entra/support.ts';
import { exchange, HOST, startOrigin } from './support.ts';

const OK = 'HTTP/1.1 200 Connection established\r\n\r\n';

let authority: CertificateAuthority;
let certificate: ServerCertificate;
let origin: { port: number; stop: () => void };
let folder: string;
let caFile: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'proxy-tunnel-'));
  authority = await createCertificateAuthority();
  caFile = authority.write(folder);
  certificate = await authority.issue([HOST, 'localhost', '127.0.0.1', '::1']);
  origin = await startOrigin(certificate);
});
afterAll(() => {
  origin.stop();
  rmSync(folder, { recursive: true });
});

async function proxyWith(options: Omit<ScriptedProxyOptions, 'targetPort'>): Promise<ScriptedProxy> {
  const proxy = await startScriptedProxy({ targetPort: origin.port, ...options });
  onTestFinished(() => proxy.stop());
  return proxy;
}

describe('a tunnel opens', () => {
  it.each<[string, readonly string[]]>([
    ['200', [OK]],
    ['a 200 without a reason phrase', ['HTTP/1.1 200\r\n\r\n']],
    ['HTTP/1.0', ['HTTP/1.0 200 OK\r\n\r\n']],
    ['201', ['HTTP/1.1 201 Created\r\n\r\n']],
    ['204', ['HTTP/1.1 204 No Content\r\n\r\n']],
    ['a Content-Length, which does not count', ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n']],
    ['chunked, which does not count', ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n']],
    ['100 first', [`HTTP/1.1 100 Continue\r\n\r\n${OK}`]],
    [
      '100 and 103 in packets of their own',
      ['HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 103 Hints\r\nA: b\r\n\r\n', OK],
    ],
    ['one byte at a time', [...OK]],
    ['lines that end in LF', ['HTTP/1.1 200 OK\nVia: a\n\n']],
    ['a folded header', ['HTTP/1.1 200 OK\r\nVia: a\r\n b\r\n\r\n']],
    ['a header of 100 KB', [`HTTP/1.1 200 OK\r\nA: ${'x'.repeat(100_000)}\r\n\r\n`]],
    ['290 KB of headers', [`HTTP/1.1 200 OK\r\n${`A: ${'x'.repeat(990)}\r\n`.repeat(290)}\r\n`]],
  ])('after %s', async (_, reply) => {
    const proxy = await proxyWith({ reply });
    expect(await exchange({ caFile, proxy: proxy.url })).toMatchObject({ status: 200, body: { ok: true } });
    await expect.poll(() => proxy.open).toBe(0);
  });

  it('with host, port, and credentials as the proxy expects them', async () => {
    const proxy = await proxyWith({ reply: [OK] });
    const url = proxy.url.replace('//', '//corp%5Cada:p%3Aw%C3%A9@');
    await exchange({ caFile, proxy: url });
    const [first, ...lines] = proxy.received[0]?.trimEnd().split('\r\n') ?? [];
    expect(first).toBe(`CONNECT ${HOST}:443 HTTP/1.1`);
    expect(lines).toContain(`Host: ${HOST}:443`);
    expect(lines).toContain(`Proxy-Authorization: Basic ${Buffer.from('corp\\ada:p:wé').toString('base64')}`);
  });

  it('to an IPv6 address in brackets', async () => {
    const proxy = await proxyWith({ reply: [OK] });
    await exchange({ caFile, proxy: proxy.url, url: 'https://[::1]:8443/' });
    expect(proxy.received[0]).toMatch(/^CONNECT \[::1\]:8443 HTTP\/1\.1\r\nHost: \[::1\]:8443\r\n/);
  });

  it('through a proxy at an IPv6 address', async () => {
    const proxy = await proxyWith({ reply: [OK], address: '::1' });
    expect(await exchange({ caFile, proxy: proxy.url })).toMatchObject({ status: 200 });
  });

  it('through a proxy by name, at the address that answers', async () => {
    const proxy = await proxyWith({ reply: [OK] });
    const resolve = () => Promise.resolve(['::1', '127.0.0.1']);
    const agent = createHttpsAgent({ proxy: `http://proxy.example:${proxy.port}`, timeoutMs: 60_000, resolve });
    const socket = await agent.open({ host: HOST, port: 443 }, { rejectUnauthorized: false });
    expect(socket.getPeerCertificate().subject.CN).toBe(HOST);
    socket.destroy();
  });

  it('through an https proxy whose root is in caFile', async () => {
    const proxy = await proxyWith({ reply: [OK], tls: certificate });
    expect(await exchange({ caFile, proxy: proxy.url })).toMatchObject({ status: 200, body: { ok: true } });
    await expect.poll(() => proxy.open).toBe(0);
  });
});

describe('no tunnel opens', () => {
  it.each<[string, Omit<ScriptedProxyOptions, 'targetPort'>, string, string]>([
    ['302', { reply: ['HTTP/1.1 302 Found\r\nContent-Length: 2\r\n\r\nhi'] }, 'ERR_NETWORK_PROXY', 'HTTP 302'],
    ['101', { reply: ['HTTP/1.1 101 Switching Protocols\r\n\r\n'] }, 'ERR_NETWORK_PROXY', 'HTTP 101'],
    [
      '403 with a page',
      { reply: [`HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n${'x'.repeat(2_000_000)}`] },
      'ERR_NETWORK_PROXY',
      'HTTP 403',
    ],
    [
      '407',
      { reply: ['HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm="x"\r\n\r\n'] },
      'ERR_NETWORK_PROXY_AUTH',
      'HTTP 407',
    ],
    [
      '502 after 100',
      { reply: ['HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 502 No\r\n\r\n'] },
      'ERR_NETWORK',
      'HTTP 502',
    ],
    ['nothing', { reply: [], afterward: 'close' }, 'ERR_NETWORK', 'ECONNRESET'],
    ['a reset', { reply: [], afterward: 'reset' }, 'ERR_NETWORK', 'ECONNRESET'],
    ['half a header', { reply: ['HTTP/1.1 200 OK\r\nVia'], afterward: 'close' }, 'ERR_NETWORK', 'ECONNRESET'],
    [
      'the greeting of SSH',
      { reply: ['SSH-2.0-x\r\n'], afterward: 'wait' },
      'ERR_NETWORK_PROXY',
      "its reply isn't HTTP",
    ],
    ['the refusal of SOCKS', { reply: ['\x05\xff'], afterward: 'wait' }, 'ERR_NETWORK_PROXY', "its reply isn't HTTP"],
    [
      'headers without end',
      { reply: [`HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(100_000)}`], afterward: 'wait' },
      'ERR_NETWORK_PROXY',
      'its reply has more than 300 KiB of headers',
    ],
  ])('after %s', async (_, options, code, reason) => {
    const proxy = await proxyWith(options);
    const where = `${HOST} through the proxy ${new URL(proxy.url).host}`;
    expect(await rejection(exchange({ caFile, proxy: proxy.url }))).toMatchObject({
      code,
      detail: `${where} (${reason})`,
    });
    await expect.poll(() => proxy.open).toBe(0);
  });

  it('and the error names the schemes that the proxy offers', async () => {
    const proxy = await proxyWith({ reply: ['HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate, NTLM\r\n\r\n'] });
    expect(await rejection(exchange({ caFile, proxy: proxy.url }))).toMatchObject({
      cause: { statusCode: 407, schemes: ['Negotiate', 'NTLM'] },
    });
  });

  it.each(['no reply', 'half a reply'])('before the deadline: %s', async (what) => {
    const proxy = await proxyWith({ reply: what === 'no reply' ? [] : ['HTTP/1.1 200 OK\r\n'], afterward: 'wait' });
    expect(await rejection(exchange({ caFile, proxy: proxy.url, timeoutMs: 200 }))).toMatchObject({
      code: 'ERR_NETWORK_TIMEOUT',
    });
    await expect.poll(() => proxy.open).toBe(0);
  });

  it('if the request is aborted meanwhile, and the connection closes', async () => {
    const proxy = await proxyWith({ reply: ['HTTP/1.1 100 Continue\r\n\r\n'], afterward: 'wait' });
    const abort = new AbortController();
    const failure = rejection(exchange({ caFile, proxy: proxy.url, signal: abort.signal }));
    await expect.poll(() => proxy.received.length).toBe(1);
    abort.abort();
    expect(await failure).toMatchObject({ code: 'ERR_SIGN_IN_CANCELLED' });
    await expect.poll(() => proxy.open).toBe(0);
  });

  it('if the proxy takes TLS and never answers the handshake behind it', async () => {
    const silent = await proxyWith({ reply: [OK], afterward: 'wait' });
    expect(await rejection(exchange({ caFile, proxy: silent.url, timeoutMs: 200 }))).toMatchObject({
      code: 'ERR_NETWORK_TIMEOUT',
    });
    await expect.poll(() => silent.open).toBe(0);
  });

  it("if bytes that aren't TLS follow the header", async () => {
    const proxy = await proxyWith({
      reply: ['HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nHello, world'],
      afterward: 'wait',
    });
    expect(await rejection(exchange({ caFile, proxy: proxy.url }))).toMatchObject({
      code: 'ERR_NETWORK_TLS',
      tlsFault: 'not-tls',
    });
  });

  it('through an https proxy that nothing vouches for: its credentials stay here', async () => {
    const stranger = await createCertificateAuthority('Proxy Root');
    const proxy = await proxyWith({ reply: [OK], tls: await stranger.issue(['127.0.0.1']) });
    const url = proxy.url.replace('//', '//ada:secret@');
    expect(await rejection(exchange({ caFile, proxy: url }))).toMatchObject({
      code: 'ERR_NETWORK_TLS',
      detail: expect.stringMatching(/^the proxy 127\.0\.0\.1:\d+ \(UNABLE_TO_\w+: .*\); it names itself "Proxy Root"$/),
    });
    expect(proxy.received).toEqual([]);
  });
});

it('a connection that is opened without a signal ends at the time limit', async () => {
  const proxy = await proxyWith({ reply: [], afterward: 'wait' });
  const agent = createHttpsAgent({ proxy: proxy.url, timeoutMs: 100 });
  expect(await rejection(agent.open({ host: HOST, port: 443 }))).toMatchObject({ name: 'TimeoutError' });
  await expect.poll(() => proxy.open).toBe(0);
});
