// Checks whether a path belongs only to this user. The result is a plain value, so the helper doesn't load error texts.
import { lstatSync, type Stats } from 'node:fs';
import { inParentheses, isCode } from '../core/errno.ts';

export type PlaceKind = 'folder' | 'socket' | 'file';

/**
 * Returns why `path` must not be used, `absent`, or undefined if it's safe. Anyone who can write to a socket or its
 * folder can put their own in its place. Links aren't followed. Never throws.
 */
export function privacyFault(path: string, kind: PlaceKind): string | undefined {
  let stats: Stats;
  try {
    stats = lstatSync(path);
  } catch (thrown) {
    return isCode(thrown, 'ENOENT', 'ENOTDIR') ? 'absent' : `can't be accessed${inParentheses(thrown)}`;
  }
  const isOfKind = kind === 'folder' ? stats.isDirectory() : kind === 'socket' ? stats.isSocket() : stats.isFile();
  return isOfKind ? ownerFault(stats) : `is not a ${kind}`;
}

/** Windows has no owner or mode in `stat`; there the profile's access control list does this work. */
export function ownerFault({ uid, mode }: Stats): string | undefined {
  if (process.getuid === undefined) return undefined;
  if (uid !== process.getuid()) return 'belongs to another user';
  return (mode & 0o022) === 0
    ? undefined
    : `is writable by others (${(mode & 0o002) === 0 ? 'its group' : 'everyone'})`;
}
