import { constants, copyFileSync } from 'node:fs';
import { isCode } from '../core/errno.ts';
import { assertSafePlace } from './private-file.ts';

/**
 * Copies the file to the first free name next to it, so no backup replaces an older one.
 * @returns the copy's path
 * @throws AppError ERR_FILE_UNWRITABLE if others may write to a folder above it; the system's error
 */
export function backUp(location: string): string {
  assertSafePlace(location);
  for (let number = 1; ; number += 1) {
    const backup = `${location}.backup${number === 1 ? '' : `-${number}`}`;
    try {
      copyFileSync(location, backup, constants.COPYFILE_EXCL);
      return backup;
    } catch (cause) {
      if (!isCode(cause, 'EEXIST')) throw cause;
    }
  }
}
