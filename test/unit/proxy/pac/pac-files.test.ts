import { createSecureContext } from 'node:tls';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { PacFiles, type PacTrust } from '../../../../src/proxy/pac/pac-files.ts';
import { FakeClock } from '../../../support/fakes/fake-clock.ts';

const ADDRESS = 'http://contoso.com/proxy.pac';
const url = new URL('https://login.microsoftonline.com/token');
const noTrust: PacTrust = { context: () => undefined, retry: () => Promise.resolve(undefined) };

let clock: FakeClock;
let network: string;
/** What the server answers: a script, or a failure. */
let server: string | Error;
let downloads: number;
let files: PacFiles;
beforeEach(() => {
  clock = new FakeClock();
  network = 'office';
  server = answering('PROXY a:1');
  downloads = 0;
  files = new PacFiles({
    clock,
    network: () => network,
    download: async () => {
      downloads += 1;
      if (server instanceof Error) throw server;
      return server;
    },
  });
  onTestFinished(() => files.stop());
});

/** A file that also counts how often it's asked. */
const answering = (answer: string) => `var n = 0; function FindProxyForURL() { return "${answer}" + n++; }`;
const find = () => files.find(ADDRESS, url, noTrust);
const proxy = async () => {
  const outcome = await find();
  return outcome.state === 'failed' ? outcome.reason : outcome.routes.map((route) => route.proxy).join();
};
const MINUTE = 60_000;

describe('a PAC file', () => {
  it('is loaded when it is first needed, once for all who ask at the same time', async () => {
    expect(downloads).toBe(0);
    expect(await Promise.all([proxy(), proxy(), proxy()])).toHaveLength(3);
    expect(downloads).toBe(1);
  });

  it('is loaded again when its answers led nowhere, and the old one stays if that fails', async () => {
    expect(await proxy()).toBe('http://a:10');
    server = answering('PROXY b:1');
    files.renew();
    expect(await proxy()).toBe('http://b:10');
    expect(downloads).toBe(2);
    server = new Error('the server is gone');
    files.renew();
    expect(await proxy()).toBe('http://b:11');
    expect(downloads).toBe(3);
  });

  it("that couldn't be loaded is tried again when the way without it led nowhere", async () => {
    server = new Error('not there yet');
    expect(await proxy()).toMatch(/^can't be loaded/);
    server = answering('PROXY a:1');
    expect(await proxy()).toMatch(/^can't be loaded/);
    files.renew();
    expect(await proxy()).toBe('http://a:10');
  });

  it('keeps its answer for half a minute, and itself for ten', async () => {
    expect(await proxy()).toBe('http://a:10');
    clock.advance(29_000);
    expect(await proxy()).toBe('http://a:10');
    clock.advance(2_000);
    expect(await proxy()).toBe('http://a:11');
    expect(downloads).toBe(1);
    server = answering('PROXY b:1');
    clock.advance(9 * MINUTE);
    expect(await proxy()).toBe('http://a:12');
    clock.advance(MINUTE);
    expect(await proxy()).toBe('http://b:10');
    expect(downloads).toBe(2);
  });

  it('is asked for each host', async () => {
    await proxy();
    expect(await files.find(ADDRESS, new URL('https://other.example/'), noTrust)).toMatchObject({
      routes: [{ proxy: 'http://a:11' }],
    });
  });

  it('is loaded again in another network', async () => {
    await proxy();
    network = 'home';
    server = answering('PROXY b:1');
    expect(await proxy()).toBe('http://b:10');
  });

  it('is loaded again after the computer has slept', async () => {
    await proxy();
    server = answering('PROXY b:1');
    clock.sleep(MINUTE);
    expect(await proxy()).toBe('http://b:10');
  });

  it("that hasn't changed continues where it was", async () => {
    await proxy();
    clock.advance(11 * MINUTE);
    expect(await proxy()).toBe('http://a:11');
    expect(downloads).toBe(2);
  });

  it('that is gone keeps its last version in the same network, and is tried again soon', async () => {
    await proxy();
    server = new Error('HTTP 500');
    clock.advance(11 * MINUTE);
    expect(await proxy()).toBe('http://a:11');
    server = answering('PROXY b:1');
    clock.advance(MINUTE);
    expect(await proxy()).toBe('http://b:10');
  });

  it("that is gone in another network doesn't count there", async () => {
    await proxy();
    network = 'home';
    server = Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' });
    expect(await proxy()).toBe("can't be loaded (ENOTFOUND)");
  });

  it("that couldn't be loaded is tried again after half a minute", async () => {
    server = new Error('HTTP 404');
    expect(await proxy()).toBe("can't be loaded (HTTP 404)");
    server = answering('PROXY a:1');
    expect(await proxy()).toBe("can't be loaded (HTTP 404)");
    clock.advance(31_000);
    expect(await proxy()).toBe('http://a:10');
    expect(downloads).toBe(2);
  });

  it('that fails says how, without characters that a terminal would follow', async () => {
    server = 'throw new Error("\\u001b[31mred")';
    expect(await proxy()).toBe(String.raw`doesn't work (Error: \u{1b}[31mred)`);
  });
});

it('a PAC file behind an unknown root is loaded with the roots of the system', async () => {
  const roots = createSecureContext();
  const seen: unknown[] = [];
  const trusting = new PacFiles({
    clock,
    download: async (_, { trust }) => {
      seen.push(trust);
      if (trust === undefined) throw new Error('SELF_SIGNED_CERT_IN_CHAIN');
      return answering('PROXY a:1');
    },
  });
  onTestFinished(() => trusting.stop());
  const trust: PacTrust = { context: () => undefined, retry: () => Promise.resolve(roots) };
  expect(await trusting.find('https://contoso.com/proxy.pac', url, trust)).toMatchObject({ state: 'answer' });
  expect(seen).toEqual([undefined, roots]);
});
