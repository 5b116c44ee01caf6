import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inParentheses } from '../../core/errno.ts';
import { AppError } from '../../core/errors.ts';
import { isThere } from '../../platform/file-checks.ts';
import type { ExportFile } from './export-file.ts';

/**
 * Writes all files below the folder, and creates it if necessary. Without `force`, nothing is written if one of the
 * files exists; with it, files of the same names are replaced and all others stay.
 * @throws AppError ERR_FILE_EXISTS, ERR_FILE_UNWRITABLE naming the path; new files are removed again then
 */
export function writeExport(folder: string, files: readonly ExportFile[], force: boolean): void {
  const existing = files.find(({ path }) => !force && isThere(join(folder, path)));
  if (existing !== undefined) throw new AppError('ERR_FILE_EXISTS', { detail: join(folder, existing.path) });
  const written: string[] = [];
  for (const { path, content } of files) {
    const target = join(folder, path);
    try {
      mkdirSync(dirname(target), { recursive: true });
      if (force) replaceFile(target, content);
      else {
        // "wx", because somebody may have put a file there since the check.
        const descriptor = openSync(target, 'wx', 0o644);
        written.push(target);
        writeAndClose(descriptor, content);
      }
    } catch (cause) {
      for (const done of written) rmSync(done, { force: true });
      throw new AppError('ERR_FILE_UNWRITABLE', { detail: `${target}${inParentheses(cause)}`, cause });
    }
  }
}

function writeAndClose(descriptor: number, content: Buffer): void {
  try {
    writeFileSync(descriptor, content);
  } finally {
    closeSync(descriptor);
  }
}

/** In one step. Replaces a link, not what it leads to. */
function replaceFile(target: string, content: Buffer): void {
  const temporary = `${target}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, content, { flag: 'wx' });
    renameSync(temporary, target);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw cause;
  }
}
