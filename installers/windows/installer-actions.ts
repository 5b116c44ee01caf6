// What the installer runs on its own, as rows of its tables: all of it is the launcher, which has no window.
//
// A console program would open one with the system's rights on the user's desktop, and a user who takes hold of it can
// start programs as the system. An installed program's exit code is ignored: agents and their task come back on their
// own. https://learn.microsoft.com/windows/win32/msi/summary-list-of-all-custom-action-types
import { fileId, LAUNCHER } from './installer-files.ts';
import { CREATE_TASK, DELETE_TASK, END_ALL, START_AGENTS } from './launcher.ts';
import type { Row } from './msi-row.ts';

/** A program from the Binary table (2), or an installed one (18). */
const BINARY = 2;
const INSTALLED = 18;
const IGNORE_EXIT_CODE = 64;
/** Runs when a later step fails. */
const ROLLBACK = 256;
const DEFERRED = 1024;
/** With the system's rights. */
const AS_SYSTEM = 2048;
const LATER = IGNORE_EXIT_CODE | DEFERRED | AS_SYSTEM;

/**
 * A removal, the old version's in an upgrade included. Only an admin can start one, while every user can start a
 * repair, which sets REINSTALL.
 */
const AT_REMOVAL = 'Installed AND REMOVE="ALL" AND NOT REINSTALL';
/** A removal that isn't part of an upgrade: then the task stays for the new version, with what an admin has changed. */
const AT_LAST_REMOVAL = `${AT_REMOVAL} AND NOT UPGRADINGPRODUCTCODE`;
/** An installation, repair, or upgrade. */
const UNLESS_REMOVAL = 'REMOVE<>"ALL"';
/** A first installation, or the new version's in an upgrade. */
const WHEN_NEW = 'NOT Installed';

export interface LauncherAction {
  readonly action: string;
  readonly sequence: number;
  readonly condition: string;
  readonly type: number;
  readonly target: string;
}

/** In their order. The numbers are places in `executeSequence` of msi-tables.ts. */
export const launcherActions: readonly LauncherAction[] = [
  // Before any file is written: whatever fails later, no task stays behind that starts nothing.
  { action: 'UndoTask', sequence: 1510, condition: WHEN_NEW, type: BINARY | LATER | ROLLBACK, target: DELETE_TASK },
  { action: 'StopAgents', sequence: 1550, condition: AT_REMOVAL, type: INSTALLED | LATER, target: END_ALL },
  {
    action: 'RestoreTask',
    sequence: 1560,
    condition: AT_LAST_REMOVAL,
    type: INSTALLED | LATER | ROLLBACK,
    target: CREATE_TASK,
  },
  { action: 'DeleteTask', sequence: 1570, condition: AT_LAST_REMOVAL, type: INSTALLED | LATER, target: DELETE_TASK },
  { action: 'CreateTask', sequence: 5900, condition: UNLESS_REMOVAL, type: INSTALLED | LATER, target: CREATE_TASK },
  // Last, so that an agent never runs from files that go again.
  { action: 'StartAgents', sequence: 6500, condition: WHEN_NEW, type: INSTALLED | LATER, target: START_AGENTS },
];

/** The rows of CustomAction. */
export function launcherRows(): readonly Row[] {
  return launcherActions.map(({ action, type, target }) => {
    const source = (type & INSTALLED) === INSTALLED ? fileId(LAUNCHER) : 'Launcher';
    return { table: 'CustomAction', columns: { Action: action, Type: type, Source: source, Target: target } };
  });
}
