import { describe, expect, it } from 'vitest';
import { readSystemProxy } from '../../../src/platform/system-proxy/system-proxy.ts';
import { DeadProxies } from '../../../src/proxy/dead-proxies.ts';
import { RouteFinder } from '../../../src/proxy/route-finder.ts';
import { systemProxyReader } from '../../../src/proxy/system-proxy-reader.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';

describe("the system's proxy settings", () => {
  it('are read once for requests that follow each other, and again for another session', async () => {
    const clock = new FakeClock();
    let env: NodeJS.ProcessEnv = { XDG_CURRENT_DESKTOP: 'GNOME' };
    const sessions: unknown[] = [];
    const read = systemProxyReader(
      clock,
      () => env,
      (options) => {
        sessions.push(options?.env?.['XDG_CURRENT_DESKTOP']);
        return Promise.resolve(undefined);
      },
    );
    await Promise.all([read(), read()]);
    clock.advance(1_000);
    await read();
    expect(sessions).toEqual(['GNOME']);
    env = { XDG_CURRENT_DESKTOP: 'KDE' };
    await read();
    clock.advance(3_000);
    await read();
    expect(sessions).toEqual(['GNOME', 'KDE', 'KDE']);
  });
});

/** What `scutil --proxy` prints for these settings, as it prints them on a Mac. */
const scutil = (...lines: readonly string[]) => `<dictionary> {\n${lines.map((line) => `  ${line}\n`).join('')}}\n`;

describe('a request on a Mac', () => {
  const HTTPS = ['HTTPSEnable : 1', 'HTTPSPort : 8080', 'HTTPSProxy : proxy.contoso.com'];
  const PAC = ['ProxyAutoConfigEnable : 1', 'ProxyAutoConfigURLString : http://contoso.com/proxy.pac'];

  it.each<[string, readonly string[], string | undefined]>([
    ['nothing is set', [], undefined],
    ['a proxy for HTTPS is set', HTTPS, 'http://proxy.contoso.com:8080'],
    ['a proxy for HTTP only is set', ['HTTPEnable : 1', 'HTTPPort : 80', 'HTTPProxy : proxy.contoso.com'], undefined],
    ['a SOCKS proxy is set', ['SOCKSEnable : 1', 'SOCKSPort : 1080', 'SOCKSProxy : proxy.contoso.com'], undefined],
    ['a PAC file is set', PAC, 'http://pac:1'],
    ['a PAC file and a proxy are set', [...PAC, ...HTTPS], 'http://pac:1'],
    ['only detection is on', ['ProxyAutoDiscoveryEnable : 1'], undefined],
    [
      'the host is an exception',
      [...HTTPS, 'ExceptionsList : <array> {', '  0 : *.microsoftonline.com', '}'],
      undefined,
    ],
  ])('when %s', async (_, lines, proxy) => {
    const finder = new RouteFinder({
      locationOf: () => undefined,
      desktop: () => undefined,
      system: () => readSystemProxy({ platform: 'darwin', run: () => Promise.resolve({ stdout: scutil(...lines) }) }),
      pac: () => Promise.resolve({ state: 'answer', routes: [{ proxy: 'http://pac:1' }], unsupported: [] }),
      dead: new DeadProxies(new FakeClock(), () => ''),
    });
    const plan = await finder.find(new URL('https://login.microsoftonline.com/'));
    expect(plan.routes.map((route) => route.proxy)).toEqual([proxy]);
    expect(plan.autoDetect).toBe(lines.some((line) => line.startsWith('ProxyAutoDiscoveryEnable')));
  });
});
