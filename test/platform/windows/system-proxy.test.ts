// The proxy settings in a real registry, put there as admins and programs do: by reg.exe, and as registry files with
// the binary values that Windows writes.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectionSettings } from '../../support/fakes/connection-settings.ts';
import { runInside } from './run-inside.ts';
import { type Computer, createComputer, type WindowsUser } from './support.ts';

const KEY = 'Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings';
const POLICY = 'Software\\Policies\\Microsoft\\Windows\\CurrentVersion\\Internet Settings';
const SIGN_IN = 'https://login.microsoftonline.com/';

let computer: Computer;
let user: WindowsUser;
beforeAll(async () => {
  computer = await createComputer();
  user = await computer.addUser('Zo\u00eb', {});
});
afterAll(() => computer?.stop());

beforeEach(() =>
  computer.importRegistry(
    `Windows Registry Editor Version 5.00\n\n${['HKEY_CURRENT_USER', 'HKEY_LOCAL_MACHINE']
      .flatMap((hive) => [`[-${hive}\\${KEY}]`, `[-${hive}\\${POLICY}]`])
      .join('\n\n')}\n`,
  ),
);

async function reg(key: string, name: string, type: string, data: string): Promise<void> {
  const run = await computer.prefix.run('reg.exe', ['add', key, '/v', name, '/t', type, '/d', data, '/f']);
  expect(run).toMatchObject({ exitCode: 0 });
}

/** As a registry file holds it. */
async function importBinary(hive: string, name: string, bytes: Buffer): Promise<void> {
  const hex = bytes.toString('hex').match(/../g)?.join(',') ?? '';
  await computer.importRegistry(
    `Windows Registry Editor Version 5.00\n\n[${hive}\\${KEY}\\Connections]\n"${name}"=hex:${hex}\n`,
  );
}

async function settings(...urls: string[]): Promise<Record<string, unknown>> {
  const { exitCode, stdout, stderr } = await runInside(computer, user, 'system-proxy', ...urls);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return JSON.parse(stdout) as Record<string, unknown>;
}

describe("Windows' proxy settings", () => {
  it('are empty in an empty registry', async () => {
    expect(await settings(SIGN_IN)).toEqual({
      origin: 'Internet Settings (HKEY_CURRENT_USER)',
      autoDetect: false,
      notes: [],
      decisions: [{ kind: 'direct', why: 'no proxy is set' }],
    });
  });

  it('are the values that a log-on script writes', async () => {
    await reg(`HKCU\\${KEY}`, 'ProxyEnable', 'REG_DWORD', '1');
    await reg(`HKCU\\${KEY}`, 'ProxyServer', 'REG_SZ', 'http=a.contoso.com:8080;https=b.contoso.com:8443');
    await reg(`HKCU\\${KEY}`, 'ProxyOverride', 'REG_SZ', '*.internal.example;<local>');
    await reg(`HKCU\\${KEY}`, 'AutoConfigURL', 'REG_SZ', 'http://wpad.contoso.com/proxy.pac');
    expect(await settings(SIGN_IN, 'https://gateway.internal.example/', 'https://gateway/')).toEqual({
      origin: 'Internet Settings (HKEY_CURRENT_USER)',
      pacUrl: 'http://wpad.contoso.com/proxy.pac',
      autoDetect: false,
      notes: [],
      decisions: [
        { kind: 'proxy', proxy: 'http://b.contoso.com:8443', why: 'ProxyServer (https=)' },
        { kind: 'direct', why: 'the exception *.internal.example', exception: '*.internal.example' },
        { kind: 'direct', why: 'the exception <local>', exception: '<local>' },
      ],
    });
  });

  it('are the binary value of the dialog', async () => {
    const texts = ['proxy.contoso.com:8080', '<local>', 'http://wpad.contoso.com/proxy.pac'];
    await importBinary('HKEY_CURRENT_USER', 'DefaultConnectionSettings', connectionSettings({ flags: 15, texts }));
    expect(await settings(SIGN_IN)).toMatchObject({
      pacUrl: 'http://wpad.contoso.com/proxy.pac',
      autoDetect: true,
      decisions: [{ proxy: 'http://proxy.contoso.com:8080' }],
    });
  });

  it("are the computer's if a policy says so", async () => {
    await reg(`HKCU\\${KEY}`, 'ProxyEnable', 'REG_DWORD', '1');
    await reg(`HKCU\\${KEY}`, 'ProxyServer', 'REG_SZ', 'user:1');
    const texts = ['computer:2', ''];
    await importBinary('HKEY_LOCAL_MACHINE', 'DefaultConnectionSettings', connectionSettings({ flags: 3, texts }));
    expect(await settings(SIGN_IN)).toMatchObject({ decisions: [{ proxy: 'http://user:1' }] });
    await reg(`HKLM\\${POLICY}`, 'ProxySettingsPerUser', 'REG_DWORD', '0');
    expect(await settings(SIGN_IN)).toMatchObject({
      origin: 'Internet Settings (HKEY_LOCAL_MACHINE)',
      decisions: [{ proxy: 'http://computer:2' }],
    });
  });

  it("are WinHTTP's if the user has none", async () => {
    const texts = ['winhttp.contoso.com:8080', '*.contoso.com'];
    await importBinary('HKEY_LOCAL_MACHINE', 'WinHttpSettings', connectionSettings({ version: 0x18, flags: 3, texts }));
    expect(await settings(SIGN_IN, 'https://a.contoso.com/')).toMatchObject({
      origin: 'WinHTTP',
      decisions: [{ proxy: 'http://winhttp.contoso.com:8080' }, { kind: 'direct' }],
    });
  });
});
