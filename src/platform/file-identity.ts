import { lstatSync } from 'node:fs';
import { isCode } from '../core/errno.ts';

/** What `identityOf` returns if the system can't say, for example because a network drive doesn't answer. */
export const UNREADABLE = 'unreadable';

/** Tells a file from another one in its place. Undefined if there is none; links aren't followed. */
export function identityOf(path: string): string | undefined {
  try {
    const { dev, ino } = lstatSync(path, { bigint: true });
    return `${dev}/${ino}`;
  } catch (thrown) {
    return isCode(thrown, 'ENOENT', 'ENOTDIR') ? undefined : UNREADABLE;
  }
}
