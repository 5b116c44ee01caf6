import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { inParentheses } from '../../core/errno.ts';
import { AppError } from '../../core/errors.ts';
import { describeFault, foreignLink } from '../../platform/describe-fault.ts';
import { isThere } from '../../platform/file-checks.ts';
import { writeNewFile } from '../../platform/private-file.ts';
import type { ExportFile } from './export-file.ts';

/** For others to read: nothing in it is secret. */
const MODE = 0o644;

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
      refuseForeignLink(dirname(target));
      mkdirSync(dirname(target), { recursive: true });
      if (force) replaceFile(target, content);
      // Someone may have put a file there since the check.
      else writeNewFile(target, content, MODE, () => written.push(target));
    } catch (cause) {
      for (const done of written) rmSync(done, { force: true });
      if (cause instanceof AppError) throw cause;
      throw new AppError('ERR_FILE_UNWRITABLE', { detail: `${target}${inParentheses(cause)}`, cause });
    }
  }
}

/** If others may write there too, their link would lead to a folder of their choice. */
function refuseForeignLink(folder: string): void {
  const link = foreignLink(resolve(folder));
  if (link !== undefined) throw new AppError('ERR_FILE_UNWRITABLE', { detail: `the link ${describeFault(link)}` });
}

/** In one step. Replaces a link, not what it leads to. */
function replaceFile(target: string, content: Buffer): void {
  const temporary = `${target}.${process.pid}.tmp`;
  try {
    writeNewFile(temporary, content, MODE);
    renameSync(temporary, target);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw cause;
  }
}
