import { appendFileSync, chmodSync, closeSync, constants, existsSync, lstatSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppError } from '../core/errors.ts';
import { type UnwritableFile, unwritableFile } from '../core/unwritable.ts';
import { ownerFault } from '../platform/privacy-fault.ts';
import { ensurePrivateFolder, refuse } from '../platform/private-file.ts';
import { replaceFile } from '../platform/replace-file.ts';

const FILE_BYTES = 1024 * 1024;
const MODE = 0o600;

/**
 * Owns a log's file and its older ones, and counts the lines that can't be written: a log that fails must not stop what
 * it reports, and says afterward that something is missing.
 */
export class RotatingFile {
  readonly #path: string;
  readonly #olderFiles: number;
  readonly #onRecovered: (lost: number) => void;
  #problem: UnwritableFile | undefined;
  #lost = 0;

  /** @param onRecovered called after the first line that's written again, with how many are lost */
  constructor(path: string, olderFiles: number, onRecovered: (lost: number) => void) {
    this.#path = path;
    this.#olderFiles = olderFiles;
    this.#onRecovered = onRecovered;
  }

  /** Why the last line couldn't be written. Undefined if it was written. */
  get problem(): UnwritableFile | undefined {
    return this.#problem;
  }

  /** Why the file can't be written now; tries again if it couldn't the last time. */
  checkWritable(): UnwritableFile | undefined {
    if (this.#problem === undefined) return undefined;
    try {
      // A line break ends what a full disk may have cut off. Writing nothing would succeed on a full disk.
      appendLine(this.#path, '\n', this.#olderFiles);
      this.#problem = undefined;
    } catch (thrown) {
      this.#problem = unwritableFile(this.#path, thrown);
    }
    return this.#problem;
  }

  /** Appends a line, which ends with a line break. Never throws: if it can't be written, it's lost. */
  append(line: string): void {
    try {
      // A full disk may have cut off the last line.
      appendLine(this.#path, this.#lost === 0 ? line : `\n${line}`, this.#olderFiles);
    } catch (thrown) {
      this.#problem = unwritableFile(this.#path, thrown);
      this.#lost += 1;
      return;
    }
    this.#problem = undefined;
    const lost = this.#lost;
    this.#lost = 0;
    if (lost > 0) this.#onRecovered(lost);
  }
}

/**
 * Appends a line to the file, which only this user can read. Files have at most 1 MiB: older ones are `<path>.1` to
 * `<path>.<olderFiles>`. The line is in the file when the call returns.
 * @throws AppError ERR_AGENT_UNTRUSTED, or the system's error; a part of the line may be in the file then
 */
function appendLine(path: string, line: string, olderFiles: number): void {
  ensurePrivateFolder(dirname(path));
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats !== undefined) {
    // Opening a folder fails with EISDIR, which says more.
    if (!stats.isFile() && !stats.isDirectory())
      throw new AppError('ERR_AGENT_UNTRUSTED', { detail: `${path} isn't a file` });
    // Root could write to it.
    const fault = ownerFault(path, stats);
    if (fault?.is === 'foreign') refuse(fault);
    if (stats.isFile() && (stats.mode & 0o777) !== MODE) chmodSync(path, MODE);
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
