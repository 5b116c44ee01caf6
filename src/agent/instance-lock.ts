// The lock that keeps the agent single. It must vanish with its process, however that dies, on all three systems;
// of Node's public API only SQLite takes such a lock (fcntl, LockFileEx), so an empty database serves as one.
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AppError } from '../core/errors.ts';

export interface InstanceLock {
  release(): void;
}

/** A database that nothing refers to is collected, and its lock with it. */
const held = new Set<DatabaseSync>();

/**
 * Takes the lock in `folder`; `undefined` when another living process holds it. Never waits.
 * @throws AppError ERR_STATE_UNWRITABLE when the lock file cannot be made or is no such file.
 */
export function takeInstanceLock(folder: string): InstanceLock | undefined {
  const path = join(folder, 'agent.lock');
  let database: DatabaseSync;
  try {
    database = new DatabaseSync(path);
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

/** SQLite result codes: https://www.sqlite.org/rescode.html */
const SQLITE_BUSY = 5;

function isBusy(thrown: unknown): boolean {
  return thrown instanceof Error && 'errcode' in thrown && thrown.errcode === SQLITE_BUSY;
}
