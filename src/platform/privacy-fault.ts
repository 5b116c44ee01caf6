// Checks whether a path belongs only to this user. The result is a plain value, so the helper doesn't load error texts.
import { lstatSync, type Stats } from 'node:fs';
import { isCode } from '../core/errno.ts';

export type PlaceKind = 'folder' | 'socket' | 'file';

/**
 * Returns why `path` must not be used, `absent`, or undefined if it's safe. Anyone who can write to a socket or its
 * folder can put their own in its place. Links aren't followed.
 * @throws the system's error if the path can't be examined, for example EACCES
 */
export function privacyFault(path: string, kind: PlaceKind): string | undefined {
  let stats: Stats;
  try {
    stats = lstatSync(path);
  } catch (thrown) {
    if (isCode(thrown, 'ENOENT', 'ENOTDIR')) return 'absent';
    throw thrown;
  }
  const isOfKind = kind === 'folder' ? stats.isDirectory() : kind === 'socket' ? stats.isSocket() : stats.isFile();
  return isOfKind ? ownerFault(stats) : `is not a ${kind}`;
}

/** Windows has no owner or mode in `stat`; there the profile's access control list does this work. */
export function ownerFault({ uid, mode }: Stats): string | undefined {
  if (process.getuid === undefined) return undefined;
  if (uid !== process.getuid()) return 'belongs to another user';
  return (mode & 0o022) === 0 ? undefined : 'is writable by others';
}
