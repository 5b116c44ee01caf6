import { appendFileSync, chmodSync, closeSync, constants, existsSync, lstatSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppError } from '../core/errors.ts';
import { ensurePrivateFolder } from '../platform/private-file.ts';
import { replaceFile } from '../platform/replace-file.ts';

const FILE_BYTES = 1024 * 1024;
const MODE = 0o600;

/**
 * Appends a line to the file, which only this user can read. Files have at most 1 MiB: older ones are `<path>.1` to
 * `<path>.<olderFiles>`. The line is in the file when the call returns.
 * @throws AppError ERR_AGENT_UNTRUSTED, or the system's error; a part of the line may be in the file then
 */
export function appendLine(path: string, line: string, olderFiles: number): void {
  ensurePrivateFolder(dirname(path));
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats !== undefined) {
    if (!stats.isFile()) throw new AppError('ERR_AGENT_UNTRUSTED', { detail: `${path} is not a file` });
    if ((stats.mode & 0o777) !== MODE) chmodSync(path, MODE);
    if (stats.size + Buffer.byteLength(line) > FILE_BYTES) rotate(path, olderFiles);
  }
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW = 0 } = constants;
  const descriptor = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, MODE);
  try {
    appendFileSync(descriptor, line);
  } finally {
    closeSync(descriptor);
  }
}

function rotate(path: string, olderFiles: number): void {
  for (let age = olderFiles; age > 0; age -= 1) {
    const younger = age === 1 ? path : `${path}.${age - 1}`;
    if (existsSync(younger)) replaceFile(younger, `${path}.${age}`);
  }
}
