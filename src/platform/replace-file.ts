import { renameSync } from 'node:fs';
import { isCode } from '../core/errno.ts';

/** How long to wait, in milliseconds, for another program that has the file open. */
const PATIENCE_MS = 1_000;
const PAUSE_MS = 10;

/**
 * Puts `from` in the place of `to` in one step. Windows refuses that while another program, such as a helper or a virus
 * scanner, has `to` open. That's usually brief, so this retries for 1 s and blocks the thread meanwhile.
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
      // ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION, and ERROR_LOCK_VIOLATION, as libuv names them.
      const isInUse = platform === 'win32' && isCode(thrown, 'EPERM', 'EACCES', 'EBUSY');
      if (!isInUse || performance.now() > endsAt) throw thrown;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
  }
}
