// Group Policy as it reaches the program: values in the registry.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { windowsPath } from '../../support/harness/wine.ts';
import { type Computer, createComputer, POLICY_KEY, type WindowsUser } from './support.ts';

const TENANT = '11111111-2222-4333-8444-555555555555';
const CLIENT = '66666666-7777-4888-8999-aaaaaaaaaaaa';
const HKLM = `HKEY_LOCAL_MACHINE\\${POLICY_KEY}`;
const HKCU = `HKEY_CURRENT_USER\\${POLICY_KEY}`;

interface Shown {
  readonly settings: readonly {
    readonly key: string;
    readonly value?: unknown;
    readonly origin?: { readonly location: string };
    readonly problem?: string;
  }[];
  readonly sources: readonly { readonly location: string; readonly state: string; readonly reason?: string }[];
  readonly problems: readonly { readonly code: string; readonly detail?: string }[];
  readonly unknownKeys: readonly { readonly key: string; readonly location: string; readonly nearest?: string }[];
}

let computer: Computer;
let user: WindowsUser;

beforeEach(async () => {
  if (computer === undefined) {
    computer = await createComputer();
    user = await computer.addUser('Zoë Müller', {
      tenantId: TENANT,
      clientId: CLIENT,
      foundryResource: 'from-the-file',
    });
  }
  await computer.importRegistry(`Windows Registry Editor Version 5.00\n\n[-${HKLM}]\n\n[-${HKCU}]\n`);
});
afterAll(() => computer?.stop());

const importValues = (key: string, ...lines: string[]) =>
  computer.importRegistry(`Windows Registry Editor Version 5.00\n\n[${key}]\n${lines.join('\n')}\n`);

const show = async () => (await user.json('config', 'show')) as unknown as Shown;

function setting({ settings }: Shown, key: string) {
  const found = settings.find((row) => row.key === key);
  return { value: found?.value, from: found?.origin?.location, problem: found?.problem };
}

describe('policy in the registry', () => {
  it('of the user counts above the file', async () => {
    await importValues(HKCU, '"FoundryResource"="from-the-user"');
    expect(setting(await show(), 'foundryResource')).toEqual({ value: 'from-the-user', from: HKCU });
  });

  it("of the computer counts as a whole: the user's policy doesn't fill in what it leaves out", async () => {
    await importValues(HKLM, '"foundryResource"="from-the-computer"');
    await importValues(HKCU, '"foundryResource"="from-the-user"', '"organizationName"="Zürich ☃"');
    const shown = await show();
    expect(setting(shown, 'foundryResource')).toEqual({ value: 'from-the-computer', from: HKLM });
    expect(setting(shown, 'organizationName').value).toBeUndefined();
    expect(shown.sources.find(({ location }) => location === HKCU)).toMatchObject({ state: 'ignored' });
  });

  it('of a wrong type is an error that names value and type, and no lower source is in', async () => {
    await importValues(HKLM, '"foundryResource"=hex(7):61,00,00,00,00,00', '"logLevel"=dword:00000007');
    const { exitCode, stderr } = await user.command('config', 'show');
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain(HKLM);
    const shown = await show();
    expect(setting(shown, 'foundryResource').problem).toContain('must be REG_SZ or REG_DWORD, not REG_MULTI_SZ');
    expect(setting(shown, 'foundryResource').value).toBeUndefined();
    expect(setting(shown, 'logLevel').value).toBeUndefined();
  });

  it("with an unknown key isn't an error, and the key is named", async () => {
    await importValues(HKLM, '"foundryResourse"="typo"');
    const { problems, unknownKeys } = await show();
    expect(problems).toEqual([]);
    expect(unknownKeys).toEqual([{ key: 'foundryResourse', location: HKLM, nearest: 'foundryResource' }]);
  });

  it('changes what a running agent does from the next request on', async () => {
    expect(await user.command('agent', 'start')).toMatchObject({ exitCode: 0 });
    await importValues(HKLM, '"tenantId"="no tenant"');
    const refused = await user.helper('background');
    expect(refused.stderr).toContain('ERR_CONFIG');
    expect(refused.stderr).toContain('tenantId');
    await computer.importRegistry(`Windows Registry Editor Version 5.00\n\n[-${HKLM}]\n`);
    expect((await user.helper('background')).stderr).not.toContain('ERR_CONFIG');
    await user.command('agent', 'stop');
  });
});

it('reads back the registry export that it wrote, after Windows imported it', async () => {
  const exported = join(computer.prefix.root, 'Übergabe an IT');
  mkdirSync(exported);
  const set = [
    'organizationName=Zürich ☃ "AG" \\ Söhne',
    'models=["claude-sonnet-5","claude-opus-4-8"]',
    'signInMethod=browser',
  ];
  const run = await user.command(
    'config',
    'export',
    windowsPath(exported),
    '--force',
    ...set.flatMap((row) => ['--set', row]),
  );
  expect(run).toMatchObject({ exitCode: 0 });
  const file = [...run.stdout.matchAll(/^ {2}(\S.*\.reg)$/gm)]
    .map(([, path = '']) => join(exported, path.replaceAll('\\', '/')))
    .find((path) => readFileSync(path, 'utf16le').includes(POLICY_KEY));
  expect(file).toBeDefined();
  const imported = await computer.prefix.run('regedit.exe', ['/S', windowsPath(file ?? '')]);
  expect(imported.exitCode).toBe(0);
  const shown = await show();
  expect(setting(shown, 'organizationName')).toEqual({ value: 'Zürich ☃ "AG" \\ Söhne', from: HKLM });
  expect(setting(shown, 'models')).toEqual({ value: ['claude-sonnet-5', 'claude-opus-4-8'], from: HKLM });
  expect(setting(shown, 'signInMethod')).toEqual({ value: 'browser', from: HKLM });
  expect(setting(shown, 'tenantId')).toEqual({ value: TENANT, from: HKLM });
});
