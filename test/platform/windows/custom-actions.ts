// What an installer's own actions could do to a computer whose user starts a repair: Windows runs that with the
// system's rights, and asks no one.
// https://learn.microsoft.com/windows/win32/msi/summary-list-of-all-custom-action-types
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { NtExecutable } from 'resedit';
import { runTool } from '../../../installers/windows/run-tool.ts';
import { tableOf } from './installer-support.ts';

const KIND = 0x3f;
const INCLUDED_PROGRAM = 2;
const INSTALLED_PROGRAM = 18;
const SET_PROPERTY = 51;
const NO_IMPERSONATION = 0x800;
const WINDOWS_SUBSYSTEM = 2;
const AT_REMOVAL = ['Installed', 'REMOVE="ALL"', 'NOT REINSTALL'];
/** Only an administrator can start a first installation. */
const WHEN_NEW = 'NOT Installed';
/** What the launcher may do in a repair: it takes nothing from the user who starts it. */
const IN_A_REPAIR = '--create-task';

/**
 * One line for each fault of an action: that it's neither the setting of a property nor one of the product's programs
 * without a console, or that it may run with the system's rights in a repair.
 * @param sourceOf the installer's file for an installed one, by its key in the File table
 */
export function actionFaults(msi: string, sourceOf: (file: string) => string): readonly string[] {
  const runs = sequencesOf(msi);
  return tableOf(msi, 'CustomAction').flatMap(([action = '', type = '', source = '', target = '']) => {
    const kind = Number(type) & KIND;
    if (kind === SET_PROPERTY) return [];
    const program =
      kind === INSTALLED_PROGRAM
        ? () => readFileSync(sourceOf(source))
        : () => execFileSync('msiinfo', ['extract', msi, `Binary.${source}`], { maxBuffer: 1e9, stdio: 'pipe' });
    const isQuiet = [INSTALLED_PROGRAM, INCLUDED_PROGRAM].includes(kind) && subsystemOf(program) === WINDOWS_SUBSYSTEM;
    const rows = runs.filter((row) => row.action === action);
    const isAsUser = (Number(type) & NO_IMPERSONATION) === 0;
    const isHarmless = isQuiet && target === IN_A_REPAIR;
    return [
      ...(isQuiet ? [] : [`${action} may open a console`]),
      ...rows
        .filter(({ table, condition }) => {
          const mayRepair = condition !== WHEN_NEW && !isAtRemoval(condition) && !isHarmless;
          return !isAsUser && (table !== 'InstallExecuteSequence' || mayRepair);
        })
        .map(({ table }) => `${action} runs with the system's rights in ${table}, perhaps in a repair`),
    ];
  });
}

function sequencesOf(msi: string): readonly { table: string; action: string; condition: string }[] {
  const tables = runTool('msiinfo', ['tables', msi]).split(/\s+/);
  return tables
    .filter((table) => table.endsWith('Sequence'))
    .flatMap((table) => tableOf(msi, table).map(([action = '', condition = '']) => ({ table, action, condition })));
}

/** Only for conditions that are written as terms joined by AND. Any other doesn't count as one. */
function isAtRemoval(condition: string): boolean {
  const terms = condition.split(' AND ');
  return AT_REMOVAL.every((term) => terms.includes(term)) && !/\b(?:OR|XOR|EQV|IMP)\b/i.test(condition);
}

function subsystemOf(program: () => Buffer): number | undefined {
  try {
    return NtExecutable.from(program(), { ignoreCert: true }).newHeader.optionalHeader.subsystem;
  } catch {
    return undefined;
  }
}
