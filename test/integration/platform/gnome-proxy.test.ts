// GNOME's settings through the real gsettings, which keeps them in the test's own file instead of dconf, and its
// exception rules next to GLib's own resolver.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { gioExceptions } from '../../../src/platform/system-proxy/gio-exceptions.ts';
import { readerWithin } from '../../../src/platform/system-proxy/run-reader.ts';
import { readSystemProxy, type SystemProxy } from '../../../src/platform/system-proxy/system-proxy.ts';
import { temporaryFolder } from '../../support/harness/temporary-folder.ts';
import { check } from '../fuzz/support.ts';

const execute = promisify(execFile);
const SIGN_IN = new URL('https://login.microsoftonline.com/');
const PATH = '/usr/bin:/bin';
/** However busy the computer is. */
const run = readerWithin(60_000);

function ownFolder(): string {
  const folder = mkdtempSync(join(temporaryFolder(), 'gnome-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** A GNOME session whose settings are these, by schema and key below `org.gnome.system.proxy`. */
async function gnome(settings: Readonly<Record<string, string>>): Promise<SystemProxy> {
  const folder = ownFolder();
  // With a locale other than UTF-8, as systemd's services have.
  const session = { XDG_CURRENT_DESKTOP: 'ubuntu:GNOME', LC_ALL: 'C', LANG: 'C' };
  const env = { ...session, PATH, HOME: folder, XDG_CONFIG_HOME: folder, GSETTINGS_BACKEND: 'keyfile' };
  for (const [name, value] of Object.entries(settings)) {
    const [key = '', child] = name.split('.').reverse();
    const schema = child === undefined ? 'org.gnome.system.proxy' : `org.gnome.system.proxy.${child}`;
    await execute('/usr/bin/gsettings', ['set', schema, key, value], { env: { ...env, LC_ALL: 'C.UTF-8' } });
  }
  const proxy = await readSystemProxy({ platform: 'linux', env, run });
  if (proxy === undefined) throw new Error('GNOME always has settings');
  return proxy;
}

const manual = (settings: Readonly<Record<string, string>>) => gnome({ mode: 'manual', ...settings });

describe("GNOME's proxy settings", () => {
  it.each([
    ['nothing was ever set', {}],
    ['the mode is none', { mode: 'none', 'https.host': 'proxy.contoso.com', 'https.port': '8443' }],
    ['the mode is manual, without a proxy', { mode: 'manual' }],
    ['a host has no port', { mode: 'manual', 'https.host': 'proxy.contoso.com' }],
    ['a host is blank', { mode: 'manual', 'https.host': '" "', 'https.port': '8443' }],
  ])("aren't proxy if %s", async (_, settings) => {
    const proxy = await gnome(settings);
    expect(proxy.proxyFor(SIGN_IN)).toEqual({ kind: 'direct', why: 'no proxy is set' });
    expect([proxy.origin, proxy.pacUrl, proxy.autoDetect, proxy.notes]).toEqual([
      "GNOME's network settings",
      undefined,
      false,
      [],
    ]);
  });

  it('name a proxy for HTTPS', async () => {
    const proxy = await manual({ 'https.host': 'Proxy.contoso.com', 'https.port': '8443', 'http.host': 'plain' });
    expect(proxy.proxyFor(SIGN_IN)).toEqual({
      kind: 'proxy',
      proxy: 'http://proxy.contoso.com:8443',
      why: 'the https proxy',
    });
  });

  it('use the proxy for HTTP, with its credentials, if there is none for HTTPS', async () => {
    const settings = {
      'http.host': 'proxy.contoso.com',
      'http.port': '3128',
      'http.authentication-user': String.raw`'CONTOSO\\ada'`,
      'http.authentication-password': `"p@ss:'w\u00f6rd"`,
    };
    expect((await manual(settings)).proxyFor(SIGN_IN)).toEqual({
      kind: 'proxy',
      proxy: 'http://proxy.contoso.com:3128',
      why: 'the http proxy',
    });
    expect((await manual({ ...settings, 'http.use-authentication': 'true' })).proxyFor(SIGN_IN)).toEqual({
      kind: 'proxy',
      proxy: "http://CONTOSO%5Cada:p%40ss%3A'w%C3%B6rd@proxy.contoso.com:3128",
      why: 'the http proxy',
    });
  });

  it('are read as UTF-8 in any locale', async () => {
    const proxy = await manual({ 'https.host': 'b\u00fccher.example', 'https.port': '1' });
    expect(proxy.proxyFor(SIGN_IN)).toMatchObject({ proxy: 'http://xn--bcher-kva.example:1' });
  });

  it('read an IPv6 address, and what people paste', async () => {
    for (const [host, proxy] of [
      ['fd00::1', 'http://[fd00::1]:8443'],
      ['https://proxy.contoso.com/', 'http://proxy.contoso.com:8443'],
      ['proxy.contoso.com:3128', 'http://proxy.contoso.com:3128'],
    ] as const) {
      expect((await manual({ 'https.host': host, 'https.port': '8443' })).proxyFor(SIGN_IN)).toMatchObject({ proxy });
    }
  });

  it("say that a SOCKS proxy can't be used, unless there is another", async () => {
    const socks = { 'socks.host': 'socks.contoso.com', 'socks.port': '1080' };
    expect((await manual(socks)).proxyFor(SIGN_IN)).toMatchObject({
      kind: 'unsupported',
      why: expect.stringContaining('SOCKS'),
    });
    const both = { ...socks, 'http.host': 'proxy.contoso.com' };
    expect((await manual(both)).proxyFor(SIGN_IN)).toMatchObject({ proxy: 'http://proxy.contoso.com:8080' });
  });

  it('exempt hosts: their own defaults, and what the user sets instead', async () => {
    const settings = { 'https.host': 'proxy.contoso.com', 'https.port': '8443' };
    const defaults = await manual(settings);
    for (const url of ['https://localhost/', 'https://127.1.2.3/', 'https://[::1]/']) {
      expect(defaults.proxyFor(new URL(url)).kind).toBe('direct');
    }
    const own = await manual({ ...settings, 'ignore-hosts': "['*.microsoftonline.com', 'other.example']" });
    expect(own.proxyFor(SIGN_IN)).toEqual({
      kind: 'direct',
      why: 'the exception *.microsoftonline.com',
      exception: '*.microsoftonline.com',
    });
    expect(own.proxyFor(new URL('https://localhost/')).kind).toBe('proxy');
    const none = await manual({ ...settings, 'ignore-hosts': '[]' });
    expect(none.proxyFor(new URL('https://localhost/')).kind).toBe('proxy');
  });

  it('name a PAC file, by address or by path', async () => {
    for (const [address, pacUrl] of [
      ['http://wpad.contoso.com/proxy.pac', 'http://wpad.contoso.com/proxy.pac'],
      ['/etc/proxy.pac', 'file:///etc/proxy.pac'],
    ] as const) {
      const proxy = await gnome({ mode: 'auto', 'autoconfig-url': address, 'https.host': 'old', 'https.port': '1' });
      expect(proxy).toMatchObject({ pacUrl, autoDetect: false, notes: [] });
      expect(proxy.proxyFor(SIGN_IN)).toEqual({ kind: 'direct', why: 'only a PAC file is set' });
    }
    const wrong = await gnome({ mode: 'auto', 'autoconfig-url': 'wpad' });
    expect([wrong.pacUrl, wrong.autoDetect, wrong.notes]).toEqual([
      undefined,
      false,
      ["autoconfig-url isn't an address"],
    ]);
  });

  it('report automatic detection', async () => {
    const proxy = await gnome({ mode: 'auto' });
    expect([proxy.pacUrl, proxy.autoDetect, proxy.proxyFor(SIGN_IN).kind]).toEqual([undefined, true, 'direct']);
  });

  it.each([
    ['is missing', undefined, "gsettings isn't in PATH"],
    ['fails', '#!/bin/sh\necho "No such schema" >&2\nexit 1\n', 'exited with 1'],
    ['prints something else', '#!/bin/sh\necho hello\n', 'org.gnome.system.proxy has no mode that this program knows'],
    ['is ended', '#!/bin/sh\nkill -9 $$\n', "couldn't run (it was ended)"],
  ])("aren't proxy, with the reason, if gsettings %s", async (_, script, reason) => {
    const folder = ownFolder();
    const path = join(folder, 'gsettings');
    if (script !== undefined) {
      writeFileSync(path, script);
      chmodSync(path, 0o755);
    }
    const proxy = await readSystemProxy({
      platform: 'linux',
      env: { PATH: folder, XDG_CURRENT_DESKTOP: 'GNOME' },
      run,
    });
    expect(proxy?.notes).toEqual([expect.stringContaining(reason)]);
    expect(proxy?.proxyFor(SIGN_IN)).toEqual({ kind: 'direct', why: proxy?.notes[0] });
  });
});

/** Asks GLib's GSimpleProxyResolver, which GNOME's own programs ask: is the URL exempt from the proxy? */
const RESOLVER = `
import ctypes, json, sys
gio = ctypes.CDLL('libgio-2.0.so.0')
gio.g_simple_proxy_resolver_new.restype = ctypes.c_void_p
gio.g_proxy_resolver_lookup.restype = ctypes.POINTER(ctypes.c_char_p)
for line in sys.stdin:
    hosts, url = json.loads(line)
    ignored = (ctypes.c_char_p * (len(hosts) + 1))(*[host.encode() for host in hosts], None)
    resolver = ctypes.c_void_p(gio.g_simple_proxy_resolver_new(b'http://proxy:1', ignored))
    proxies = gio.g_proxy_resolver_lookup(resolver, url.encode(), None, None)
    print(json.dumps(proxies[0] == b'direct://'), flush=True)
`;

it("GNOME's exceptions match what GLib's own resolver says", async () => {
  const python = spawn('/usr/bin/python3', ['-c', RESOLVER], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(async () => {
    const closed = once(python, 'close');
    python.stdin.end();
    await closed;
  });
  const answers = createInterface(python.stdout)[Symbol.asyncIterator]();
  const label = fc.constantFrom('a', 'b', 'contoso', 'com', 'evil-contoso');
  const name = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => labels.join('.'));
  const ipv4 = fc.constantFrom('10.0.0.1', '10.1.0.1', '127.0.0.1', '192.168.1.1');
  const ipv6 = fc.constantFrom('::1', 'fd00::1', 'fe80::1');
  const port = fc.constantFrom('', ':443', ':8443');
  const entry = fc.oneof(
    fc.tuple(fc.constantFrom('', '.', '*.'), name, port).map((parts) => parts.join('')),
    fc.tuple(ipv4, port).map((parts) => parts.join('')),
    fc.tuple(fc.constantFrom('10.0.0.0/8', '127.0.0.0/16', '0.0.0.0/0', 'fd00::/8', 'fe80::/10', '::/0')).map(String),
    ipv6,
    fc.tuple(ipv6, port).map(([address, own]) => `[${address}]${own || ':443'}`),
  );
  const host = fc.oneof(
    name,
    ipv4,
    ipv6.map((address) => `[${address}]`),
  );
  const cases = fc.tuple(fc.array(entry, { maxLength: 3 }), host, fc.constantFrom(443, 8443));
  await check(
    fc.asyncProperty(cases, async ([entries, target, number]) => {
      // GLib takes a port for the default one only if the URL spells it out; `URL` never does.
      python.stdin.write(`${JSON.stringify([entries, `https://${target}:${number}/`])}\n`);
      const { value } = await answers.next();
      const exception = gioExceptions(entries)(new URL(`https://${target}:${number}/`));
      expect(exception !== undefined).toBe(JSON.parse(String(value)));
    }),
  );
});
