// Whatever a system's settings hold, reading them neither fails nor hangs, and what comes out is a proxy that a request
// can use, or none.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chromiumExceptions } from '../../../src/platform/system-proxy/chromium-exceptions.ts';
import { parseConnectionSettings } from '../../../src/platform/system-proxy/connection-settings.ts';
import { gioExceptions } from '../../../src/platform/system-proxy/gio-exceptions.ts';
import { parseGVariant } from '../../../src/platform/system-proxy/gvariant-text.ts';
import { readKdeGroup } from '../../../src/platform/system-proxy/kde-config.ts';
import { kdeExceptions } from '../../../src/platform/system-proxy/kde-exceptions.ts';
import { macProxy } from '../../../src/platform/system-proxy/mac-proxy.ts';
import { proxyAddress } from '../../../src/platform/system-proxy/proxy-address.ts';
import { parseScutilDictionary } from '../../../src/platform/system-proxy/scutil-dictionary.ts';
import { readSystemProxy } from '../../../src/platform/system-proxy/system-proxy.ts';
import { connectionSettings } from '../../support/fakes/connection-settings.ts';
import { FakeRegistry } from '../../support/fakes/fake-registry.ts';
import { check, TIMEOUT_MS, text } from './support.ts';

const PROXY = /^https?:\/\/(?:[^\s@/?#]+@)?(?:[a-z\d._-]+|\[[\da-f:.]+\]):[1-9]\d{0,4}$/;

/** Pieces of addresses and lists, which random text hardly ever is. */
const pieces = fc
  .array(
    fc.oneof(
      text,
      fc.constantFrom(
        ...[
          'http://',
          'https://',
          'socks5://',
          '//',
          ':',
          ':8080',
          ':0',
          ':65536',
          '@',
          'ada:p@ss',
          '[',
          ']',
          '/',
          ' ',
        ],
        ...['proxy', 'b\u00fccher', '10.0.0.1', 'fd00::1', '[::1]', '::ffff:10.0.0.1', '/8', '169.254/16', '0/0'],
        ...[';', ',', '=', 'http=', 'https=', 'socks=', '*', '?', '.', '<local>', '<-loopback>', '%', '\\', '$HOME'],
      ),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));
const urls = fc
  .tuple(
    fc.constantFrom('http', 'https'),
    fc.constantFrom('login.microsoftonline.com', 'localhost', 'gateway', '10.0.0.1', '[fd00::1]', '[fe80::1]', 'a.b.'),
    fc.constantFrom('', ':8443'),
  )
  .map(([scheme, host, port]) => new URL(`${scheme}://${host}${port}/`));

describe('the settings of any system', { timeout: TIMEOUT_MS }, () => {
  it('contain an address that a request can use, or none', () =>
    check(
      fc.property(pieces, fc.option(fc.integer({ min: -1, max: 70_000 })), fc.boolean(), (value, port, keepsScheme) => {
        const address = proxyAddress(value, { port: port ?? undefined, keepsScheme });
        if (address?.kind !== 'http') return;
        expect(address.url).toMatch(PROXY);
        expect(proxyAddress(address.url, { keepsScheme: true })).toEqual(address);
      }),
    ));

  it('have exceptions that answer', () =>
    check(
      fc.property(fc.array(pieces, { maxLength: 4 }), urls, (entries, url) => {
        const joined = entries.join(',');
        const exceptions = [chromiumExceptions(entries), gioExceptions(entries), kdeExceptions(joined, false)];
        for (const exception of exceptions) expect(exception(url) ?? '').toBeTypeOf('string');
      }),
    ));

  it('have exceptions that answer immediately, no matter how many stars an entry has', () => {
    const url = new URL(`https://${'a'.repeat(60)}.example/`);
    expect(chromiumExceptions([`${'*a'.repeat(100_000)}*`])(url)).toBeUndefined();
    expect(kdeExceptions(`${'*a'.repeat(100_000)}b`, false)(url)).toBeUndefined();
  });

  it('are read from any text that scutil, gsettings, and KDE could print or hold', () =>
    check(
      fc.property(fc.array(fc.oneof(pieces, fc.constantFrom(...LINES)), { maxLength: 20 }), urls, (lines, url) => {
        expect(() => macProxy(parseScutilDictionary(lines.join('\n'))).proxyFor(url)).not.toThrow();
        expect(() => readKdeGroup('Proxy Settings', [lines.join('\n'), lines.toReversed().join('\n')])).not.toThrow();
        for (const line of lines) expect(() => parseGVariant(line)).not.toThrow();
      }),
    ));

  it('are read from any registry', () =>
    check(
      fc.asyncProperty(pieces, pieces, pieces, fc.uint8Array({ maxLength: 60 }), urls, async (...content) => {
        const [server, override, pac, bytes, url] = content;
        const registry = new FakeRegistry();
        const key = 'Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings';
        const values = { ProxyServer: server, ProxyOverride: override, AutoConfigURL: pac };
        registry.set('HKEY_CURRENT_USER', key, [
          { name: 'ProxyEnable', type: 'REG_DWORD', data: 1 },
          ...Object.entries(values).map(([name, data]) => ({ name, type: 'REG_SZ', data })),
        ]);
        const binary = { name: 'DefaultConnectionSettings', type: 'REG_BINARY', data: undefined };
        registry.set('HKEY_CURRENT_USER', `${key}\\Connections`, [{ ...binary, bytes: Buffer.from(bytes) }]);
        const decision = (await readSystemProxy({ platform: 'win32', registry }))?.proxyFor(url);
        if (decision?.kind === 'proxy') expect(decision.proxy).toMatch(PROXY);
      }),
    ));

  it('come back from the binary form that Windows writes', () =>
    check(
      fc.property(fc.array(fc.string({ unit: 'grapheme-ascii' }), { maxLength: 3 }), fc.nat(15), (texts, flags) => {
        const [proxies = '', exceptions = '', pacUrl = ''] = texts.map((one) => one.trim());
        expect(parseConnectionSettings(connectionSettings({ flags, texts }))).toEqual({
          proxies: (flags & 2) === 0 ? '' : proxies,
          exceptions: (flags & 2) === 0 ? '' : exceptions,
          pacUrl: (flags & 4) === 0 ? '' : pacUrl,
          autoDetect: (flags & 8) !== 0,
        });
      }),
    ));
});

const LINES = [
  '<dictionary> {',
  '<array> {',
  '}',
  '  HTTPSEnable : 1',
  '  HTTPSProxy : proxy',
  '  ExceptionsList : <array> {',
  '    0 : *.local',
  '  __SCOPED__ : <dictionary> {',
  '[Proxy Settings]',
  '[Proxy Settings][$i]',
  '[$i]',
  'httpsProxy=http://proxy 8080',
  'httpsProxy[$d]',
  'NoProxyFor[$e]=$HOME\\x2',
  "['a', 'b']",
  "'\\u00'",
];
