// Writes to stdout and stderr without `process.stdout`, which loads streams and loses what's queued when the process exits.
import { writeSync } from 'node:fs';
import { errnoOf, isCode } from '../core/errno.ts';
import { AppError } from '../core/errors.ts';

export const STDOUT = 1;
export const STDERR = 2;

const PAUSE_MS = 10;
const clock = new Int32Array(new SharedArrayBuffer(4));

/**
 * Writes everything, however slowly it's read. If the descriptor is non-blocking, waits until the reader has taken
 * nothing for `patienceMs`.
 * @throws AppError ERR_OUTPUT_UNWRITABLE with the system's error as its cause; part of the output may be written then
 */
export function writeOutput(descriptor: number, output: string | Uint8Array, patienceMs: number): void {
  let bytes = Buffer.from(output);
  let waitedMs = 0;
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(writeSync(descriptor, bytes));
      waitedMs = 0;
    } catch (cause) {
      if (!isCode(cause, 'EAGAIN') || waitedMs >= patienceMs) throw unwritable(cause);
      Atomics.wait(clock, 0, 0, PAUSE_MS);
      waitedMs += PAUSE_MS;
    }
  }
}

/** As `writeOutput`, for stderr: if that can't be written, there's nowhere left to say so. Never throws. */
export function writeDiagnostic(text: string, patienceMs: number): void {
  try {
    writeOutput(STDERR, text, patienceMs);
  } catch {
    // The exit code still tells.
  }
}

function unwritable(cause: unknown): AppError {
  const code = errnoOf(cause);
  const detail = code === 'EAGAIN' ? 'nothing reads it (EAGAIN)' : code;
  return new AppError('ERR_OUTPUT_UNWRITABLE', { detail, cause });
}
