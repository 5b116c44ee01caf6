// The lock that keeps the agent single. It must vanish with its process, however that dies, on all three systems;
// of Node's public API only SQLite takes such a lock (fcntl, LockFileEx), so an empty database serves as one.
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { AppError } from '../core/errors.ts';
import { privacyFault } from '../platform/privacy-fault.ts';
import { assertPrivate } from '../platform/private-file.ts';

export interface InstanceLock {
  release(): void;
}

/** A database that nothing refers to is collected, and its lock with it. */
const held = new Set<DatabaseSync>();

/**
 * Takes the lock in `folder`, a private one; `undefined` when another living process holds it. Never waits.
 * @throws AppError ERR_STATE_UNWRITABLE when the lock file cannot be made or is no such file; ERR_AGENT_UNTRUSTED when
 * a link, a folder, a FIFO or another user's file stands in its place.
 */
export function takeInstanceLock(folder: string): InstanceLock | undefined {
  const path = join(folder, 'agent.lock');
  assertLockFile(path);
  // Node warns on stderr when this is loaded, so not before a caller that has turned warnings off.
  const sqlite = process.getBuiltinModule('node:sqlite');
  let database: DatabaseSync;
  try {
    database = new sqlite.DatabaseSync(path);
  } catch (cause) {
    throw new AppError('ERR_STATE_UNWRITABLE', { detail: path, cause });
  }
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    if (isBusy(cause)) return undefined;
    throw new AppError('ERR_STATE_UNWRITABLE', { detail: path, cause });
  }
  held.add(database);
  return {
    release: () => {
      if (held.delete(database)) database.close();
    },
  };
}

/**
 * SQLite follows a link, makes the file that it leads to, and locks a database of whatever program. Ours stays empty.
 * Nobody else may write to the folder, so what is looked at here is what is opened next.
 */
function assertLockFile(path: string): void {
  if (privacyFault(path, 'file') === 'absent') return;
  assertPrivate(path, 'file');
  if (lstatSync(path).size > 0) {
    throw new AppError('ERR_STATE_UNWRITABLE', {
      detail: `${path} is not empty, so it is no lock file of this program`,
    });
  }
}

/** SQLite result codes: https://www.sqlite.org/rescode.html */
const SQLITE_BUSY = 5;

function isBusy(thrown: unknown): boolean {
  return thrown instanceof Error && 'errcode' in thrown && thrown.errcode === SQLITE_BUSY;
}
