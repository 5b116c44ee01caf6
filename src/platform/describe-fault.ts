// Says what's wrong with a path, whose it is, and what to do.
import { existsSync, lstatSync, readlinkSync, type Stats } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { inParentheses, isCode } from '../core/errno.ts';
import { ownerFault, type PrivacyFault } from './privacy-fault.ts';

/** What's wrong with the path, and what to do about it; each completes a sentence. */
export interface FaultText {
  readonly detail: string;
  /** For example a command to run. */
  readonly remedy: string;
}

/** For a message and its hint. */
export function explainFault(fault: PrivacyFault): FaultText {
  const { detail, remedy = TELL } = textOf(fault);
  return { detail: `${fault.path} ${detail}`, remedy };
}

/** The path, what's wrong with it, and a remedy if this user has one. */
export function describeFault(fault: PrivacyFault): string {
  return `${fault.path} ${faultOf(fault)}`;
}

/** The same, as the end of a sentence that begins with `path`. */
export function describeFaultOf(path: string, fault: PrivacyFault): string {
  return fault.path === path ? faultOf(fault) : `can't be trusted, because ${describeFault(fault)}`;
}

/**
 * Whether something of this user's own is in the wrong place: a file instead of a folder, for example. Anything else that
 * isn't what it should be, such as a link, may be someone's trap.
 */
export function isOwnMistake({ path, is, stats }: PrivacyFault): boolean {
  if (!is.startsWith('not a ') || stats === undefined) return false;
  return (stats.isFile() || stats.isDirectory()) && ownerFault(path, stats) === undefined;
}

const TELL = 'tell your IT department';

function faultOf(fault: PrivacyFault): string {
  const { detail, remedy } = textOf(fault);
  return [detail, remedy].filter((text) => text !== undefined).join(': ');
}

function textOf(fault: PrivacyFault): { readonly detail: string; readonly remedy?: string | undefined } {
  const { path, is, stats, cause } = fault;
  switch (is) {
    case 'foreign':
      return { detail: `belongs to another user (${ownerOf(stats)})`, remedy: takeBack(path) };
    case 'writable': {
      const who = ((stats?.mode ?? 0) & 0o002) === 0 ? 'its group' : 'everyone';
      return { detail: `is writable by others (${who})`, remedy: `run ${command('chmod go-w', path)}` };
    }
    case 'inaccessible': {
      const detail = `can't be accessed${inParentheses(cause)}`;
      const isOwn = stats?.uid === process.getuid?.();
      const owned = foreignFolder(path) ?? (stats === undefined || isOwn ? undefined : { path, stats });
      if (owned !== undefined) {
        const owner = `${owned.path} belongs to another user (${ownerOf(owned.stats)})`;
        return { detail: `${detail}: ${owner}`, remedy: takeBack(path) };
      }
      const isClosed = isOwn && stats?.isDirectory() === true && isCode(cause, 'EACCES', 'EPERM');
      return { detail, remedy: isClosed ? `run ${command('chmod u+rwx', path)}` : undefined };
    }
    case 'absent':
      return { detail: "doesn't exist" };
    default:
      return { detail: `is ${is}`, remedy: isOwnMistake(fault) ? 'move it away, or delete it' : undefined };
  }
}

const ownerOf = (stats: Stats | undefined): string => (stats?.uid === 0 ? 'root' : `uid ${stats?.uid}`);

/** Files of root's in a user's own folder are what running this program with sudo leaves behind. */
function takeBack(path: string): string | undefined {
  const left = foreignFolder(path);
  return left?.stats?.uid === 0
    ? `if a run with sudo left it, run ${command('sudo chown -R "$USER"', left.path)}; otherwise ${TELL}`
    : undefined;
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
