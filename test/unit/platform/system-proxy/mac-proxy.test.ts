import { describe, expect, it } from 'vitest';
import {
  readSystemProxy,
  type SystemProxy,
  type SystemProxyDecision,
} from '../../../../src/platform/system-proxy/system-proxy.ts';

const SIGN_IN = new URL('https://login.microsoftonline.com/');

/** What `scutil --proxy` of a Mac prints; only a Mac has the program. */
async function mac(text: string): Promise<SystemProxy> {
  const proxy = await readSystemProxy({ platform: 'darwin', run: async () => ({ stdout: text }) });
  if (proxy === undefined) throw new Error('macOS always has settings');
  return proxy;
}

const decision = async (lines: readonly string[], url = SIGN_IN): Promise<SystemProxyDecision> =>
  (await mac(`<dictionary> {\n${lines.map((line) => `  ${line}\n`).join('')}}\n`)).proxyFor(url);

const https = (host: string, port: string | undefined = '8080') => [
  'HTTPSEnable : 1',
  `HTTPSProxy : ${host}`,
  ...(port === '' ? [] : [`HTTPSPort : ${port}`]),
];

/** The defaults of a new Mac. */
const NONE = `<dictionary> {
  ExceptionsList : <array> {
    0 : *.local
    1 : 169.254/16
  }
  FTPPassive : 1
  HTTPEnable : 0
  HTTPSEnable : 0
}
`;

/** A Mac with a proxy for everything, as many programs that print it in their issues show it. */
const FULL = `<dictionary> {
  ExceptionsList : <array> {
    0 : 127.0.0.1
    1 : *.contoso.com
    2 : 169.254/16
    3 : 10.0.0.0/8
  }
  ExcludeSimpleHostnames : 1
  FTPPassive : 1
  HTTPEnable : 1
  HTTPPort : 8080
  HTTPProxy : plain.contoso.com
  HTTPSEnable : 1
  HTTPSPort : 8443
  HTTPSProxy : secure.contoso.com
  ProxyAutoConfigEnable : 1
  ProxyAutoConfigURLString : http://wpad.contoso.com/proxy.pac?x= : 1
  ProxyAutoDiscoveryEnable : 1
  SOCKSEnable : 1
  SOCKSPort : 1080
  SOCKSProxy : socks.contoso.com
  __SCOPED__ : <dictionary> {
    en0 : <dictionary> {
      ExceptionsList : <array> {
        0 : *
      }
      HTTPSEnable : 1
      HTTPSPort : 1
      HTTPSProxy : scoped.contoso.com
    }
    utun3 : <dictionary> {
    }
  }
}
`;

describe('the proxy settings of macOS', () => {
  it('name no proxy', async () => {
    for (const text of [NONE, '<dictionary> {\n}\n', '', 'No proxy configuration available\n']) {
      const proxy = await mac(text);
      expect(proxy.proxyFor(SIGN_IN)).toEqual({ kind: 'direct', why: 'no proxy is set' });
      expect(proxy).toMatchObject({ pacUrl: undefined, autoDetect: false, notes: [] });
    }
  });

  it("name a PAC file, detection, and proxies, and the ones of a single interface don't count", async () => {
    const proxy = await mac(FULL);
    expect(proxy).toMatchObject({
      origin: 'the network settings of macOS',
      pacUrl: 'http://wpad.contoso.com/proxy.pac?x= : 1',
      autoDetect: true,
      notes: [],
    });
    expect(proxy.proxyFor(SIGN_IN)).toEqual({
      kind: 'proxy',
      proxy: 'http://secure.contoso.com:8443',
      why: 'HTTPSProxy',
    });
    expect(proxy.proxyFor(new URL('http://login.example/'))).toMatchObject({ proxy: 'http://plain.contoso.com:8080' });
  });

  it.each([
    ['https://gateway.contoso.com/', '*.contoso.com'],
    ['https://A.B.Contoso.COM:8443/', '*.contoso.com'],
    ['https://10.1.2.3/', '10.0.0.0/8'],
    ['https://169.254.1.1/', '169.254/16'],
    ['https://gateway/', '<local>'],
    ['https://localhost:8443/', '<local>'],
    ['https://[::1]/', 'for this computer and link-local addresses'],
  ])('exempt %s', async (url, exception) => {
    const why = `the exception ${exception}`;
    expect((await mac(FULL)).proxyFor(new URL(url))).toEqual({ kind: 'direct', why, exception });
  });

  it.each(['https://contoso.com/', 'https://contoso.com.example/', 'https://11.1.2.3/', 'https://[fd00::1]/'])(
    "don't exempt %s",
    async (url) => {
      expect((await mac(FULL)).proxyFor(new URL(url))).toMatchObject({ kind: 'proxy' });
    },
  );

  it('use no proxy for HTTP to reach a server by HTTPS', async () => {
    const lines = ['HTTPEnable : 1', 'HTTPProxy : proxy.contoso.com', 'HTTPPort : 8080', 'HTTPSEnable : 0'];
    expect(await decision(lines)).toEqual({ kind: 'direct', why: 'a proxy is set for HTTP only' });
  });

  it("say that a SOCKS proxy can't be used, unless there is another", async () => {
    const socks = ['SOCKSEnable : 1', 'SOCKSProxy : socks.contoso.com', 'SOCKSPort : 1080'];
    expect(await decision(socks)).toMatchObject({ kind: 'unsupported', why: expect.stringContaining('SOCKS') });
    expect(await decision([...socks, ...https('proxy.contoso.com')])).toMatchObject({ kind: 'proxy' });
    expect(await decision([...socks, 'ExceptionsList : <array> {', '0 : login.*', '}'])).toMatchObject({
      kind: 'direct',
    });
  });

  it.each([
    ['proxy.contoso.com', '', 'http://proxy.contoso.com:80'],
    ['Proxy.Contoso.COM ', '3128', 'http://proxy.contoso.com:3128'],
    ['http://proxy.contoso.com', '3128', 'http://proxy.contoso.com:3128'],
    ['https://proxy.contoso.com/', '3128', 'http://proxy.contoso.com:3128'],
    ['fd00::1', '3128', 'http://[fd00::1]:3128'],
    ['10.1.2.3', '0', 'http://10.1.2.3:80'],
    ['ada:p%40ss@proxy.contoso.com', '3128', 'http://ada:p%40ss@proxy.contoso.com:3128'],
  ])('read the host %s and the port %s', async (host, port, proxy) => {
    expect(await decision(https(host, port))).toMatchObject({ kind: 'proxy', proxy });
  });

  it.each([
    ['an empty host', https(' ')],
    ['a host without the switch', ['HTTPSProxy : proxy.contoso.com', 'HTTPSPort : 8080']],
    ['a switch without a host', ['HTTPSEnable : 1']],
  ])('read %s as no proxy', async (_, lines) => {
    expect(await decision(lines)).toEqual({ kind: 'direct', why: 'no proxy is set' });
  });

  it.each(['8080x', '-1', '65536'])('refuse the port %s', async (port) => {
    expect(await decision(https(`proxy.contoso.com:${port}`))).toEqual({
      kind: 'unsupported',
      why: `HTTPSProxy isn't a proxy address: "proxy.contoso.com:${port}"`,
    });
  });

  it('never show a password', async () => {
    expect(await decision(https('ada:secret@proxy.contoso.com:x'))).toEqual({
      kind: 'unsupported',
      why: "HTTPSProxy isn't a proxy address",
    });
  });

  it('say what is wrong when scutil fails, and use no proxy', async () => {
    const run = async () => ({ failure: "/usr/sbin/scutil didn't answer within 5 s" });
    const proxy = await readSystemProxy({ platform: 'darwin', run });
    const why = "the settings can't be read: /usr/sbin/scutil didn't answer within 5 s";
    expect(proxy?.proxyFor(SIGN_IN)).toEqual({ kind: 'direct', why });
    expect(proxy?.notes).toEqual([why]);
  });
});
