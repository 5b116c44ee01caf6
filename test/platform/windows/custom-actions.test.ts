// What the installer runs on its own, read from its tables. The programs are small, because no test here runs them.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fileId } from '../../../installers/windows/installer-files.ts';
import { compileLauncher } from '../../../installers/windows/launcher.ts';
import { makeInstaller } from '../../../installers/windows/msi.ts';
import { insertion, type Row } from '../../../installers/windows/msi-row.ts';
import { runTool } from '../../../installers/windows/run-tool.ts';
import { actionFaults } from './custom-actions.ts';
import { DOCUMENTS, PROGRAM, WINDOWLESS } from './installer-support.ts';

const folder = mkdtempSync(join(tmpdir(), 'msi-actions-'));
const binaries = join(folder, 'binaries');
const msi = join(folder, 'product.msi');
const sourceOf = (file: string): string =>
  join(binaries, [PROGRAM, WINDOWLESS, ...DOCUMENTS].find((name) => fileId(name) === file) ?? '');

beforeAll(() => {
  mkdirSync(binaries);
  for (const name of [PROGRAM, ...DOCUMENTS]) writeFileSync(join(binaries, name), name);
  writeFileSync(join(binaries, WINDOWLESS), compileLauncher('x64'));
  makeInstaller({ arch: 'x64', version: '1.2.3', binaries, output: msi });
});
afterAll(() => rmSync(folder, { recursive: true }));

it('runs only the renewal of the task with the system’s rights in a repair, and no console program ever', () => {
  expect(actionFaults(msi, sourceOf)).toEqual([]);
});

const sequenced = (table: string, condition: string): Row => ({
  table,
  columns: { Action: 'Added', Condition: condition, Sequence: 1560 },
});
const IN_A_REPAIR = ["Added runs with the system's rights in InstallExecuteSequence, perhaps in a repair"];
const REMOVAL = 'Installed AND REMOVE="ALL" AND NOT REINSTALL';
const UPGRADE_TOO = `${REMOVAL} AND NOT UPGRADINGPRODUCTCODE`;

/** msidbCustomActionTypes: a program in a folder (34), a script (37), deferred (1024), not as the user (2048). */
it.each([
  ['taskkill with no condition', 34 + 3072, 'INSTALLDIR', '', ['Added may open a console', ...IN_A_REPAIR]],
  ['the program itself', 18 + 3072, fileId(PROGRAM), REMOVAL, ['Added may open a console']],
  ['a script', 37 + 3072, '', REMOVAL, ['Added may open a console']],
  ['the launcher in a repair', 18 + 3072, fileId(WINDOWLESS), 'Installed', IN_A_REPAIR],
  ['the launcher at more than a removal', 18 + 3072, fileId(WINDOWLESS), `${REMOVAL} OR REINSTALL`, IN_A_REPAIR],
  ['the launcher at a removal', 18 + 3072, fileId(WINDOWLESS), REMOVAL, []],
  ['the launcher at a removal but in an upgrade', 18 + 3072, fileId(WINDOWLESS), UPGRADE_TOO, []],
  ['the launcher in a first installation', 18 + 3072, fileId(WINDOWLESS), 'NOT Installed', []],
  ['the included launcher in a first installation', 2 + 3072, 'Launcher', 'NOT Installed', []],
  ['an included program that is none', 2 + 3072, 'Missing', REMOVAL, ['Added may open a console']],
  ['the launcher as the user', 18 + 1024, fileId(WINDOWLESS), '', []],
])('would notice %s', (_, type, source, condition, faults) => {
  const changed = join(folder, 'changed.msi');
  copyFileSync(msi, changed);
  const action: Row = {
    table: 'CustomAction',
    columns: { Action: 'Added', Type: type, Source: source, Target: 'taskkill.exe /F' },
  };
  const rows = [action, sequenced('InstallExecuteSequence', condition)];
  runTool('msibuild', [changed, '-q', ...rows.map(insertion)]);
  expect(actionFaults(changed, sourceOf)).toEqual(faults);
});

it('reports one with the system’s rights in the sequence of the dialogs', () => {
  const changed = join(folder, 'changed.msi');
  copyFileSync(msi, changed);
  const row = sequenced('InstallUISequence', REMOVAL);
  runTool('msibuild', [changed, '-q', insertion({ ...row, columns: { ...row.columns, Action: 'StopAgents' } })]);
  expect(actionFaults(changed, sourceOf)).toEqual([
    "StopAgents runs with the system's rights in InstallUISequence, perhaps in a repair",
  ]);
});
