import { closeSync, lstatSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inParentheses } from '../../core/errno.ts';
import { AppError } from '../../core/errors.ts';
import type { ExportFile } from './export-file.ts';

/**
 * Writes all files below the folder, which is made where it is missing. Without `force` an existing file stops it before
 * anything is written; with it, files of the same names are replaced and all others stay.
 * @throws AppError ERR_FILE_EXISTS, ERR_FILE_UNWRITABLE naming the path; files written before a fault are taken away
 */
export function writeExport(folder: string, files: readonly ExportFile[], force: boolean): void {
  const existing = files.find(({ path }) => !force && exists(join(folder, path)));
  if (existing !== undefined) throw new AppError('ERR_FILE_EXISTS', { detail: join(folder, existing.path) });
  const written: string[] = [];
  for (const { path, content } of files) {
    const target = join(folder, path);
    try {
      mkdirSync(dirname(target), { recursive: true });
      if (force) replaceFile(target, content);
      else {
        // "wx": somebody may have put a file there since we looked.
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

function exists(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // A part of the path is no folder: making it will say so.
    return false;
  }
}

/** In one step, and a link itself rather than what it leads to. */
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
