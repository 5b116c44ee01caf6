// Sign-ins over the proxy that Windows' own settings name: the compiled program, a real registry, and a proxy that is
// the only way to Entra.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectionSettings } from '../../support/fakes/connection-settings.ts';
import { sample } from '../../support/harness/long.ts';
import { type Computer, createComputer, signIn, type WindowsUser, worldForTest } from './support.ts';

const KEY = 'Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings';

let computer: Computer;
beforeAll(async () => {
  computer = await createComputer();
});
afterAll(() => computer?.stop());

/** The user's settings, and those of the computer. Anything that's there already goes. */
async function set(user: readonly string[], machine: readonly string[] = []): Promise<void> {
  const hives = { HKEY_CURRENT_USER: user, HKEY_LOCAL_MACHINE: machine };
  const keys = Object.entries(hives).flatMap(([hive, lines]) => [
    `[-${hive}\\${KEY}]`,
    `[${hive}\\${KEY}]`,
    ...lines.filter((line) => !line.includes('=hex:')),
    `[${hive}\\${KEY}\\Connections]`,
    ...lines.filter((line) => line.includes('=hex:')),
  ]);
  await computer.importRegistry(`Windows Registry Editor Version 5.00\n\n${keys.join('\n')}\n`);
}

function binary(name: string, options: Parameters<typeof connectionSettings>[0]): string {
  return `"${name}"=hex:${connectionSettings(options).toString('hex').match(/../g)?.join(',')}`;
}

async function proxyCheck(user: WindowsUser): Promise<unknown> {
  const { checks } = (await user.json('doctor')) as { checks: { id: string }[] };
  return checks.find(({ id }) => id === 'proxy');
}

describe('a sign-in goes through the proxy of', () => {
  it.each(
    sample(
      [
        [
          'the user',
          'Internet Settings (HKEY_CURRENT_USER)',
          (address: string) =>
            set(['"ProxyEnable"=dword:00000001', `"ProxyServer"="http=127.0.0.1:9;https=${address}"`]),
        ],
        [
          "the user's dialog",
          'Internet Settings (HKEY_CURRENT_USER)',
          (address: string) => set([binary('DefaultConnectionSettings', { flags: 3, texts: [address, '<local>'] })]),
        ],
        [
          'WinHTTP',
          'WinHTTP',
          (address: string) => set([], [binary('WinHttpSettings', { version: 0x18, flags: 3, texts: [address, ''] })]),
        ],
      ],
      3,
    ),
  )('%s, and doctor says so', async (name, origin, arrange) => {
    const { world, config } = await worldForTest();
    const address = `127.0.0.1:${world.proxy.port}`;
    await arrange(address);
    const user = await computer.addUser(`Ada ${name.length}`, { ...config, proxy: undefined });
    const { exitCode, stdout, stderr } = await signIn(world, user);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(world.entra.checkAccessToken(stdout.trim())).toBe('valid');
    expect(await proxyCheck(user)).toMatchObject({
      state: 'ok',
      detail: expect.stringMatching(
        new RegExp(`${address.replaceAll('.', '\\.')}.*${origin.replaceAll(/[()]/g, '\\$&')}`),
      ),
    });
    await user.command('agent', 'stop');
  });

  it('no one if the host is an exception', async () => {
    const { world, config } = await worldForTest();
    await set([
      '"ProxyEnable"=dword:00000001',
      `"ProxyServer"="127.0.0.1:${world.proxy.port}"`,
      '"ProxyOverride"="*.microsoftonline.com;<local>"',
    ]);
    const user = await computer.addUser('Zo\u00eb', { ...config, proxy: undefined });
    const { exitCode, stderr } = await user.helper('interactive');
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 7 });
    expect(stderr).not.toContain('through the proxy');
    await user.command('agent', 'stop');
  });
});
