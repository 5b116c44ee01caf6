import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readSystemProxy, type SystemProxy } from '../../../../src/platform/system-proxy/system-proxy.ts';

const SIGN_IN = new URL('https://login.microsoftonline.com/');

interface Files {
  readonly own?: string;
  /** In the folders of XDG_CONFIG_DIRS, the most important first. */
  readonly system?: readonly string[];
  readonly env?: Record<string, string>;
}

async function kde({ own, system = [], env = {} }: Files): Promise<SystemProxy> {
  const root = mkdtempSync(join(tmpdir(), 'kde-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const folders = ['own', ...system.keys()].map((name) => join(root, String(name)));
  for (const folder of folders) mkdirSync(folder);
  for (const [index, text] of [own, ...system].entries()) {
    if (text !== undefined) writeFileSync(join(folders[index] ?? '', 'kioslaverc'), text);
  }
  const [XDG_CONFIG_HOME, ...dirs] = folders;
  const session = { XDG_CURRENT_DESKTOP: 'KDE', KDE_SESSION_VERSION: '6', XDG_CONFIG_HOME };
  const proxy = await readSystemProxy({
    platform: 'linux',
    env: { ...session, XDG_CONFIG_DIRS: dirs.join(':') || root, ...env },
  });
  if (proxy === undefined) throw new Error('KDE always has settings');
  return proxy;
}

const settings = (...lines: string[]) => `[Proxy Settings]\n${lines.join('\n')}\n`;
const manual = (...lines: string[]) => settings('ProxyType=1', ...lines);

/** What the dialog of Plasma 5.27 writes. */
const PLASMA = `PersistentProxyConnection=false
ProxyUrlDisplayFlags=15

[$Version]
update_info=kioslave.upd:kde2.2/r1

[Proxy Settings]
AuthMode=0
NoProxyFor=localhost,.contoso.com,10.0.0.0/8,<local>
Proxy Config Script=
ProxyType=1
ReversedException=false
ftpProxy=
httpProxy=http://proxy.contoso.com 8080
httpsProxy=http://proxy.contoso.com 8443
socksProxy=
`;

describe("KDE's proxy settings", () => {
  it('name the proxy that the dialog of Plasma writes', async () => {
    const proxy = await kde({ own: PLASMA });
    expect([proxy.pacUrl, proxy.autoDetect, proxy.notes]).toEqual([undefined, false, []]);
    expect(proxy.origin).toMatch(/^KDE's network settings \(\/.*\/own\/kioslaverc\)$/);
    expect(proxy.proxyFor(SIGN_IN)).toEqual({
      kind: 'proxy',
      proxy: 'http://proxy.contoso.com:8443',
      why: 'httpsProxy',
    });
  });

  it.each([
    ['no file', {}],
    ['an empty file', { own: '' }],
    ['other groups only', { own: '[Browser]\nProxyType=1\nhttpsProxy=http://proxy.contoso.com 8080\n' }],
    ['the type 0', { own: settings('ProxyType=0', 'httpsProxy=http://proxy.contoso.com 8080') }],
    ['no type', { own: settings('httpsProxy=http://proxy.contoso.com 8080') }],
    ['an empty proxy', { own: manual('httpsProxy=') }],
    ['an empty host', { own: manual('httpsProxy=http:// 0') }],
    ['what old versions write for none', { own: manual('httpsProxy=//:') }],
    ['a comment', { own: manual('#httpsProxy=http://proxy.contoso.com 8080') }],
    ['a translated key', { own: manual('httpsProxy[de]=http://proxy.contoso.com 8080') }],
  ])('name no proxy: %s', async (_, files) => {
    const proxy = await kde(files);
    expect(proxy.proxyFor(SIGN_IN)).toEqual({ kind: 'direct', why: 'no proxy is set' });
    expect([proxy.pacUrl, proxy.autoDetect]).toEqual([undefined, false]);
  });

  it.each([
    ['http://proxy.contoso.com:8080', 'http://proxy.contoso.com:8080'],
    ['proxy.contoso.com 8080', 'http://proxy.contoso.com:8080'],
    ['https://proxy.contoso.com 8080', 'http://proxy.contoso.com:8080'],
    ['  HTTP://PROXY.contoso.com:8080/  ', 'http://proxy.contoso.com:8080'],
    ['proxy.contoso.com', 'http://proxy.contoso.com:80'],
    ['http://fd00::1 8080', 'http://[fd00::1]:8080'],
    ['http://[fd00::1] 8080', 'http://[fd00::1]:8080'],
    ['http://CONTOSO\\\\ada:p@ss@proxy.contoso.com 8080', 'http://CONTOSO%5Cada:p%40ss@proxy.contoso.com:8080'],
    ['http://proxy.contoso.com\\s8080', 'http://proxy.contoso.com:8080'],
  ])('read the address %s', async (value, proxy) => {
    const found = await kde({ own: manual(`httpsProxy=${value}`) });
    expect(found.proxyFor(SIGN_IN)).toMatchObject({ kind: 'proxy', proxy });
  });

  it.each([
    'http://proxy.contoso.com 99999',
    'http://proxy.contoso.com x',
    'ftp://proxy.contoso.com 21',
    'http://a b 1',
  ])('refuse the address %s', async (value) => {
    const found = await kde({ own: manual(`httpsProxy=${value}`) });
    expect(found.proxyFor(SIGN_IN)).toMatchObject({ kind: 'unsupported' });
  });

  it.each(['socks.contoso.com 1080', 'socks://socks.contoso.com 1080', 'http://socks.contoso.com 1080'])(
    "say that the SOCKS proxy %s can't be used",
    async (value) => {
      const found = await kde({ own: manual('httpsProxy=', `socksProxy=${value}`) });
      expect(found.proxyFor(SIGN_IN)).toMatchObject({ kind: 'unsupported', why: expect.stringContaining('SOCKS') });
    },
  );

  it.each([
    ['.contoso.com', 'https://a.contoso.com/', true],
    ['.contoso.com', 'https://contoso.com/', false],
    ['contoso.com', 'https://evil-contoso.com/', true],
    ['CONTOSO.com ,x', 'https://contoso.com/', true],
    ['a.example contoso.com', 'https://contoso.com/', true],
    ['contoso.com:8443', 'https://contoso.com:8443/', true],
    ['contoso.com:8443', 'https://contoso.com/', false],
    ['10.0.0.0/8', 'https://10.1.2.3/', true],
    ['10.1.2.3', 'https://110.1.2.3/', false],
    ['0:0::1', 'https://[::1]/', true],
    ['<local>', 'https://gateway/', true],
    ['<local>', 'https://[fd00::1]/', false],
    ['*.contoso.com', 'https://a.contoso.com/', true],
    ['', 'https://localhost/', false],
  ])('with the exceptions "%s", %s is reached directly: %s', async (list, url, isDirect) => {
    const own = manual('httpsProxy=http://proxy 8080', `NoProxyFor=${list}`);
    const kind = isDirect ? 'direct' : 'proxy';
    expect((await kde({ own })).proxyFor(new URL(url))).toMatchObject({ kind });
    const reversed = await kde({ own: `${own}ReversedException=true\n` });
    expect(reversed.proxyFor(new URL(url))).toMatchObject({ kind: isDirect ? 'proxy' : 'direct' });
  });

  it('name a PAC file, by address or by path', async () => {
    for (const [script, pacUrl] of [
      ['http://wpad.contoso.com/proxy.pac', 'http://wpad.contoso.com/proxy.pac'],
      ['file:///etc/proxy.pac', 'file:///etc/proxy.pac'],
      ['/etc/my proxy.pac', 'file:///etc/my%20proxy.pac'],
    ]) {
      const proxy = await kde({ own: settings('ProxyType=2', `Proxy Config Script=${script}`) });
      expect(proxy).toMatchObject({ pacUrl, autoDetect: false, notes: [] });
      expect(proxy.proxyFor(SIGN_IN)).toMatchObject({ kind: 'direct' });
    }
    const none = await kde({ own: settings('ProxyType=2', 'Proxy Config Script=') });
    expect([none.pacUrl, none.notes]).toEqual([undefined, ["Proxy Config Script isn't an address"]]);
  });

  it('report automatic detection', async () => {
    const proxy = await kde({ own: settings('ProxyType=3', 'Proxy Config Script=http://old.contoso.com/') });
    expect([proxy.pacUrl, proxy.autoDetect]).toEqual([undefined, true]);
  });

  it("name variables of the session, not of the agent's", async () => {
    const own = settings('ProxyType=4', 'httpsProxy=MY_PROXY', 'NoProxyFor=MY_EXCEPTIONS', 'ReversedException=true');
    const env = { MY_PROXY: 'http://ada:secret@proxy.contoso.com:3128', MY_EXCEPTIONS: 'internal.example' };
    const proxy = await kde({ own, env });
    expect(proxy.proxyFor(SIGN_IN)).toEqual({
      kind: 'proxy',
      proxy: 'http://ada:secret@proxy.contoso.com:3128',
      why: 'httpsProxy=MY_PROXY',
    });
    expect(proxy.proxyFor(new URL('https://internal.example/'))).toMatchObject({ kind: 'direct' });
    expect((await kde({ own })).proxyFor(SIGN_IN)).toEqual({ kind: 'direct', why: 'no proxy is set' });
  });

  it.each(['5', '-1', 'x', '1.5'])("aren't proxy, with a note, for the unknown type %s", async (type) => {
    const why = "the settings can't be read: ProxyType isn't a number from 0 to 4";
    const proxy = await kde({ own: settings(`ProxyType=${type}`, 'httpsProxy=http://proxy 8080') });
    expect(proxy.proxyFor(SIGN_IN)).toEqual({ kind: 'direct', why });
    expect(proxy.notes).toEqual([why]);
  });

  describe('of an admin', () => {
    const theirs = manual('httpsProxy=http://theirs 1', 'NoProxyFor=a.example');
    const mine = manual('httpsProxy=http://mine 2');
    const proxyOf = async (files: Files) => (await kde(files)).proxyFor(SIGN_IN);

    it('count if the user has none', async () => {
      expect(await proxyOf({ system: [theirs] })).toMatchObject({ proxy: 'http://theirs:1' });
      expect(await proxyOf({ own: mine, system: [theirs] })).toMatchObject({ proxy: 'http://mine:2' });
      expect(await proxyOf({ system: [mine, theirs] })).toMatchObject({ proxy: 'http://mine:2' });
    });

    it.each([
      ['a key', theirs.replace('httpsProxy=', 'httpsProxy[$i]=')],
      ['a key with expansion', theirs.replace('httpsProxy=', 'httpsProxy[$ie]=')],
      ['a group', theirs.replace('[Proxy Settings]', '[Proxy Settings][$i]')],
      ['a file', `[$i]\n${theirs}`],
    ])("can't be changed by the user if they fixed %s", async (_, fixed) => {
      expect(await proxyOf({ own: mine, system: [fixed] })).toMatchObject({ proxy: 'http://theirs:1' });
      expect(await proxyOf({ own: mine, system: ['', fixed] })).toMatchObject({ proxy: 'http://theirs:1' });
    });

    it('can be deleted by the user', async () => {
      expect(await proxyOf({ own: settings('httpsProxy[$d]'), system: [theirs] })).toMatchObject({ kind: 'direct' });
    });
  });

  it("aren't expanded", async () => {
    const proxy = await kde({ own: manual('httpsProxy[$e]=http://$PROXY_HOST 8080') });
    expect(proxy.proxyFor(SIGN_IN)).toMatchObject({ kind: 'unsupported' });
    expect(proxy.notes).toEqual(["httpsProxy needs an expansion that this program doesn't do"]);
  });

  it("that can't be read aren't proxy, with the reason", async () => {
    const root = mkdtempSync(join(tmpdir(), 'kde-'));
    onTestFinished(() => rmSync(root, { recursive: true }));
    mkdirSync(join(root, 'kioslaverc'));
    const proxy = await readSystemProxy({
      platform: 'linux',
      env: { XDG_CURRENT_DESKTOP: 'KDE', XDG_CONFIG_HOME: root },
    });
    expect(proxy?.notes).toEqual(["the settings can't be read: kioslaverc can't be read (EISDIR)"]);
    expect(proxy?.proxyFor(SIGN_IN).kind).toBe('direct');
  });
});
