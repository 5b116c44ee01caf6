// The way that requests take by the settings of a Linux desktop: real dconf and KDE files, each with a real squid at
// its end.
import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runHelper } from '../../support/harness/claude-desktop.ts';
import { sample } from '../../support/harness/long.ts';
import type { World } from '../../support/harness/world.ts';
import { type PacServer, startPacServer } from '../../support/servers/pac-server.ts';
import type { Squid } from '../../support/servers/squid.ts';
import { binary, run, writeDesktopConfig } from '../support.ts';
import { enter, HOST, refreshOver, signedInWorld, squidFor } from './support.ts';

const execute = promisify(execFile);

let world: World;
let squid: Squid;
let pac: PacServer;
beforeAll(async () => {
  world = await signedInWorld();
  squid = await squidFor(world);
  pac = await startPacServer('');
});
afterAll(async () => {
  await Promise.all([squid?.dispose(), pac?.close()]);
  await world?.dispose();
});

const configHome = () => world.env['XDG_CONFIG_HOME'] ?? '';
beforeEach(() => {
  for (const name of ['dconf', 'kioslaverc', 'Claude-3p']) {
    rmSync(join(configHome(), name), { recursive: true, force: true });
  }
});

const tunnels = () => squid.log().filter((line) => line.startsWith(`CONNECT ${HOST}:443 200`)).length;
const GNOME = { XDG_CURRENT_DESKTOP: 'ubuntu:GNOME' };
const KDE = { XDG_CURRENT_DESKTOP: 'KDE', KDE_SESSION_VERSION: '6' };
/** Whatever the session, this program's settings say nothing. */
const OWN = { proxy: undefined };

/** As GNOME's dialog stores them: in dconf, by its service on a session bus. */
async function setGnome(settings: Readonly<Record<string, string>>): Promise<void> {
  const commands = Object.entries(settings).map(([name, value]) => {
    const [key, child] = name.split('.').reverse();
    return `gsettings set org.gnome.system.proxy${child === undefined ? '' : `.${child}`} ${key} "${value}"`;
  });
  await execute('/usr/bin/dbus-run-session', ['--', '/bin/sh', '-ec', commands.join('\n')], { env: world.env });
}

function setKde(...lines: readonly string[]): void {
  mkdirSync(configHome(), { recursive: true });
  writeFileSync(join(configHome(), 'kioslaverc'), `[Proxy Settings]\n${lines.join('\n')}\n`);
}

interface Row {
  readonly arrange: () => Promise<void> | void;
  readonly session: Readonly<Record<string, string>>;
  readonly goes: 'through squid' | 'directly';
}

const https = () => ({ 'https.host': '127.0.0.1', 'https.port': String(squid.port) });
const rows: Readonly<Record<string, Row>> = {
  'GNOME has nothing set': { arrange: () => undefined, session: GNOME, goes: 'directly' },
  'GNOME has a proxy for HTTPS': {
    arrange: () => setGnome({ mode: 'manual', ...https() }),
    session: GNOME,
    goes: 'through squid',
  },
  'GNOME has a proxy for HTTP only, which also serves HTTPS': {
    arrange: () => setGnome({ mode: 'manual', 'http.host': '127.0.0.1', 'http.port': String(squid.port) }),
    session: GNOME,
    goes: 'through squid',
  },
  'GNOME has a proxy that is switched off': {
    arrange: () => setGnome({ mode: 'none', ...https() }),
    session: GNOME,
    goes: 'directly',
  },
  'GNOME has a proxy, and an exception for the host': {
    arrange: () => setGnome({ mode: 'manual', ...https(), 'ignore-hosts': "['microsoftonline.com']" }),
    session: GNOME,
    goes: 'directly',
  },
  'GNOME has a PAC file': {
    arrange: async () => {
      pac.script = `function FindProxyForURL() { return "PROXY 127.0.0.1:${squid.port}"; }`;
      await setGnome({ mode: 'auto', 'autoconfig-url': pac.url });
    },
    session: GNOME,
    goes: 'through squid',
  },
  'GNOME has a proxy, but the session is of Xfce': {
    arrange: () => setGnome({ mode: 'manual', ...https() }),
    session: { XDG_CURRENT_DESKTOP: 'XFCE' },
    goes: 'directly',
  },
  'GNOME has a proxy, but there is no desktop': {
    arrange: () => setGnome({ mode: 'manual', ...https() }),
    session: {},
    goes: 'directly',
  },
  'KDE has a proxy': {
    arrange: () => setKde('ProxyType=1', `httpsProxy=http://127.0.0.1 ${squid.port}`),
    session: KDE,
    goes: 'through squid',
  },
  'KDE has a proxy, and an exception for the host': {
    arrange: () =>
      setKde('ProxyType=1', `httpsProxy=http://127.0.0.1 ${squid.port}`, 'NoProxyFor=localhost,.microsoftonline.com'),
    session: KDE,
    goes: 'directly',
  },
  'KDE has a proxy only for the listed hosts': {
    arrange: () =>
      setKde(
        'ProxyType=1',
        `httpsProxy=http://127.0.0.1 ${squid.port}`,
        'NoProxyFor=.microsoftonline.com',
        'ReversedException=true',
      ),
    session: KDE,
    goes: 'through squid',
  },
  'KDE has a PAC file': {
    arrange: () => {
      pac.script = `function FindProxyForURL() { return "PROXY 127.0.0.1:${squid.port}"; }`;
      setKde('ProxyType=2', `Proxy Config Script=${pac.url}`);
    },
    session: KDE,
    goes: 'through squid',
  },
};

describe('a request, when', () => {
  it.each(sample(Object.entries(rows), 3))('%s', async (_, { arrange, session, goes }) => {
    await arrange();
    const before = tunnels();
    const helper = await refreshOver(world, { config: OWN, env: session });
    if (goes === 'directly') {
      expect(helper).toMatchObject({ exitCode: 7, stdout: '' });
      expect(helper.stderr).not.toContain('through the proxy');
      expect(tunnels()).toBe(before);
      return;
    }
    expect(helper).toMatchObject({ state: 'ok', stderr: '' });
    // On a busy computer, an exchange may take so long that it's made again.
    await expect.poll(tunnels).toBeGreaterThan(before);
  });
});

it("Claude Desktop's own proxy counts before the desktop's, which counts if Claude Desktop has none", async () => {
  await setGnome({ mode: 'manual', 'https.host': '127.0.0.1', 'https.port': '9' });
  writeDesktopConfig(world, { egressProxyUrl: `http://127.0.0.1:${squid.port}` });
  expect(await refreshOver(world, { config: OWN, env: GNOME })).toMatchObject({ state: 'ok' });
  const system = await refreshOver(world, { config: { proxy: 'system' }, env: GNOME });
  expect(system).toMatchObject({ exitCode: 7 });
  expect(system.stderr).toContain(
    "through the proxy 127.0.0.1:9 (ECONNREFUSED); this proxy comes from GNOME's network",
  );
});

it('a change counts for the next request over the same agent', async () => {
  world.entra.accessTokenLifetimeSec = 1;
  try {
    await enter(world, OWN);
    const background = () => runHelper(binary, { context: 'background', env: { ...world.env, ...GNOME } });
    expect(await background()).toMatchObject({ exitCode: 7 });
    await setGnome({ mode: 'manual', ...https() });
    rmSync(join(world.sandbox.stateFolder, 'agent.json'), { force: true });
    await expect.poll(async () => (await background()).state, { timeout: 120_000, interval: 500 }).toBe('ok');
  } finally {
    world.entra.accessTokenLifetimeSec = 3_600;
  }
});

describe('doctor', () => {
  const checks = async () => {
    const { stdout } = await run({ ...world.env, ...GNOME }, 'doctor', '--json');
    const all = (JSON.parse(stdout) as { checks: { id: string; state: string; detail: string }[] }).checks;
    return Object.fromEntries(all.map((check) => [check.id, check]));
  };

  it('names the settings that the proxy comes from', async () => {
    await enter(world, OWN);
    await setGnome({ mode: 'manual', ...https() });
    expect((await checks())['proxy']).toMatchObject({
      state: 'ok',
      detail: expect.stringMatching(new RegExp(`127\\.0\\.0\\.1:${squid.port}.*GNOME's network settings`)),
    });
  });

  it("says that a proxy can't be used if the connection fails without it", async () => {
    await enter(world, OWN);
    await setGnome({ mode: 'manual', 'socks.host': 'socks.contoso.com', 'socks.port': '1080' });
    expect((await checks())['dns']).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining(
        "GNOME's network settings: only a SOCKS proxy is set, which this program can't use",
      ),
    });
  });
});
