import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { describeDownloadFailure, downloadPac } from '../../../../src/proxy/pac/pac-download.ts';
import { createCertificateAuthority } from '../../../support/servers/certificate-authority.ts';

const SCRIPT = 'function FindProxyForURL() { return "DIRECT"; }';
const options = { timeoutMs: 20_000 };

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('a PAC file of a web server', () => {
  it('is loaded, with its query, and without asking for compression', async () => {
    const seen: unknown[] = [];
    const server = await serve(({ url, headers }, response) => {
      seen.push(url, headers['accept-encoding'], headers.authorization);
      response.end(SCRIPT);
    });
    expect(await downloadPac(`${server}/proxy.pac?site=1`, options)).toBe(SCRIPT);
    expect(seen).toEqual(['/proxy.pac?site=1', 'identity', undefined]);
  });

  it('may be somewhere else', async () => {
    const server = await serve(({ url }, response) => {
      if (url === '/new.pac') response.end(SCRIPT);
      else response.writeHead(302, { location: '/new.pac' }).end();
    });
    expect(await downloadPac(`${server}/proxy.pac`, options)).toBe(SCRIPT);
  });

  it.each<[string, RequestListener]>([
    ['HTTP 404', (_, response) => response.writeHead(404).end(SCRIPT)],
    ['HTTP 302', (_, response) => response.writeHead(302).end()],
    ['more than 1 MiB', (_, response) => response.end('x'.repeat(1024 * 1024 + 1))],
    ['redirected too often', (_, response) => response.writeHead(301, { location: '/again' }).end()],
    ['redirected to another protocol', (_, response) => response.writeHead(301, { location: 'file:///etc/a' }).end()],
    ['redirected to another protocol', (_, response) => response.writeHead(301, { location: 'ftp://a/' }).end()],
    ['ECONNRESET', (request) => request.socket.destroy()],
  ])('is refused: %s', async (reason, listener) => {
    const server = await serve(listener);
    const failure = await downloadPac(`${server}/proxy.pac`, options).catch((thrown: unknown) => thrown);
    expect(describeDownloadFailure(failure)).toBe(reason);
  });

  it.each<[string, RequestListener]>([
    ['with its reply', () => undefined],
    ['with its body', (_, response) => response.writeHead(200, { 'content-length': 100 }).write('x')],
  ])('that takes too long %s is given up', async (_, listener) => {
    const server = await serve(listener);
    await expect(downloadPac(`${server}/proxy.pac`, { timeoutMs: 100 })).rejects.toThrow('no answer in time');
  });

  it('is named by the failure of its connection', async () => {
    const failure = await downloadPac('http://127.0.0.1:9/proxy.pac', options).catch((thrown: unknown) => thrown);
    expect(describeDownloadFailure(failure)).toBe('ECONNREFUSED');
  });

  it('over TLS needs a root that is trusted', async () => {
    const ca = await createCertificateAuthority();
    const server = createTlsServer(await ca.issue(['localhost']), (_, response) => response.end(SCRIPT));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const url = `https://localhost:${(server.address() as AddressInfo).port}/proxy.pac`;
    expect(await downloadPac(url, { ...options, trust: createSecureContext({ ca: ca.pem }) })).toBe(SCRIPT);
    await expect(downloadPac(url, options)).rejects.toThrow();
  });
});

describe('a PAC file of this computer', () => {
  const place = (content: string | Buffer): string => {
    const folder = mkdtempSync(join(tmpdir(), 'pac-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'proxy.pac');
    writeFileSync(file, content);
    return pathToFileURL(file).href;
  };

  it.each([
    ['UTF-8', Buffer.from(`\ufeff${SCRIPT} // é`, 'utf8'), `${SCRIPT} // é`],
    ['UTF-16', Buffer.from(`\ufeff${SCRIPT}`, 'utf16le'), SCRIPT],
    ['Latin-1', Buffer.from(`${SCRIPT} // é`, 'latin1'), `${SCRIPT} // é`],
  ])('may be in %s', async (_, bytes, text) => {
    expect(await downloadPac(place(bytes), options)).toBe(text);
  });

  it.each([
    ['more than 1 MiB', () => place('x'.repeat(1024 * 1024 + 1))],
    ['ENOENT', () => 'file:///nowhere/proxy.pac'],
    ["it's on another computer", () => 'file://server/share/proxy.pac'],
    ["it's on another computer", () => 'file:////server/share/proxy.pac'],
  ])('is refused: %s', async (reason, url) => {
    const failure = await downloadPac(url(), options).catch((thrown: unknown) => thrown);
    expect(describeDownloadFailure(failure)).toBe(reason);
  });
});
