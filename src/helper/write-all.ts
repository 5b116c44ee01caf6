import { writeSync } from 'node:fs';
import { isCode } from '../core/errno.ts';

export const STDOUT = 1;
export const STDERR = 2;

/** `process.stdout` would load streams, and may lose output that is still queued when the process exits. */
export function writeAll(descriptor: number, text: string): void {
  let bytes = Buffer.from(text);
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(writeSync(descriptor, bytes));
    } catch (thrown) {
      // A pipe set to non-blocking whose reader is slow.
      if (!isCode(thrown, 'EAGAIN')) throw thrown;
    }
  }
}
