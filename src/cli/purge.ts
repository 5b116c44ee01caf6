import { lstatSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type InstanceLock, lockFolder, takeInstanceLock } from '../agent-process/instance-lock.ts';
import { AppError } from '../core/errors.ts';
import { agentAddress } from '../ipc/address.ts';
import { productPaths } from '../platform/paths.ts';
import { ensurePrivateFolder } from '../platform/private-file.ts';
import { openRememberedStore } from '../storage/open-secret-store.ts';
import { print } from './terminal.ts';

/** Before it ends, an agent may finish a keystore call and an exchange with Entra. */
const AGENT_ENDS_MS = 30_000;
const POLL_MS = 50;

/**
 * Removes all keystore entries, then state, logs, and caches, and prints what it removes. Holds the instance lock
 * meanwhile, since a helper could start an agent at any moment. `config.json` stays: the user wrote it.
 * @throws AppError ERR_KEYSTORE_* before any file is removed; ERR_STATE_UNWRITABLE; ERR_AGENT_UNREACHABLE if the agent
 * doesn't end
 */
export async function purge(): Promise<void> {
  const paths = productPaths();
  const folder = lockFolder(paths);
  ensurePrivateFolder(folder);
  const lock = await lockOnceFree(folder);
  const left: string[] = [];
  try {
    const count = await (await openRememberedStore(paths.state)).clear();
    print(count === 1 ? 'Removed 1 keystore entry.' : `Removed ${count} keystore entries.`);
    for (const path of new Set([paths.log, paths.cache])) {
      if (path === folder || path === paths.state || path === paths.runtime) continue;
      if (removeFolder(path)) continue;
      // Windows can't delete the native addon that this command has loaded.
      if (process.platform === 'win32' && path === paths.cache)
        print(`Left ${path}: this command itself uses it. It holds no secrets.`);
      else left.push(path);
    }
  } finally {
    lock.release();
  }
  for (const path of new Set([paths.state, paths.runtime, agentAddress(paths).folder])) {
    if (!removeFolder(path)) left.push(path);
  }
  print(`Your settings stay, if you have any: ${paths.config}`);
  if (left.length > 0) throw new AppError('ERR_STATE_UNWRITABLE', { detail: `not removed: ${left.join(', ')}` });
}

/** @throws AppError ERR_AGENT_UNREACHABLE */
async function lockOnceFree(folder: string): Promise<InstanceLock> {
  for (const endsAt = performance.now() + AGENT_ENDS_MS; performance.now() < endsAt; await sleep(POLL_MS)) {
    const lock = takeInstanceLock(folder);
    if (lock !== undefined) return lock;
  }
  throw new AppError('ERR_AGENT_UNREACHABLE', { detail: 'it still runs, so nothing was removed' });
}

/** Removes links instead of following them, also one in the folder's place. Returns whether it's gone. */
function removeFolder(path: string): boolean {
  try {
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return true;
    rmSync(path, { recursive: true, force: true, maxRetries: 3 });
    print(`Removed ${path}`);
    return true;
  } catch {
    return false;
  }
}
