// Whether a place is this user's alone, as a plain value: the helper asks on every start, without the error texts.
import { lstatSync, type Stats } from 'node:fs';
import { isCode } from '../core/errno.ts';

export type PlaceKind = 'folder' | 'socket' | 'file';

/**
 * Why `path` must not be used (somebody who may write to a socket or its folder can put his own in its place), or
 * `absent`, or undefined when all is well. Links are not followed.
 * @throws the system's error when it cannot be seen at all, for example EACCES
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
