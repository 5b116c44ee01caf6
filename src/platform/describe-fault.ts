// Says what's wrong with a path, whose it is, and what to do.
import { existsSync, lstatSync, readlinkSync, type Stats } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { inParentheses } from '../core/errno.ts';
import type { PrivacyFault } from './privacy-fault.ts';

/** The path, what's wrong with it, and a remedy if there is one command for it. */
export function describeFault(fault: PrivacyFault): string {
  return `${fault.path} ${faultOf(fault)}`;
}

/** The same, as the end of a sentence that begins with `path`. */
export function describeFaultOf(path: string, fault: PrivacyFault): string {
  return fault.path === path ? faultOf(fault) : `can't be trusted, because ${describeFault(fault)}`;
}

function faultOf({ path, is, stats, cause }: PrivacyFault): string {
  switch (is) {
    case 'foreign':
      return `belongs to another user (${ownerOf(stats)})${takeBack(path)}`;
    case 'writable': {
      const who = ((stats?.mode ?? 0) & 0o002) === 0 ? 'its group' : 'everyone';
      return `is writable by others (${who}): run ${command('chmod go-w', path)}`;
    }
    case 'inaccessible': {
      const isForeign = stats !== undefined && stats.uid !== process.getuid?.();
      const owned = foreignFolder(path) ?? (isForeign ? { path, stats } : undefined);
      const owner = owned && `: ${owned.path} belongs to another user (${ownerOf(owned.stats)})${takeBack(path)}`;
      return `can't be accessed${inParentheses(cause)}${owner ?? ''}`;
    }
    case 'absent':
      return 'does not exist';
    default:
      return `is ${is}`;
  }
}

const ownerOf = (stats: Stats | undefined): string => (stats?.uid === 0 ? 'root' : `uid ${stats?.uid}`);

/** Files of root's in a user's own folder are what running this program with sudo leaves behind. */
function takeBack(path: string): string {
  const left = foreignFolder(path);
  return left?.stats?.uid === 0
    ? `; if a run with sudo left it, run ${command('sudo chown -R "$USER"', left.path)}`
    : '';
}

const command = (start: string, path: string): string =>
  `${start} ${/^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`}`;

/** The outermost file or folder on the way to `path` that is another user's although it's in a folder of this user's. */
export function foreignFolder(path: string): PrivacyFault | undefined {
  const own = process.getuid?.();
  let isInOwn = false;
  for (const place of placesOn(path)) {
    const stats = look(place);
    if (stats === undefined || own === undefined) return undefined;
    if (isInOwn && stats.uid !== own) return { path: place, is: 'foreign', stats };
    isInOwn ||= stats.uid === own;
  }
  return undefined;
}

/** A link of another user's on the way to `path`, or at `path` itself. */
export function foreignLink(path: string): PrivacyFault | undefined {
  for (const place of placesOn(path)) {
    const stats = look(place);
    if (stats === undefined || process.getuid === undefined) return undefined;
    if (!stats.isSymbolicLink()) continue;
    if (stats.uid !== 0 && stats.uid !== process.getuid()) return { path: place, is: 'foreign', stats };
    // It leads nowhere, or in a circle.
    if (!existsSync(place)) return undefined;
    const fault = foreignLink(resolve(dirname(place), readlinkSync(place)));
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** The absolute path and all folders above it, from the top down. */
function placesOn(path: string): readonly string[] {
  const above = dirname(path);
  return above === path ? [path] : [...placesOn(above), path];
}

function look(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}
