// The proxy table: setting, Claude Desktop, system, and the way that follows from them.
import { describe, expect, it } from 'vitest';
import type { SystemProxy } from '../../../src/platform/system-proxy/system-proxy.ts';
import { DeadProxies } from '../../../src/proxy/dead-proxies.ts';
import type { PacOutcome } from '../../../src/proxy/pac/pac-files.ts';
import { type GivenProxy, RouteFinder, type RouteFinderOptions } from '../../../src/proxy/route-finder.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';

const url = new URL('https://login.microsoftonline.com/tenant/oauth2/v2.0/token');

const desktop: Readonly<Record<string, GivenProxy>> = {
  proxy: { kind: 'proxy', value: 'http://desktop:1', origin: "Claude Desktop's egressProxyUrl (profile)" },
  pac: { kind: 'pac', value: 'https://desktop/proxy.pac', origin: "Claude Desktop's egressProxyPacUrl (profile)" },
  socks: { kind: 'unusable', value: 'must be an http:// URL', origin: "Claude Desktop's egressProxyUrl (profile)" },
};

function system(proxy: string | undefined, others: Partial<SystemProxy> = {}): SystemProxy {
  return {
    origin: "GNOME's network settings",
    autoDetect: false,
    notes: [],
    proxyFor: () =>
      proxy === undefined
        ? { kind: 'direct', why: 'no proxy is set' }
        : { kind: 'proxy', proxy, why: 'the proxy for HTTPS' },
    ...others,
  };
}

const SOCKS = system(undefined, { proxyFor: () => ({ kind: 'unsupported', why: 'only a SOCKS proxy is set' }) });

/** What each PAC file of these tests answers. */
const pacs: Readonly<Record<string, PacOutcome>> = {
  'https://desktop/proxy.pac': { state: 'answer', routes: [{ proxy: 'http://desktop-pac:1' }], unsupported: [] },
  'https://system/proxy.pac': { state: 'answer', routes: [{ proxy: 'http://system-pac:1' }, {}], unsupported: [] },
  'https://own/proxy.pac?key=s3cret': { state: 'answer', routes: [{ proxy: 'http://own-pac:1' }], unsupported: [] },
  'https://own/socks.pac': { state: 'answer', routes: [], unsupported: ['SOCKS5'] },
  'https://own/part.pac': { state: 'answer', routes: [{ proxy: 'http://a:1' }], unsupported: ['SOCKS'] },
  'https://own/strange.pac': { state: 'answer', routes: [], unsupported: [] },
  'https://own/gone.pac': { state: 'failed', reason: "can't be loaded (HTTP 404)" },
};

interface Given extends Partial<Pick<RouteFinderOptions, 'proxy' | 'noProxy'>> {
  readonly desktop?: GivenProxy | undefined;
  readonly system?: SystemProxy | undefined;
}

function finder({ proxy, noProxy, desktop: given, system: settings }: Given): RouteFinder {
  return new RouteFinder({
    proxy,
    noProxy,
    locationOf: (key) => (key === 'proxy' ? '/home/ada/config.json' : 'NO_PROXY'),
    desktop: () => given,
    system: () => Promise.resolve(settings),
    pac: (address) => Promise.resolve(pacs[address] ?? { state: 'failed', reason: 'is not part of this test' }),
    dead: new DeadProxies(new FakeClock(), () => ''),
  });
}

describe('the way', () => {
  it.each<[string, Given, readonly (string | undefined)[], string]>([
    ['nothing is set', {}, [undefined], ''],
    ['"proxy" is a URL', { proxy: 'http://own:1' }, ['http://own:1'], '"proxy" in /home/ada/config.json'],
    [
      '"proxy" is a URL, and all others have one',
      { proxy: 'http://own:1', desktop: desktop['proxy'], system: system('http://system:1') },
      ['http://own:1'],
      '"proxy" in /home/ada/config.json',
    ],
    [
      '"proxy" is none, and all others have one',
      { proxy: 'none', desktop: desktop['proxy'], system: system('http://system:1') },
      [undefined],
      '"proxy" in /home/ada/config.json',
    ],
    [
      '"proxy" is system',
      { proxy: 'system', desktop: desktop['proxy'], system: system('http://system:1') },
      ['http://system:1'],
      "GNOME's network settings",
    ],
    [
      '"proxy" is system, and the system has a PAC file',
      { proxy: 'system', desktop: desktop['pac'], system: system('x', { pacUrl: 'https://system/proxy.pac' }) },
      ['http://system-pac:1', undefined],
      "the PAC file https://system/proxy.pac from GNOME's network settings",
    ],
    [
      '"proxy" is a PAC file, whose query nobody sees',
      { proxy: 'pac+https://own/proxy.pac?key=s3cret', desktop: desktop['proxy'] },
      ['http://own-pac:1'],
      'the PAC file https://own/proxy.pac from "proxy" in /home/ada/config.json',
    ],
    [
      'Claude Desktop has a proxy, and the system another',
      { desktop: desktop['proxy'], system: system('http://system:1') },
      ['http://desktop:1'],
      "Claude Desktop's egressProxyUrl (profile)",
    ],
    [
      'Claude Desktop has a PAC file',
      { desktop: desktop['pac'], system: system('http://system:1') },
      ['http://desktop-pac:1'],
      "the PAC file https://desktop/proxy.pac from Claude Desktop's egressProxyPacUrl (profile)",
    ],
    [
      "Claude Desktop refuses its own, so the system's counts",
      { desktop: desktop['socks'], system: system('http://system:1') },
      ['http://system:1'],
      "GNOME's network settings",
    ],
    ['only the system has one', { system: system('http://system:1') }, ['http://system:1'], "GNOME's network settings"],
    [
      "the system's PAC file can't be loaded, and a fixed proxy is next to it",
      { system: system('http://system:1', { pacUrl: 'https://own/gone.pac' }) },
      ['http://system:1'],
      "GNOME's network settings",
    ],
    ['the system has none', { system: system(undefined) }, [undefined], "GNOME's network settings"],
    ['the system only has SOCKS', { system: SOCKS }, [undefined], "GNOME's network settings"],
    ['noProxy has the host', { proxy: 'http://own:1', noProxy: ['.microsoftonline.com'] }, [undefined], 'NO_PROXY'],
    [
      "noProxy has the host, and the proxy is Claude Desktop's",
      { noProxy: ['*'], desktop: desktop['pac'], system: system('http://system:1') },
      [undefined],
      'NO_PROXY',
    ],
    [
      'noProxy has another host',
      { noProxy: ['evil-microsoftonline.com'], desktop: desktop['proxy'] },
      ['http://desktop:1'],
      "Claude Desktop's egressProxyUrl (profile)",
    ],
  ])('when %s', async (_, given, proxies, origin) => {
    const plan = await finder(given).find(url);
    expect(plan.routes.map(({ proxy }) => proxy)).toEqual(proxies);
    expect(plan.origin).toBe(origin);
    expect(JSON.stringify({ ...plan, routes: [] })).not.toContain('s3cret');
  });

  it('names the exception that keeps a host from a proxy, and where it is', async () => {
    const exempted = system(undefined, {
      proxyFor: () => ({ kind: 'direct', why: 'the exception *.com', exception: '*.com' }),
    });
    const exceptions = [
      finder({ proxy: 'http://own:1', noProxy: ['contoso.com', '.microsoftonline.com'] }),
      finder({ system: exempted }),
      finder({ system: system(undefined) }),
    ].map(async (one) => (await one.find(url)).exception);
    expect(await Promise.all(exceptions)).toEqual([
      'the entry .microsoftonline.com of NO_PROXY',
      "the exception *.com of GNOME's network settings",
      undefined,
    ]);
  });

  it('is direct to this computer, whatever Claude Desktop and the system say', async () => {
    for (const host of ['localhost', 'a.localhost', '127.0.0.1', '127.9.9.9', '[::1]', '169.254.1.1', '[fe80::1]']) {
      const here = new URL(`https://${host}/`);
      for (const given of [
        { desktop: desktop['proxy'] },
        { desktop: desktop['pac'] },
        { system: system('http://s:1') },
      ]) {
        expect((await finder(given).find(here)).routes, host).toEqual([{}]);
      }
      expect((await finder({ proxy: 'http://own:1' }).find(here)).routes).toEqual([{ proxy: 'http://own:1' }]);
    }
  });

  it("is direct to .local past Claude Desktop's proxy only", async () => {
    const printer = new URL('https://printer.local/');
    expect((await finder({ desktop: desktop['proxy'] }).find(printer)).routes).toEqual([{}]);
    expect((await finder({ system: system('http://system:1') }).find(printer)).routes).toEqual([
      { proxy: 'http://system:1' },
    ]);
  });
});

describe("what couldn't be followed", () => {
  it.each<[string, Given, string]>([
    [
      'a PAC file that is gone',
      { proxy: 'pac+https://own/gone.pac' },
      'gone.pac from "proxy" in /home/ada/config.json can\'t be loaded (HTTP 404)',
    ],
    [
      'a PAC file with SOCKS alone',
      { proxy: 'pac+https://own/socks.pac' },
      "names SOCKS5, which this program can't use",
    ],
    ['a PAC file with SOCKS first', { proxy: 'pac+https://own/part.pac' }, "names SOCKS, which this program can't use"],
    [
      'a PAC file with a strange answer',
      { proxy: 'pac+https://own/strange.pac' },
      "an answer that can't be understood",
    ],
    ['a SOCKS proxy of the system', { system: SOCKS }, "GNOME's network settings: only a SOCKS proxy is set"],
    [
      'a PAC file in an unknown place',
      { system: system(undefined, { pacUrl: 'ftp://a/proxy.pac' }) },
      "has an address that this program can't use",
    ],
    [
      "settings that can't be read",
      { system: system(undefined, { notes: ["gsettings didn't answer"] }) },
      "GNOME's network settings: gsettings didn't answer",
    ],
    [
      'a value that Claude Desktop refuses',
      { desktop: desktop['socks'] },
      "Claude Desktop's egressProxyUrl (profile) must be an http:// URL",
    ],
  ])('is said: %s', async (_, given, problem) => {
    expect((await finder(given).find(url)).problem).toContain(problem);
  });

  it('is the detection of proxies, which is only noted', async () => {
    expect(await finder({ system: system(undefined, { autoDetect: true }) }).find(url)).toMatchObject({
      routes: [{}],
      autoDetect: true,
      problem: undefined,
    });
  });
});

it('never shows the password of a proxy', async () => {
  const plan = await finder({ proxy: 'http://ada:s3cret@own:1' }).find(url);
  expect(JSON.stringify({ ...plan, routes: [] })).not.toContain('s3cret');
});

it('can be given up', async () => {
  const slow = new RouteFinder({
    locationOf: () => undefined,
    desktop: () => undefined,
    system: () => new Promise(() => undefined),
    pac: () => new Promise(() => undefined),
    dead: new DeadProxies(new FakeClock(), () => ''),
  });
  const aborting = new AbortController();
  const found = slow.find(url, aborting.signal);
  aborting.abort(new Error('enough'));
  await expect(found).rejects.toThrow('enough');
});

describe("a proxy that didn't answer", () => {
  const clock = new FakeClock();
  let network = 'office';
  const dead = new DeadProxies(clock, () => network);
  const routes = [{ proxy: 'http://a:1' }, { proxy: 'http://b:1' }, {}] as const;

  it('is tried last for five minutes, and first again in another network', () => {
    expect(dead.inOrder(routes)).toEqual(routes);
    dead.note({ proxy: 'http://a:1' });
    expect(dead.inOrder(routes)).toEqual([{ proxy: 'http://b:1' }, {}, { proxy: 'http://a:1' }]);
    clock.advance(5 * 60_000);
    expect(dead.inOrder(routes)).toEqual(routes);
    dead.note({ proxy: 'http://a:1' });
    network = 'home';
    expect(dead.inOrder(routes)).toEqual(routes);
  });

  it('is tried if all others failed too', () => {
    const both = [{ proxy: 'http://a:1' }, { proxy: 'http://b:1' }] as const;
    for (const route of both) dead.note(route);
    expect(dead.inOrder(both)).toEqual(both);
    expect(dead.inOrder([{ proxy: 'http://a:1' }])).toEqual([{ proxy: 'http://a:1' }]);
  });
});
