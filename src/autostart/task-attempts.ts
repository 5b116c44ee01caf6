// Whether a helper may create the user's task on its own. Kept in the state folder, since the registry of a program that
// Claude Desktop has started is a private one.
import { join } from 'node:path';
import { isObject } from '../core/json.ts';
import { readPrivateFile, removeQuietly, writePrivateFile } from '../platform/private-file.ts';

/** `refused`: the system didn't allow it. `declined`: the user has removed the autostart. */
export type TaskOutcome = 'refused' | 'declined';

const FILE = 'autostart.json';
/** Policies change seldom. */
const RETRY_MS = 24 * 60 * 60 * 1_000;

/** Not if the user doesn't want it, and not again within a day after the system refused. */
export function mayCreateTask(stateFolder: string, now = Date.now()): boolean {
  const { outcome, at } = read(stateFolder);
  if (outcome === 'declined') return false;
  return outcome !== 'refused' || typeof at !== 'number' || Math.abs(now - at) >= RETRY_MS;
}

/** A folder that can't be written costs only the next attempt. */
export function noteTask(stateFolder: string, outcome: TaskOutcome, now = Date.now()): void {
  try {
    writePrivateFile(join(stateFolder, FILE), `${JSON.stringify({ v: 1, outcome, at: now })}\n`);
  } catch {
    // Then it's tried again.
  }
}

export function forgetTask(stateFolder: string): void {
  removeQuietly(join(stateFolder, FILE));
}

function read(stateFolder: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(readPrivateFile(join(stateFolder, FILE))?.toString('utf8') ?? '');
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
