// The lock that keeps the agent single. It must vanish with its process, however that dies, on all three systems;
// of Node's public API only SQLite takes such a lock (fcntl, LockFileEx), so an empty database serves as one.
import { accessSync, constants, lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { isCode } from '../core/errno.ts';
import { AppError } from '../core/errors.ts';
import { identityOf, UNREADABLE } from '../platform/file-identity.ts';
import type { Paths } from '../platform/paths.ts';
import { privacyFault } from '../platform/privacy-fault.ts';
import { assertPrivate, ensurePrivateFolder, removeQuietly } from '../platform/private-file.ts';
import {
  askToLeave,
  describeHolder,
  isRunning,
  type LockHolder,
  lockHolderPath,
  readLockHolder,
  thisProcess,
  writeLockHolder,
} from './lock-holder.ts';

export interface InstanceLock {
  /**
   * `gone`: someone removed the lock file or its folder. `replaced`: there's a new one, which another agent may hold.
   */
  state(): 'held' | 'gone' | 'replaced';
  /** Tells other sessions where the agent listens. A folder that can't be written costs only that. */
  announce(address: string): void;
  release(): void;
}

/** What the holder says about itself. */
export type HolderFacts = Pick<LockHolder, 'endsWith'>;

const LOCK_FILE = 'agent.lock';
const POLL_MS = 50;
/** A holder says who it is as soon as it has the lock; SQLite may also refuse two that ask at the same moment. */
const UNKNOWN_HOLDER_MS = 1_000;
/** An agent that starts or leaves on a busy computer. */
const KNOWN_HOLDER_MS = 10_000;

/** A database that nothing refers to is collected, and its lock with it. */
const held = new Set<DatabaseSync>();

/**
 * Where the lock is: next to what it protects, whatever the session. If no one can write there, there's nothing to
 * protect, and the session's own folder serves.
 */
export function lockFolder({ state, runtime }: Pick<Paths, 'state' | 'runtime'>): string {
  try {
    accessSync(state, constants.W_OK);
  } catch (thrown) {
    if (isCode(thrown, 'EROFS')) return runtime;
  }
  return state;
}

/**
 * Takes the lock, waiting for an agent that starts or leaves. Asks one to leave that can't be reached because its
 * socket was removed.
 * @returns the lock, or who holds it and listens
 * @throws AppError ERR_AGENT_LOCKED within about a second if no process of this computer holds it;
 * ERR_AGENT_UNREACHABLE if the holder neither listens nor leaves; otherwise as `takeInstanceLock`
 */
export async function waitForInstanceLock(folder: string, facts: HolderFacts = {}): Promise<InstanceLock | LockHolder> {
  ensurePrivateFolder(folder);
  const startedAt = performance.now();
  let asked = false;
  for (;;) {
    const lock = takeInstanceLock(folder, facts);
    if (lock !== undefined) return lock;
    const holder = readLockHolder(folder);
    const waitedMs = performance.now() - startedAt;
    if (holder !== undefined && isRunning(holder)) {
      if (holder.address !== undefined) {
        if (identityOf(holder.address) !== undefined) return holder;
        if (!asked) askToLeave(holder);
        asked = true;
      }
      if (waitedMs > KNOWN_HOLDER_MS) throw silentHolder(holder);
    } else if (waitedMs > UNKNOWN_HOLDER_MS) throw lockedElsewhere(folder, holder);
    await sleep(POLL_MS);
  }
}

/**
 * Takes the lock in `folder`, a private one, and says who holds it now; `undefined` when another living process does.
 * Never waits.
 * @throws AppError ERR_STATE_UNWRITABLE if the lock file can't be created, or this user's own folder or another file is
 * in its place; ERR_AGENT_UNTRUSTED if a link, a FIFO, or another user's file is.
 */
export function takeInstanceLock(folder: string, facts: HolderFacts = {}): InstanceLock | undefined {
  const path = join(folder, LOCK_FILE);
  assertLockFile(path);
  const database = openLocked(path);
  if (database === undefined) return undefined;
  held.add(database);
  const taken = identityOf(path);
  const self = { ...thisProcess(), ...facts };
  const state = (): ReturnType<InstanceLock['state']> => {
    const found = identityOf(path);
    if (found === undefined) return 'gone';
    return found === taken || found === UNREADABLE ? 'held' : 'replaced';
  };
  writeQuietly(folder, self);
  return {
    state,
    announce: (address) => {
      if (state() === 'held') writeQuietly(folder, { ...self, address });
    },
    release: () => {
      if (!held.delete(database)) return;
      if (state() === 'held') removeQuietly(lockHolderPath(folder));
      database.close();
    },
  };
}

/** Whether an agent holds the lock. @throws as `takeInstanceLock` */
export function isLocked(folder: string): boolean {
  const path = join(folder, LOCK_FILE);
  if (privacyFault(path, 'file')?.is === 'absent') return false;
  assertLockFile(path);
  const database = openLocked(path);
  database?.close();
  return database === undefined;
}

function openLocked(path: string): DatabaseSync | undefined {
  // Node warns on stderr when this is loaded, so not before a caller that has turned warnings off.
  const sqlite = process.getBuiltinModule('node:sqlite');
  let database: DatabaseSync;
  try {
    database = new sqlite.DatabaseSync(path);
  } catch (cause) {
    throw new AppError('ERR_STATE_UNWRITABLE', { detail: `${path} can't be opened: ${sqliteReason(cause)}`, cause });
  }
  try {
    // No journal next to the lock: nothing is ever written.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return database;
  } catch (cause) {
    database.close();
    if (isBusy(cause)) return undefined;
    throw new AppError('ERR_STATE_UNWRITABLE', { detail: `${path} can't be locked: ${sqliteReason(cause)}`, cause });
  }
}

/**
 * SQLite follows a link, makes the file that it leads to, and locks a database of any program. This one stays empty.
 * No one else may write to the folder, so what is checked here is what is opened next.
 */
function assertLockFile(path: string): void {
  if (privacyFault(path, 'file')?.is === 'absent') return;
  assertPrivate(path, 'file');
  if (lstatSync(path).size > 0) {
    throw new AppError('ERR_STATE_UNWRITABLE', {
      detail: `${path} isn't empty, so it isn't this program's lock file: move it away, or delete it`,
    });
  }
}

/** Such as "attempt to write a readonly database"; SQLite's texts are constant. */
function sqliteReason(thrown: unknown): string {
  const text: unknown = thrown instanceof Error && 'errstr' in thrown ? thrown.errstr : undefined;
  return typeof text === 'string' ? text : 'for an unknown reason';
}

/** SQLite result codes: https://www.sqlite.org/rescode.html */
const SQLITE_BUSY = 5;

function isBusy(thrown: unknown): boolean {
  return thrown instanceof Error && 'errcode' in thrown && thrown.errcode === SQLITE_BUSY;
}

function lockedElsewhere(folder: string, holder: LockHolder | undefined): AppError {
  const detail = !canLock(folder)
    ? `the file system of ${folder} refuses locks`
    : holder === undefined
      ? `${folder}: a process that isn't on this computer`
      : `${folder}: ${describeHolder(holder)}`;
  return new AppError('ERR_AGENT_LOCKED', { detail });
}

/** Whether locks work in this folder. SQLite says "busy" for a system without locks too. */
function canLock(folder: string): boolean {
  const path = join(folder, `.lock-test.${process.pid}`);
  try {
    const database = openLocked(path);
    database?.close();
    return database !== undefined;
  } catch {
    return false;
  } finally {
    removeQuietly(path);
  }
}

/** The holder has the lock but no address that anyone could ask. */
export function silentHolder(holder: LockHolder): AppError {
  return new AppError('ERR_AGENT_UNREACHABLE', { detail: describeHolder(holder) });
}

/** A full disk must not prevent the agent from starting. */
function writeQuietly(folder: string, holder: LockHolder): void {
  try {
    writeLockHolder(folder, holder);
  } catch {
    // Then no one can find out who holds the lock.
  }
}
