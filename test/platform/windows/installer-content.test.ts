// What an installer says, read back by msiinfo: Windows is stricter than Wine, and than wixl.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectFolder } from '../../../installers/build/bundle.ts';
import { makeInstaller } from '../../../installers/windows/msi.ts';
import { runTool } from '../../../installers/windows/run-tool.ts';
import { configurationKeys } from '../../../src/config/keys.ts';
import { ADDONS, DOCUMENTS, PROGRAM, tableOf, WINDOWLESS } from './installer-support.ts';

const folder = mkdtempSync(join(tmpdir(), 'msi-content-'));
// No test here runs them, and small ones are fast.
const binaries = join(folder, 'binaries');
mkdirSync(binaries);
for (const name of [PROGRAM, WINDOWLESS, ...ADDONS, ...DOCUMENTS]) writeFileSync(join(binaries, name), name);
afterAll(() => rmSync(folder, { recursive: true }));

function make(name: string, change: { arch?: 'x64' | 'arm64'; version?: string } = {}): string {
  const output = join(folder, `${name}.msi`);
  makeInstaller({ arch: 'x64', version: '1.2.3', binaries, output, ...change });
  return output;
}

const summaryOf = (msi: string): string => runTool('msiinfo', ['suminfo', msi]);
const propertiesOf = (msi: string) =>
  Object.fromEntries(tableOf(msi, 'Property').map(([name = '', value = '']) => [name, value]));
const packageCodeOf = (msi: string) => /UUID\): (.*)/.exec(summaryOf(msi))?.[1];

it('registers the source of the audit log, whose messages are the lines as they are', () => {
  const rows = tableOf(make('source'), 'Registry').filter(([, , key = '']) => key.includes('EventLog'));
  const key = 'SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application\\Foundry Credential Helper';
  expect(rows.map(([, root, path, name, value]) => [root, path, name, value])).toEqual([
    ['2', key, 'EventMessageFile', '[System64Folder]EventCreate.exe'],
    ['2', key, 'TypesSupported', '#7'],
  ]);
});

describe('the sequence of the installation', () => {
  let sequence: Map<string, { condition: string; number: number }>;
  const numberOf = (action: string): number => {
    const row = sequence.get(action);
    if (row === undefined) throw new Error(`${action} is not in the sequence`);
    return row.number;
  };
  const expectOrder = (...actions: string[]): void => {
    const numbers = actions.map(numberOf);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    expect(new Set(numbers).size).toBe(numbers.length);
  };

  beforeAll(() => {
    const rows = tableOf(make('sequence'), 'InstallExecuteSequence');
    sequence = new Map(
      rows.map(([action = '', condition = '', number = '']) => [action, { condition, number: Number(number) }]),
    );
  });

  it('removes the older version where Windows allows it', () => {
    expectOrder('InstallValidate', 'RemoveExistingProducts', 'InstallInitialize');
  });

  it('looks for a newer version before it refuses', () => {
    expectOrder('FindRelatedProducts', 'LaunchConditions', 'CostInitialize');
  });

  it('stops agents inside the transaction of a removal, before the first change', () => {
    expectOrder('InstallInitialize', 'StopAgents', 'ProcessComponents', 'RemoveRegistryValues', 'RemoveFiles');
    expectOrder('StopAgents', 'InstallFiles', 'InstallFinalize');
    expect(sequence.get('StopAgents')?.condition).toBe('Installed AND REMOVE="ALL" AND NOT REINSTALL');
  });

  it('makes the task when its program is there, and then runs it in a first installation and an upgrade', () => {
    expectOrder('InstallFiles', 'CreateTask', 'StartAgents', 'InstallFinalize');
    expect(sequence.get('CreateTask')?.condition).toBe('REMOVE<>"ALL"');
    expect(sequence.get('StartAgents')?.condition).toBe('NOT Installed');
  });

  it('removes the task with the last version only, and never leaves one behind or removes one if it fails', () => {
    const last = 'Installed AND REMOVE="ALL" AND NOT REINSTALL AND NOT UPGRADINGPRODUCTCODE';
    expectOrder('InstallInitialize', 'UndoTask', 'InstallFiles');
    expectOrder('StopAgents', 'RestoreTask', 'DeleteTask', 'RemoveFiles');
    expect(sequence.get('UndoTask')?.condition).toBe('NOT Installed');
    for (const action of ['RestoreTask', 'DeleteTask']) expect(sequence.get(action)?.condition).toBe(last);
  });

  it('knows the folder that an admin chose before folders are checked, with and without dialogs', () => {
    expectOrder('AppSearch', 'Recall_INSTALLDIR', 'CostInitialize', 'CostFinalize');
    const condition = 'PREVIOUS_INSTALLDIR AND (Installed OR NOT INSTALLDIR)';
    expect(sequence.get('Recall_INSTALLDIR')?.condition).toBe(condition);
    const dialogs = tableOf(join(folder, 'sequence.msi'), 'InstallUISequence');
    const order = dialogs.toSorted((a, b) => Number(a[2]) - Number(b[2])).map(([action]) => action);
    const recall = order.indexOf('Recall_INSTALLDIR');
    expect(order.indexOf('AppSearch')).toBeLessThan(recall);
    expect(order.indexOf('CostInitialize')).toBeGreaterThan(recall);
    expect(dialogs).toContainEqual(['Recall_INSTALLDIR', condition, '105']);
  });

  it('changes PATH with the files', () => {
    expectOrder('InstallInitialize', 'RemoveEnvironmentStrings', 'RemoveFiles', 'InstallFiles');
    expectOrder('InstallFiles', 'WriteEnvironmentStrings', 'InstallFinalize');
  });

  it.each(configurationKeys)('knows what %s was before it decides about its component', (key) => {
    expectOrder('AppSearch', `Recall_${key}`, 'CostFinalize');
    expect(sequence.get(`Recall_${key}`)?.condition).toBe(`Installed OR ${key.toUpperCase()}=""`);
  });

  it.each(configurationKeys)('escapes a number sign at the start of %s, unless it is a remembered value', (key) => {
    expectOrder(`Escape_${key}`, `Recall_${key}`, 'WriteRegistryValues');
    expect(sequence.get(`Escape_${key}`)?.condition).toBe(`${key.toUpperCase()} << "#"`);
  });

  it('has no two actions with one number, and every custom action', () => {
    const numbers = [...sequence.values()].map(({ number }) => number);
    expect(new Set(numbers).size).toBe(numbers.length);
    const custom = tableOf(join(folder, 'sequence.msi'), 'CustomAction').map(([action]) => action);
    // One to escape and one to recall each setting, one to recall the folder, and six for agents and their task.
    expect(custom).toHaveLength(2 * configurationKeys.length + 1 + 6);
    expect([...sequence.keys()]).toEqual(expect.arrayContaining(custom));
  });
});

describe('the tables', () => {
  let msi: string;
  beforeAll(() => {
    msi = make('tables');
  });

  it('stop the processes of all users, and continue if there are none', () => {
    const [, type, source, command] = tableOf(msi, 'CustomAction').find(([action]) => action === 'StopAgents') ?? [];
    // Continue on error (64), deferred (1024), not as the user (2048), an installed program (18).
    expect(Number(type)).toBe(64 + 1024 + 2048 + 18);
    expect(source).toBe('foundry_credential_helperw_exe');
    expect(command).toBe('--end-all');
  });

  it('make and remove the task with the system’s rights, and undo that if a later step fails', () => {
    const rows = tableOf(msi, 'CustomAction').filter(([action = '']) => /Task$|^StartAgents/.test(action));
    const installed = 'foundry_credential_helperw_exe';
    // As for StopAgents; rollback (256), a program that the installer includes (2).
    const program = 64 + 1024 + 2048 + 18;
    expect(rows.map((row) => row.slice(0, 4))).toEqual([
      ['UndoTask', String(64 + 1024 + 2048 + 256 + 2), 'Launcher', '--delete-task'],
      ['RestoreTask', String(program + 256), installed, '--create-task'],
      ['DeleteTask', String(program), installed, '--delete-task'],
      ['CreateTask', String(program), installed, '--create-task'],
      ['StartAgents', String(program), installed, '--start-agents'],
    ]);
    const included = execFileSync('msiinfo', ['extract', msi, 'Binary.Launcher'], { encoding: 'utf8' });
    expect(included).toBe(WINDOWLESS);
  });

  it('add the program’s folder to the end of the computer’s PATH, and remove it with the program', () => {
    expect(tableOf(msi, 'Environment')).toEqual([
      ['Path', '=-*Path', '[~];[INSTALLDIR]', 'foundry_credential_helper_exe'],
    ]);
  });

  it('start nothing at log-on by the registry', () => {
    const keys = tableOf(msi, 'Registry').map(([, , key = '']) => key);
    expect(keys.filter((key) => /CurrentVersion\\Run$/.test(key))).toEqual([]);
  });

  it('set an escaped value by a second number sign in front of it', () => {
    const actions = new Map(tableOf(msi, 'CustomAction').map(([action = '', ...row]) => [action, row]));
    // 51: set a property to formatted text.
    expect(actions.get('Escape_organizationName')?.slice(0, 3)).toEqual([
      '51',
      'ORGANIZATIONNAME',
      '#[ORGANIZATIONNAME]',
    ]);
  });

  it('write a setting only if it was given', () => {
    const conditions = new Map(tableOf(msi, 'Component').map((row) => [row[0], row[4]]));
    for (const key of configurationKeys) {
      expect(conditions.get(`Policy_${key}`)).toBe(`${key.toUpperCase()}<>""`);
    }
    const unconditional = [...conditions].filter(([, condition]) => condition === '').map(([component]) => component);
    // Six files, detection, and the source of events.
    expect(unconditional).toHaveLength(8);
  });

  it("let every setting, but no remembered one, come from the command line of a user who isn't an administrator", () => {
    const secure = propertiesOf(msi)['SecureCustomProperties']?.split(';');
    expect(secure).toEqual([
      'WIX_DOWNGRADE_DETECTED',
      'WIX_UPGRADE_DETECTED',
      ...configurationKeys.map((key) => key.toUpperCase()),
    ]);
  });

  it('keep what may hold a password out of the log', () => {
    expect(propertiesOf(msi)['MsiHiddenProperties']?.split(';')).toEqual([
      'HEADERS',
      'PREVIOUS_HEADERS',
      'PROXY',
      'PREVIOUS_PROXY',
    ]);
  });

  it("have the programs' version as in VERSIONINFO, and a short name for every file that needs one", () => {
    const rows = tableOf(msi, 'File').map(([, , name = '', , version]) => [name, version]);
    expect(rows).toEqual([
      [`FOUNDRY1.EXE|${PROGRAM}`, '1.2.3.0'],
      [`FOUNDRY2.EXE|${WINDOWLESS}`, '1.2.3.0'],
      ['FOUNDRY3.NOD|dpapi.node', ''],
      ['FOUNDRY4.NOD|registry.node', ''],
      ['LICENSE', ''],
      ['FOUNDRY5.TXT|THIRD-PARTY-LICENSES.txt', ''],
    ]);
    expect(tableOf(msi, 'MsiFileHash').map(([file]) => file)).toEqual([
      'dpapi_node',
      'registry_node',
      'LICENSE',
      'THIRD_PARTY_LICENSES_txt',
    ]);
  });

  it('treat every older version and the same one as older, and every newer one as newer', () => {
    const upgradeCode = propertiesOf(msi)['UpgradeCode'];
    expect(tableOf(msi, 'Upgrade').map((row) => [row[0], row[1], row[2], Number(row[4]), row[6]])).toEqual(
      expect.arrayContaining([
        [upgradeCode, '', '1.2.3', 1 + 512, 'WIX_UPGRADE_DETECTED'],
        [upgradeCode, '1.2.3', '', 2, 'WIX_DOWNGRADE_DETECTED'],
      ]),
    );
  });
});

describe('the identity of an installer', () => {
  it('is the same for the same input, byte by byte', async () => {
    const first = readFileSync(make('first'));
    // Times of wixl are seconds.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect(readFileSync(make('second')).equals(first)).toBe(true);
  });

  it('never changes as an upgrade code, and changes as a product code with version and processor', () => {
    const all = [make('a'), make('b', { arch: 'arm64' }), make('c', { version: '1.2.4' })];
    const [a, b, c] = all.map(propertiesOf);
    expect(new Set([a, b, c].map((properties) => properties?.['UpgradeCode'])).size).toBe(1);
    expect(new Set([a, b, c].map((properties) => properties?.['ProductCode'])).size).toBe(3);
    expect(new Set(all.map(packageCodeOf)).size).toBe(3);
  });

  it('is the one for Windows of 0.1.0, which every later installer must know', () => {
    const properties = propertiesOf(make('fixed', { version: '0.1.0' }));
    expect(properties['UpgradeCode']).toBe('{ACEEF857-5FB9-522E-9102-6D6B289E764B}');
    expect(properties['ProductCode']).toBe('{2C7C1DCF-9864-5419-8806-6FF6FF58723C}');
  });

  it('has a different package code for different content', () => {
    const before = packageCodeOf(make('before'));
    writeFileSync(join(binaries, WINDOWLESS), 'changed');
    expect(packageCodeOf(make('after'))).not.toBe(before);
  });

  it.each([
    ['x64', 'x64;1033'],
    ['arm64', 'Arm64;1033'],
  ] as const)('says that it is for %s, and that it needs Windows Installer 5', (arch, template) => {
    const summary = summaryOf(make(`summary-${arch}`, { arch }));
    expect(summary).toContain(`Template: ${template}\n`);
    expect(summary).toContain('Version: 500 (');
    expect(summary).toContain('Source: 2 (');
  });

  it.each(['1.2', '1.2.3-beta.1', '256.0.0', '1.2.65536'])("can't have the version %s", (version) => {
    expect(() => make('refused', { version })).toThrow("isn't a version for Windows Installer");
  });
});

it('every property is in the documentation', () => {
  const page = readFileSync(join(projectFolder, 'docs/how-to/install-windows.md'), 'utf8');
  for (const key of configurationKeys) expect(page).toContain(`\`${key.toUpperCase()}\``);
});
