// What of a helper path may be shown: people put arguments behind the program, keys among them.
import { statSync } from 'node:fs';
import { posix, win32 } from 'node:path';
import { looksLikeSecret } from '../core/looks-like-secret.ts';

/** The longest beginning of the value that is a file, if it ends at the value's end or at a space. */
export function programOf(path: string): string | undefined {
  for (let end = path.length; end > 0; end = lastSpace(path, end)) {
    if (isFile(path.slice(0, end))) return path.slice(0, end);
  }
  return undefined;
}

/** The program without what follows it; only the folder if there's no such file. */
export function shownHelperPath(path: string): string {
  const program = programOf(path);
  const { dirname, join } = /^[a-z]:[\\/]/i.test(path) ? win32 : posix;
  const shown = program ?? join(dirname(path.split(/\s/, 1)[0] ?? ''), '…');
  return looksLikeSecret(shown) ? '(not shown)' : shown.slice(0, 300);
}

const lastSpace = (path: string, end: number): number => path.slice(0, end).search(/\s\S*$/);

function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  } catch {
    // A path through a file, or one that is too long.
    return false;
  }
}
