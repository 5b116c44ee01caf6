// Checks whether a path, and every folder above it, is safe from other users. The result is a plain value, so the
// helper doesn't load error texts: describe-fault.ts has them.
import { lstatSync, readFileSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { isCode } from '../core/errno.ts';

export type PlaceKind = 'folder' | 'socket' | 'file';

export interface PrivacyFault {
  /** The path that was asked about, or a folder or link above it. */
  readonly path: string;
  /** `foreign`: it belongs to another user. `writable`: others may write to it. */
  readonly is: 'absent' | 'inaccessible' | 'foreign' | 'writable' | `not a ${PlaceKind}`;
  readonly stats?: Stats | undefined;
  readonly cause?: unknown;
}

const STICKY = 0o1000;

/**
 * Returns why `path` must not be used, or undefined if it's safe. Anyone who can write to a socket or its folder can
 * put their own in its place. A folder is checked with all those above it; a socket or file must be in a folder that
 * has been checked. A link at `path` itself isn't followed. Never throws.
 */
export function privacyFault(path: string, kind: PlaceKind): PrivacyFault | undefined {
  const above = kind === 'folder' ? parentsFault(path) : undefined;
  if (above !== undefined) return above;
  let stats: Stats;
  try {
    stats = lstatSync(path);
  } catch (cause) {
    return { path, is: isCode(cause, 'ENOENT', 'ENOTDIR') ? 'absent' : 'inaccessible', cause };
  }
  const isOfKind = kind === 'folder' ? stats.isDirectory() : kind === 'socket' ? stats.isSocket() : stats.isFile();
  return isOfKind ? ownerFault(path, stats) : { path, is: `not a ${kind}`, stats };
}

/** Windows has no owner or mode in `stat`; there the profile's access control list does this work. */
export function ownerFault(path: string, stats: Stats): PrivacyFault | undefined {
  if (process.getuid === undefined) return undefined;
  if (stats.uid !== process.getuid()) return { path, is: 'foreign', stats };
  return isOpen(stats) ? { path, is: 'writable', stats } : undefined;
}

function isOpen({ mode, gid }: Stats): boolean {
  return (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && !isPrivateGroup(gid));
}

/**
 * Whether only this user is in the group. Fedora, Red Hat, and Ubuntu give each user a group with the user's number,
 * and let it write to new folders. OpenSSH on Debian makes the same exception. Never throws.
 */
function isPrivateGroup(gid: number): boolean {
  if (gid === 0 || gid !== process.getuid?.() || gid !== process.getgid?.()) return false;
  try {
    const rows = (file: string): string[][] =>
      readFileSync(file, 'latin1')
        .split('\n')
        .map((line) => line.split(':'));
    const hasMembers = rows('/etc/group').some(([, , id, members]) => Number(id) === gid && members !== '');
    return !hasMembers && !rows('/etc/passwd').some(([, , uid, id]) => Number(id) === gid && Number(uid) !== gid);
  } catch {
    return false;
  }
}

/**
 * Why another user could put something else in the place of `path`, an absolute one: a folder above it, or a link on
 * the way, belongs to neither this user nor root, or others may write to it. With a slash at its end, the path itself
 * counts as one of these folders. In a sticky folder such as `/tmp`, only its owner can move what someone else made, so
 * the rule for what is in it is enough.
 *
 * It looks from the top down: once a folder is known to be safe, no one else can change what is in it, so what was
 * checked is what is used later. Undefined also where the path ends early. Never throws.
 */
export function parentsFault(path: string): PrivacyFault | undefined {
  const own = process.getuid?.();
  if (own === undefined) return undefined;
  let folder = '/';
  let stats: Stats | undefined;
  try {
    // Root, in a sandbox (user namespace) that has no number for root: anyone who owns `/` rules over everything.
    const system = lstatSync('/').uid;
    for (let end = 0; end >= 0; end = path.indexOf('/', end + 1)) {
      const next = path.slice(0, end) || '/';
      stats = lstatSync(next);
      folder = next;
      if (stats.uid !== own && stats.uid !== 0 && stats.uid !== system) return { path: folder, is: 'foreign', stats };
      if (stats.isSymbolicLink()) {
        // Throws if links lead in a circle.
        statSync(folder);
        const target = readlinkSync(folder);
        const start = target.startsWith('/') ? '' : folder.slice(0, folder.lastIndexOf('/') + 1);
        const fault = parentsFault(`${start}${target}/`);
        if (fault !== undefined) return fault;
      } else if (isOpen(stats) && (stats.mode & STICKY) === 0) return { path: folder, is: 'writable', stats };
    }
    return undefined;
  } catch (cause) {
    return isCode(cause, 'ENOENT', 'ENOTDIR') ? undefined : { path: folder, is: 'inaccessible', stats, cause };
  }
}
