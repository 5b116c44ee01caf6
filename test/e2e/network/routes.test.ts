// The way that requests take: this program's settings, Claude Desktop's, and the system's, each with a real squid at
// its end.
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { runHelper } from '../../support/harness/claude-desktop.ts';
import { sample } from '../../support/harness/long.ts';
import type { World } from '../../support/harness/world.ts';
import { type PacServer, startPacServer } from '../../support/servers/pac-server.ts';
import type { Squid } from '../../support/servers/squid.ts';
import { binary, run, writeDesktopConfig } from '../support.ts';
import { agents, enter, HOST, refreshOver, signedInWorld, squidFor } from './support.ts';

let world: World;
let squid: Squid;
let other: Squid;
let pac: PacServer;
beforeAll(async () => {
  world = await signedInWorld();
  [squid, other] = await Promise.all([squidFor(world), squidFor(world)]);
  pac = await startPacServer('');
});
afterAll(async () => {
  await Promise.all([squid?.dispose(), other?.dispose(), pac?.close()]);
  await world?.dispose();
});
beforeEach(() => {
  pac.status = 200;
  rmSync(join(world.env['XDG_CONFIG_HOME'] ?? '', 'Claude-3p'), { recursive: true, force: true });
});

const tunnels = (proxy: Squid) => proxy.log().filter((line) => line.startsWith(`CONNECT ${HOST}:443 200`)).length;
const answering = (answer: string) => `function FindProxyForURL(url, host) { return ${JSON.stringify(answer)}; }`;
const DEAD = '127.0.0.1:9';
const at = (proxy: Squid) => `127.0.0.1:${proxy.port}`;

interface Row {
  readonly config?: () => Readonly<Record<string, unknown>>;
  readonly desktop?: () => Readonly<Record<string, unknown>>;
  readonly script?: () => string;
  readonly env?: () => Readonly<Record<string, string>>;
  readonly goes: 'through squid' | 'through the other squid' | 'directly';
}

const rows: Readonly<Record<string, Row>> = {
  'nothing is set anywhere': { goes: 'directly' },
  'Claude Desktop has egressProxyUrl': {
    desktop: () => ({ egressProxyUrl: `http://${at(squid)}` }),
    goes: 'through squid',
  },
  'Claude Desktop has egressProxyUrl in its own form': {
    desktop: () => ({ $schemaVersion: 2, workspace: { egressProxyUrl: `http://${at(squid)}` } }),
    goes: 'through squid',
  },
  'Claude Desktop has egressProxyPacUrl': {
    desktop: () => ({ egressProxyPacUrl: pac.url }),
    script: () => answering(`PROXY ${at(squid)}`),
    goes: 'through squid',
  },
  'Claude Desktop has both: the PAC file wins': {
    desktop: () => ({ egressProxyUrl: `http://${at(other)}`, egressProxyPacUrl: pac.url }),
    script: () => answering(`PROXY ${at(squid)}`),
    goes: 'through squid',
  },
  'Claude Desktop has a SOCKS proxy, which it refuses': {
    desktop: () => ({ egressProxyUrl: `socks5://${at(squid)}` }),
    goes: 'directly',
  },
  '"proxy" is a URL, and Claude Desktop has another': {
    config: () => ({ proxy: at(squid) }),
    desktop: () => ({ egressProxyUrl: `http://${at(other)}` }),
    goes: 'through squid',
  },
  'HTTPS_PROXY is set, and Claude Desktop has another': {
    env: () => ({ HTTPS_PROXY: `http://${at(other)}` }),
    desktop: () => ({ egressProxyUrl: `http://${at(squid)}` }),
    goes: 'through the other squid',
  },
  '"proxy" is none, and Claude Desktop has one': {
    config: () => ({ proxy: 'none' }),
    desktop: () => ({ egressProxyUrl: `http://${at(squid)}` }),
    goes: 'directly',
  },
  '"proxy" is system, Claude Desktop has one, and the system has none': {
    config: () => ({ proxy: 'system' }),
    desktop: () => ({ egressProxyUrl: `http://${at(squid)}` }),
    goes: 'directly',
  },
  'NO_PROXY has the host, and Claude Desktop has a proxy': {
    env: () => ({ NO_PROXY: '.microsoftonline.com' }),
    desktop: () => ({ egressProxyUrl: `http://${at(squid)}` }),
    goes: 'directly',
  },
  'NO_PROXY has the host, and "proxy" is a PAC file': {
    config: () => ({ proxy: `pac+${pac.url}` }),
    env: () => ({ NO_PROXY: HOST }),
    script: () => answering(`PROXY ${at(squid)}`),
    goes: 'directly',
  },
  '"proxy" is a PAC file': {
    config: () => ({ proxy: `pac+${pac.url}` }),
    script: () => answering(`PROXY ${at(squid)}`),
    goes: 'through squid',
  },
  '"proxy" is a PAC file that decides by host, and sees no path': {
    config: () => ({ proxy: `pac+${pac.url}` }),
    script: () =>
      `function FindProxyForURL(url, host) {
        if (url === "https://${HOST}/" && dnsDomainIs(host, ".microsoftonline.com") && !isPlainHostName(host))
          return "PROXY ${at(squid)}";
        return "PROXY ${DEAD}";
      }`,
    goes: 'through squid',
  },
  '"proxy" is a PAC file of this computer': {
    config: () => {
      const file = join(world.sandbox.root, 'proxy.pac');
      writeFileSync(file, answering(`PROXY ${at(squid)}`));
      return { proxy: `pac+file://${file}` };
    },
    goes: 'through squid',
  },
  'a PAC file names a dead proxy first': {
    config: () => ({ proxy: `pac+${pac.url}` }),
    script: () => answering(`PROXY ${DEAD}; PROXY ${at(squid)}; DIRECT`),
    goes: 'through squid',
  },
  'a PAC file names a SOCKS proxy first': {
    config: () => ({ proxy: `pac+${pac.url}` }),
    script: () => answering(`SOCKS5 ${DEAD}; PROXY ${at(squid)}`),
    goes: 'through squid',
  },
  'a PAC file says DIRECT': {
    config: () => ({ proxy: `pac+${pac.url}` }),
    script: () => answering('DIRECT'),
    goes: 'directly',
  },
};

describe('a request, when', () => {
  it.each(sample(Object.entries(rows), 3))('%s', async (_, { config, desktop, script, env, goes }) => {
    if (script !== undefined) pac.script = script();
    if (desktop !== undefined) writeDesktopConfig(world, desktop());
    const before = [tunnels(squid), tunnels(other)] as const;
    const network = { config: { proxy: undefined, ...config?.() }, env: env?.() ?? {} };
    const helper = await refreshOver(world, network);
    if (goes === 'directly') {
      expect(helper).toMatchObject({ exitCode: 7, stdout: '' });
      expect(helper.stderr).not.toContain('through the proxy');
      expect([tunnels(squid), tunnels(other)]).toEqual(before);
      return;
    }
    expect(helper).toMatchObject({ state: 'ok', stderr: '' });
    // On a busy computer, an exchange may take so long that it's made again.
    const [used, unused] = goes === 'through squid' ? ([0, 1] as const) : ([1, 0] as const);
    const now = () => [tunnels(squid), tunnels(other)] as const;
    await expect.poll(() => now()[used]).toBeGreaterThan(before[used]);
    expect(now()[unused]).toBe(before[unused]);
  });
});

describe('a PAC file that', () => {
  const refresh = () => refreshOver(world, { config: { proxy: `pac+${pac.url}` } });

  it.each([
    ["isn't there", () => (pac.status = 404), "can't be loaded (HTTP 404)"],
    [
      'is a sign-in page of a network',
      () => (pac.script = '<!DOCTYPE html><html></html>'),
      "doesn't work (SyntaxError",
    ],
    ['has no function', () => (pac.script = 'var proxy = "PROXY a:1";'), "doesn't work (it has no function"],
    ['throws', () => (pac.script = 'function FindProxyForURL() { return nothing; }'), "doesn't work (ReferenceError"],
    ['only knows SOCKS', () => (pac.script = answering('SOCKS 127.0.0.1:9')), 'names SOCKS'],
  ])('%s leaves a direct connection, and the error says so', async (_, arrange, says) => {
    arrange();
    const helper = await refresh();
    expect(helper).toMatchObject({ exitCode: 7, stdout: '' });
    expect(helper.stderr).toContain(`the PAC file ${pac.url} from "proxy" in ${world.sandbox.configFile} `);
    expect(helper.stderr).toContain(says);
  });

  it("never ends doesn't stop the agent from answering, and is named", async () => {
    pac.script = 'function FindProxyForURL() { for (;;) { try { for (;;) {} } catch (e) {} } }';
    const asked = pac.requests;
    const helper = refresh();
    await expect.poll(() => pac.requests).toBe(asked + 1);
    // The refresh waits for the file meanwhile.
    expect((await run(world.env, 'agent', 'status')).exitCode).toBe(0);
    expect(await helper).toMatchObject({ exitCode: 7, stderr: expect.stringContaining('it took too long') });
  });

  it('fills its memory ends alone: the agent keeps running', async () => {
    pac.script = `function FindProxyForURL() { var all = []; for (;;) all.push(new Array(100000).join("x")); }`;
    expect(await refresh()).toMatchObject({ exitCode: 7, stderr: expect.stringContaining("doesn't work (") });
    expect(agents(world)).toHaveLength(1);
  });
});

it('a proxy that fails is named with the setting that it comes from', async () => {
  writeDesktopConfig(world, { egressProxyUrl: `http://${DEAD}` });
  const helper = await refreshOver(world, { config: { proxy: undefined } });
  expect(helper).toMatchObject({ exitCode: 7, stdout: '' });
  expect(helper.stderr).toContain(`${HOST} through the proxy ${DEAD} (ECONNREFUSED); this proxy comes from Claude`);
  expect(helper.stderr).toContain("Claude Desktop's egressProxyUrl (");
});

it('a PAC file is loaded once for several requests', async () => {
  pac.script = answering(`PROXY ${at(squid)}`);
  const before = pac.requests;
  expect(await refreshOver(world, { config: { proxy: `pac+${pac.url}` } })).toMatchObject({ state: 'ok' });
  expect(await runHelper(binary, { context: 'background', env: world.env })).toMatchObject({ state: 'ok' });
  expect(pac.requests).toBe(before + 1);
});

describe('doctor', () => {
  interface Check {
    readonly state: string;
    readonly detail: string;
    readonly remedy?: string;
    readonly facts?: Readonly<Record<string, unknown>>;
  }

  async function doctor(config: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, Check>>> {
    await enter(world, { proxy: undefined, ...config });
    const { stdout } = await run(world.env, 'doctor', '--json');
    const { checks } = JSON.parse(stdout) as { readonly checks: readonly (Check & { readonly id: string })[] };
    expect(stdout).not.toContain('s3cret');
    return Object.fromEntries(checks.map((check) => [check.id, check]));
  }

  it('says which way requests to each host take, and why', async () => {
    pac.script = `function FindProxyForURL(url, host) {
      return host === "${HOST}" ? "PROXY ${at(squid)}; DIRECT" : "PROXY ${at(other)}";
    }`;
    writeDesktopConfig(world, { egressProxyPacUrl: `${pac.url}?key=s3cret` });
    const { proxy } = await doctor({});
    const because = `the PAC file ${pac.url} from Claude Desktop's egressProxyPacUrl (${world.env['XDG_CONFIG_HOME']}`;
    expect(proxy).toMatchObject({ state: 'ok', facts: { proxy: at(squid) } });
    expect(proxy?.detail).toContain(`https://${HOST} goes through ${at(squid)}, then directly: ${because}`);
    expect(proxy?.detail).toContain(`https://${world.foundry.host} goes through ${at(other)}: ${because}`);
  });

  it('says if Claude Desktop goes another way', async () => {
    writeDesktopConfig(world, { egressProxyUrl: `http://${at(other)}` });
    const { proxy } = await doctor({ proxy: at(squid) });
    expect(proxy).toMatchObject({ state: 'ok' });
    expect(proxy?.detail).toContain(
      `Claude Desktop's own requests take another way: https://${world.foundry.host} goes through ${at(other)}: `,
    );
  });

  it('warns of a password that anyone on the network can read', async () => {
    const { proxy } = await doctor({ proxy: `http://ada:s3cret@${at(squid)}` });
    expect(proxy).toMatchObject({ state: 'warn', remedy: expect.stringContaining('https:// proxy') });
    expect(proxy?.detail).toContain(`"proxy" in ${world.sandbox.configFile} is sent unencrypted`);
  });

  it("warns of a PAC file that names what this program can't use", async () => {
    pac.script = answering(`SOCKS5 ${DEAD}; PROXY ${at(squid)}`);
    const { proxy } = await doctor({ proxy: `pac+${pac.url}` });
    expect(proxy).toMatchObject({ state: 'warn', detail: expect.stringContaining('names SOCKS5, which this program') });
  });

  it("names the PAC file that couldn't be followed where the direct connection fails", async () => {
    pac.status = 404;
    const { dns } = await doctor({ proxy: `pac+${pac.url}` });
    expect(dns).toMatchObject({ state: 'fail', detail: expect.stringContaining("can't be loaded (HTTP 404)") });
  });

  it('names a proxy that only accepts a Windows sign-in, with the remedy for it', async () => {
    const proxyServer = await startWindowsProxy();
    const { proxy } = await doctor({ proxy: proxyServer });
    expect(proxy).toMatchObject({ state: 'fail', remedy: expect.stringContaining('Cntlm or Px') });
    expect(proxy?.detail).toContain('(HTTP 407); it only accepts Negotiate or NTLM');
    const helper = await refreshOver(world, { config: { proxy: proxyServer } });
    expect(helper.stderr).toContain('error[ERR_NETWORK_PROXY_AUTH]');
    expect(helper.stderr).toContain('it only accepts Negotiate or NTLM');
    expect(helper.stderr).toContain('Cntlm or Px');
  });
});

/** A proxy of a Windows domain: it answers everything with the schemes that need a Windows account. */
async function startWindowsProxy(): Promise<string> {
  const server = createServer();
  server.on('connect', (_, socket) => {
    socket.end('HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
