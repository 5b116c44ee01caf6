import { renameSync } from 'node:fs';
import { isCode } from '../core/errno.ts';

/** How long another program may have a file open before we give up on it. */
const PATIENCE_MS = 1_000;
const PAUSE_MS = 10;

/**
 * Puts `from` in the place of `to` in one step. On Windows that is refused while some program has `to` open, be
 * it a helper that reads it or a virus scanner; that is over in a moment, so it is tried again for a second.
 * https://learn.microsoft.com/en-us/windows/win32/api/winbase/nf-winbase-movefileexw
 * @throws the system's error
 */
export function replaceFile(
  from: string,
  to: string,
  platform: NodeJS.Platform = process.platform,
  rename: typeof renameSync = renameSync,
): void {
  for (const endsAt = performance.now() + PATIENCE_MS; ; ) {
    try {
      rename(from, to);
      return;
    } catch (thrown) {
      if (platform !== 'win32' || !isInUse(thrown) || performance.now() > endsAt) throw thrown;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
  }
}

/** ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION, as libuv names them. */
function isInUse(thrown: unknown): boolean {
  return isCode(thrown, 'EPERM', 'EACCES', 'EBUSY');
}
