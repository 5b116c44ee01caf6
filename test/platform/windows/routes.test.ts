// The way that requests of the Windows program take, by the registry: the system's settings, and Claude Desktop's
// policy.
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sample } from '../../support/harness/long.ts';
import type { World } from '../../support/harness/world.ts';
import { type PacServer, startPacServer } from '../../support/servers/pac-server.ts';
import { type Computer, createComputer, createWindowsWorld, signIn, type WindowsUser } from './support.ts';

const SETTINGS = 'HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings';
const CLAUDE = 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Claude';

let computer: Computer;
let user: WindowsUser;
let world: World;
let pac: PacServer;
beforeAll(async () => {
  computer = await createComputer();
  const made = await createWindowsWorld();
  world = made.world;
  user = await computer.addUser('Zo\u00eb', made.config);
  pac = await startPacServer('');
  expect(await signIn(world, user)).toMatchObject({ exitCode: 0 });
  const { proxy: _, ...config } = made.config as Record<string, unknown>;
  writeFileSync(user.configFile, JSON.stringify(config));
});
afterAll(async () => {
  await computer?.stop();
  await pac?.close();
  await world?.dispose();
});

async function setRegistry(...values: readonly string[]): Promise<void> {
  const text = ['Windows Registry Editor Version 5.00', `[-${SETTINGS}]`, `[-${CLAUDE}]`, ...values];
  await computer.importRegistry(`${text.join('\n\n')}\n`);
}

const at = () => `127.0.0.1:${world.proxy.port}`;
const DEAD = '127.0.0.1:9';
const systemProxy = (proxy: string) => `[${SETTINGS}]\n"ProxyEnable"=dword:00000001\n"ProxyServer"="${proxy}"`;

describe('a request of the Windows program, when', () => {
  it.each(
    sample<[string, () => readonly string[]]>(
      [
        ['the user has a proxy', () => [systemProxy(at())]],
        ['the user has one for each protocol', () => [systemProxy(`http=${DEAD};https=${at()}`)]],
        ['the user has a PAC file, which wins', () => [`[${SETTINGS}]\n"AutoConfigURL"="${pac.url}"`]],
        [
          'Claude Desktop has a proxy by policy, and the user another',
          () => [systemProxy(DEAD), `[${CLAUDE}]\n"egressProxyUrl"="http://${at()}"`],
        ],
        [
          'Claude Desktop has a PAC file by policy, and the user a proxy',
          () => [systemProxy(DEAD), `[${CLAUDE}]\n"egressProxyPacUrl"="${pac.url}"`],
        ],
      ],
      2,
    ),
  )('%s', async (_, registry) => {
    pac.script = `function FindProxyForURL(url, host) { return "PROXY ${DEAD}; PROXY ${at()}"; }`;
    await setRegistry(...registry());
    await user.command('agent', 'stop');
    const tunnels = world.proxy.tunnels;
    const refreshes = world.entra.count('refresh');
    const run = await user.helper('background');
    expect(run).toMatchObject({ exitCode: 0, stderr: '' });
    expect(world.entra.checkAccessToken(run.stdout.trim())).toBe('valid');
    expect(world.entra.count('refresh')).toBe(refreshes + 1);
    expect(world.proxy.tunnels).toBeGreaterThan(tunnels);
  });

  it('the user has a PAC file that never ends: the agent keeps running, and doctor names it', async () => {
    pac.script = 'function FindProxyForURL() { for (;;) {} }';
    await setRegistry(`[${SETTINGS}]\n"AutoConfigURL"="${pac.url}"`);
    const { checks } = (await user.json('doctor')) as { checks: { id: string; state: string; detail: string }[] };
    const said = checks.filter(({ id }) => id === 'dns' || id === 'proxy').map(({ detail }) => detail);
    expect(said.join()).toContain(`the PAC file ${pac.url} from Internet Settings (HKEY_CURRENT_USER) doesn't work`);
    expect(said.join()).toContain('it took too long');
  });
});
