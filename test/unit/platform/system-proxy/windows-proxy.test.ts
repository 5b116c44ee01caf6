import { describe, expect, it } from 'vitest';
import type { Hive, RegistryValue } from '../../../../src/platform/registry.ts';
import { readSystemProxy, type SystemProxy } from '../../../../src/platform/system-proxy/system-proxy.ts';
import { connectionSettings } from '../../../support/fakes/connection-settings.ts';
import { FakeRegistry } from '../../../support/fakes/fake-registry.ts';

const SIGN_IN = new URL('https://login.microsoftonline.com/');
const KEY = 'Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings';
const POLICY = 'SOFTWARE\\Policies\\Microsoft\\Windows\\CurrentVersion\\Internet Settings';
const USER = 'Internet Settings (HKEY_CURRENT_USER)';

type Values = Readonly<Record<string, string | number | Buffer>>;
/** Values by key, such as `HKCU\Connections`: HKCU, HKLM, with `\Connections`, or with `\Policy`. */
type Content = Readonly<Record<string, Values>>;

function registryOf(content: Content): FakeRegistry {
  const registry = new FakeRegistry();
  for (const [place, values] of Object.entries(content)) {
    const hive: Hive = place.startsWith('HKCU') ? 'HKEY_CURRENT_USER' : 'HKEY_LOCAL_MACHINE';
    const key = place.endsWith('Policy') ? POLICY : place.endsWith('Connections') ? `${KEY}\\Connections` : KEY;
    registry.set(hive, key, Object.entries(values).map(registryValue));
  }
  return registry;
}

function registryValue([name, data]: readonly [string, string | number | Buffer]): RegistryValue {
  if (Buffer.isBuffer(data)) return { name, type: 'REG_BINARY', data: undefined, bytes: data };
  return { name, type: typeof data === 'number' ? 'REG_DWORD' : 'REG_SZ', data };
}

async function windows(content: Content): Promise<SystemProxy> {
  const proxy = await readSystemProxy({ platform: 'win32', registry: registryOf(content) });
  if (proxy === undefined) throw new Error('Windows always has settings');
  return proxy;
}

const manual = (ProxyServer: string, more: Values = {}) => ({ HKCU: { ProxyEnable: 1, ProxyServer, ...more } });
const binary = (flags: number, ...texts: string[]) => connectionSettings({ flags, texts });

describe("Windows' proxy settings", () => {
  it.each<[string, Content]>([
    ['nothing', {}],
    ['the values of a new user', { HKCU: { ProxyEnable: 0, MigrateProxy: 1, User: 'agent' } }],
    ['a proxy that is switched off', { HKCU: { ProxyEnable: 0, ProxyServer: 'proxy:8080' } }],
    ['a proxy without a switch', { HKCU: { ProxyServer: 'proxy:8080' } }],
    ['a switch without a proxy', { HKCU: { ProxyEnable: 1 } }],
    ['an empty proxy', manual('')],
    ['blanks', manual(' ; ')],
    ['other schemes only', manual('ftp=proxy:8080')],
    ['empty schemes', manual('http=;https=;socks=')],
    ['an empty PAC address', { HKCU: { AutoConfigURL: '' } }],
    [
      'direct connections',
      { 'HKCU\\Connections': { DefaultConnectionSettings: binary(1, 'proxy:1', 'a', 'http://b/') } },
    ],
    ['a binary value that is cut off', { 'HKCU\\Connections': { DefaultConnectionSettings: Buffer.from([0x46, 0]) } }],
    [
      'a binary value with impossible lengths',
      { 'HKCU\\Connections': { DefaultConnectionSettings: Buffer.alloc(64, 0xff) } },
    ],
    ['WinHTTP without a proxy', { 'HKLM\\Connections': { WinHttpSettings: binary(1) } }],
    ["the computer's settings where each user has their own", { HKLM: { ProxyEnable: 1, ProxyServer: 'proxy:8080' } }],
  ])('name no proxy: %s', async (_, content) => {
    const proxy = await windows(content);
    expect(proxy.proxyFor(SIGN_IN)).toEqual({ kind: 'direct', why: 'no proxy is set' });
    expect([proxy.origin, proxy.pacUrl, proxy.autoDetect, proxy.notes]).toEqual([USER, undefined, false, []]);
  });

  it.each([
    ['proxy.contoso.com:8080', 'http://proxy.contoso.com:8080'],
    ['PROXY.contoso.com', 'http://proxy.contoso.com:80'],
    [' http://proxy.contoso.com:8080/ ', 'http://proxy.contoso.com:8080'],
    ['https://proxy.contoso.com:8443', 'https://proxy.contoso.com:8443'],
    ['https://proxy.contoso.com', 'https://proxy.contoso.com:443'],
    ['[fd00::1]:8080', 'http://[fd00::1]:8080'],
    ['fd00::1', 'http://[fd00::1]:80'],
    ['first:1;second:2', 'http://first:1'],
    ['first:1,second:2', 'http://first:1'],
    ['http=a:1;https=b:2;ftp=c:3;socks=d:4', 'http://b:2'],
    ['HTTP=a:1 HTTPS=b:2', 'http://b:2'],
    ['https = b:2 ; http = a:1', 'http://b:2'],
    ['https=https://b:2', 'https://b:2'],
    ['http=a:1;all:2', 'http://all:2'],
    ['ada:p@ss@proxy:8080', 'http://ada:p%40ss@proxy:8080'],
  ])('read ProxyServer "%s"', async (server, proxy) => {
    expect((await windows(manual(server))).proxyFor(SIGN_IN)).toMatchObject({ kind: 'proxy', proxy });
  });

  it('say which part of ProxyServer counts', async () => {
    const both = await windows(manual('http=a:1;https=b:2'));
    expect(both.proxyFor(SIGN_IN)).toMatchObject({ why: 'ProxyServer (https=)' });
    expect(both.proxyFor(new URL('http://login.example/'))).toMatchObject({ proxy: 'http://a:1' });
    const http = await windows(manual('http=a:1'));
    expect(http.proxyFor(SIGN_IN)).toEqual({ kind: 'direct', why: 'a proxy is set for HTTP only' });
  });

  it.each([
    ['socks=socks:1080', "only a SOCKS proxy is set, which this program can't use"],
    ['socks5://socks:1080', "only a SOCKS proxy is set, which this program can't use"],
    ['http=a:1;socks=b:2', "only a SOCKS proxy is set, which this program can't use"],
    ['proxy:port', 'ProxyServer isn\'t a proxy address: "proxy:port"'],
    ['proxy:0', 'ProxyServer isn\'t a proxy address: "proxy:0"'],
    ['https=proxy:65536', 'ProxyServer (https=) isn\'t a proxy address: "proxy:65536"'],
    ['file://proxy', 'ProxyServer isn\'t a proxy address: "file://proxy"'],
    ['ada:secret@proxy:x', "ProxyServer isn't a proxy address"],
  ])('can\'t use ProxyServer "%s"', async (server, why) => {
    expect((await windows(manual(server))).proxyFor(SIGN_IN)).toEqual({ kind: 'unsupported', why });
  });

  it.each([
    ['*.contoso.com;<local>', 'https://a.contoso.com/', '*.contoso.com'],
    ['*.contoso.com;<local>', 'https://gateway/', '<local>'],
    ['<LOCAL>', 'https://gateway/', '<LOCAL>'],
    ['*contoso.com', 'https://contoso.com/', '*contoso.com'],
    ['a.contoso.com, b.contoso.com', 'https://b.contoso.com/', 'b.contoso.com'],
    ['192.168.*', 'https://192.168.1.1/', '192.168.*'],
    ['10.*.1.?', 'https://10.2.1.3/', '10.*.1.?'],
    ['https://contoso.com', 'https://contoso.com/', 'https://contoso.com'],
    ['contoso.com:8443', 'https://contoso.com:8443/', 'contoso.com:8443'],
    ['[::1]:8443;<-loopback>;[::1]', 'https://[::1]:8443/', '[::1]'],
    ['*', 'https://contoso.com/', '*'],
    ['.contoso.com', 'https://a.contoso.com/', '.contoso.com'],
    ['192.168.0.0/16', 'https://192.168.1.1/', '192.168.0.0/16'],
    ['', 'https://localhost/', 'for this computer and link-local addresses'],
    ['', 'https://loopback/', 'for this computer and link-local addresses'],
    ['', 'https://127.0.0.1:8443/', 'for this computer and link-local addresses'],
    ['', 'https://[fe80::1]/', 'for this computer and link-local addresses'],
    ['<-loopback>;localhost', 'https://localhost/', 'localhost'],
  ])('exempt by "%s" the address %s', async (ProxyOverride, url, exception) => {
    const proxy = await windows(manual('proxy:8080', { ProxyOverride }));
    expect(proxy.proxyFor(new URL(url))).toEqual({ kind: 'direct', why: `the exception ${exception}`, exception });
  });

  it.each([
    ['contoso.com', 'https://a.contoso.com/'],
    ['*.contoso.com', 'https://contoso.com/'],
    ['<local>', 'https://gateway.contoso.com/'],
    ['<local>', 'https://10.0.0.1/'],
    ['<local>', 'https://[fd00::1]/'],
    ['http://contoso.com', 'https://contoso.com/'],
    ['contoso.com:8443', 'https://contoso.com/'],
    ['192.168.*', 'https://192.169.1.1/'],
    ['<-loopback>', 'https://localhost/'],
    ['localhost;<-loopback>', 'https://127.0.0.1/'],
    ['*.local;169.254/16', 'https://login.microsoftonline.com/'],
  ])('don\'t exempt by "%s" the address %s', async (ProxyOverride, url) => {
    const proxy = await windows(manual('proxy:8080', { ProxyOverride }));
    expect(proxy.proxyFor(new URL(url))).toMatchObject({ kind: 'proxy' });
  });

  it('name a PAC file next to the fixed proxy', async () => {
    const AutoConfigURL = ' http://wpad.contoso.com/proxy.pac ';
    const proxy = await windows(manual('proxy:8080', { AutoConfigURL }));
    expect(proxy).toMatchObject({ pacUrl: 'http://wpad.contoso.com/proxy.pac', notes: [] });
    expect(proxy.proxyFor(SIGN_IN)).toMatchObject({ kind: 'proxy' });
    const wrong = await windows({ HKCU: { AutoConfigURL: 'C:\\proxy.pac' } });
    expect([wrong.pacUrl, wrong.notes]).toEqual([undefined, ["AutoConfigURL isn't an address"]]);
  });

  it('count in upper and lower case, and as text', async () => {
    const proxy = await windows({ HKCU: { proxyenable: '1', PROXYSERVER: 'proxy:8080' } });
    expect(proxy.proxyFor(SIGN_IN)).toMatchObject({ proxy: 'http://proxy:8080' });
  });

  describe('in binary form', () => {
    const found = async (DefaultConnectionSettings: Buffer, values: Values = {}, saved?: Buffer) =>
      windows({
        HKCU: values,
        'HKCU\\Connections': {
          DefaultConnectionSettings,
          ...(saved === undefined ? {} : { SavedLegacySettings: saved }),
        },
      });

    it('have the proxy, the exceptions, the PAC file, and automatic detection', async () => {
      const proxy = await found(binary(15, 'proxy:8080', '*.contoso.com', 'http://wpad.contoso.com/proxy.pac'));
      expect(proxy).toMatchObject({
        origin: USER,
        pacUrl: 'http://wpad.contoso.com/proxy.pac',
        autoDetect: true,
        notes: [],
      });
      expect(proxy.proxyFor(SIGN_IN)).toMatchObject({ proxy: 'http://proxy:8080' });
      expect(proxy.proxyFor(new URL('https://a.contoso.com/'))).toMatchObject({ kind: 'direct' });
    });

    it.each([
      [1, 'direct', undefined, false],
      [3, 'proxy', undefined, false],
      [5, 'direct', 'http://pac/', false],
      [9, 'direct', undefined, true],
      [11, 'proxy', undefined, true],
    ])('have the switches %i', async (flags, kind, pacUrl, autoDetect) => {
      const proxy = await found(binary(flags, 'proxy:8080', '', 'http://pac/'));
      expect([proxy.proxyFor(SIGN_IN).kind, proxy.pacUrl, proxy.autoDetect]).toEqual([kind, pacUrl, autoDetect]);
    });

    it('may end after the proxy, as some programs write them', async () => {
      const whole = binary(3, 'proxy:8080');
      const proxy = await found(whole.subarray(0, 12 + 4 + 'proxy:8080'.length));
      expect(proxy.proxyFor(SIGN_IN)).toMatchObject({ proxy: 'http://proxy:8080' });
    });

    it('are like the copy in the other values', async () => {
      const proxy = await found(binary(11, 'proxy:8080'), { ProxyEnable: 1, ProxyServer: 'proxy:8080' });
      expect([proxy.autoDetect, proxy.notes]).toEqual([true, []]);
    });

    const theirs = { ProxyEnable: 1, ProxyServer: 'values:1' };

    it("count if the other values haven't changed since Windows read them", async () => {
      const proxy = await found(binary(3, 'binary:2'), theirs, binary(3, 'values:1'));
      expect(proxy.proxyFor(SIGN_IN)).toMatchObject({ proxy: 'http://binary:2' });
      expect(proxy.notes).toEqual([expect.stringMatching(/^DefaultConnectionSettings differs from .* and counts/)]);
    });

    it("don't count if a script has changed the other values since", async () => {
      const proxy = await found(binary(9, ''), theirs, binary(9, ''));
      expect(proxy.proxyFor(SIGN_IN)).toMatchObject({ proxy: 'http://values:1' });
      expect(proxy.autoDetect).toBe(true);
      expect(proxy.notes).toEqual([expect.stringContaining('have changed since Windows copied them')]);
      const off = await found(binary(3, 'binary:2'), { ProxyEnable: 0 }, binary(3, 'binary:2'));
      expect(off.proxyFor(SIGN_IN)).toMatchObject({ kind: 'direct' });
    });

    it('count without that copy, unless they name nothing', async () => {
      const named = await found(binary(3, 'binary:2'), theirs);
      expect(named.proxyFor(SIGN_IN)).toMatchObject({ proxy: 'http://binary:2' });
      const empty = await found(binary(1), theirs);
      expect(empty.proxyFor(SIGN_IN)).toMatchObject({ proxy: 'http://values:1' });
    });
  });

  it('are those of the computer if a policy says so', async () => {
    const content = { ...manual('user:1'), HKLM: { ProxyEnable: 1, ProxyServer: 'computer:2' } };
    const policy = (ProxySettingsPerUser: number | string) => ({
      ...content,
      'HKLM\\Policy': { ProxySettingsPerUser },
    });
    for (const off of [0, '0']) {
      const proxy = await windows(policy(off));
      expect(proxy.origin).toBe('Internet Settings (HKEY_LOCAL_MACHINE)');
      expect(proxy.proxyFor(SIGN_IN)).toMatchObject({ proxy: 'http://computer:2' });
    }
    for (const on of [1, '1', '']) {
      const proxy = await windows(policy(on));
      expect(proxy.origin).toBe(USER);
      expect(proxy.proxyFor(SIGN_IN)).toMatchObject({ proxy: 'http://user:1' });
    }
    const binaryOnly = await windows({
      'HKLM\\Policy': { ProxySettingsPerUser: 0 },
      'HKLM\\Connections': { DefaultConnectionSettings: binary(3, 'computer:3') },
    });
    expect(binaryOnly.proxyFor(SIGN_IN)).toMatchObject({ proxy: 'http://computer:3' });
  });

  it.each([
    ['HKCU', 'HKEY_CURRENT_USER'],
    ['HKLM', 'HKEY_LOCAL_MACHINE'],
  ])("don't count below the policies of %s, if Windows ignores them", async (hive, name) => {
    const proxy = await windows({ [`${hive}\\Policy`]: { ProxyEnable: 1, ProxyServer: 'policy:1' } });
    expect(proxy.proxyFor(SIGN_IN)).toMatchObject({ kind: 'direct' });
    expect(proxy.notes).toEqual([`ProxyServer in ${name}\\${POLICY} doesn't count, because Windows ignores it there`]);
  });

  describe("and WinHTTP's", () => {
    // As `netsh winhttp set proxy` writes them, and as `netsh winhttp set advproxy` does.
    it.each([0x18, 0x28])('count if the user has none (version %i)', async (version) => {
      const WinHttpSettings = connectionSettings({ version, flags: 3, texts: ['http=a:1;https=b:2', '<local>'] });
      const machine = { 'HKLM\\Connections': { WinHttpSettings } };
      const proxy = await windows(machine);
      expect(proxy.origin).toBe('WinHTTP');
      expect(proxy.proxyFor(SIGN_IN)).toMatchObject({ proxy: 'http://b:2' });
      expect(proxy.proxyFor(new URL('https://gateway/'))).toMatchObject({ kind: 'direct' });

      expect(await windows({ ...machine, ...manual('user:1') })).toMatchObject({ origin: USER });
      expect(await windows({ ...machine, HKCU: { AutoConfigURL: 'http://pac/' } })).toMatchObject({ origin: USER });
      const detecting = await windows({
        ...machine,
        'HKCU\\Connections': { DefaultConnectionSettings: binary(9) },
      });
      expect(detecting).toMatchObject({ origin: 'WinHTTP', autoDetect: true });
    });
  });

  it("that can't be read aren't proxy, with the reason", async () => {
    const registry = new FakeRegistry();
    registry.error = Object.assign(new Error('denied'), { code: 'EACCES' });
    const proxy = await readSystemProxy({ platform: 'win32', registry });
    expect(proxy?.notes).toEqual(["the settings can't be read: the registry can't be read (EACCES)"]);
    expect(proxy?.proxyFor(SIGN_IN).kind).toBe('direct');
  });
});
