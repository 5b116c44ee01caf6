// The user's settings.json of Claude Code on the disk: backed up before each change, and replaced in one step.
import { existsSync, mkdirSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppError } from '../core/errors.ts';
import { readTextFile } from '../formats/text-file.ts';
import { backUp } from '../platform/back-up.ts';
import { replaceFile } from '../platform/replace-file.ts';

/** What an absent file counts as. */
const EMPTY = '{}\n';

/** @throws AppError ERR_CONFIG_UNREADABLE naming the file */
export function readClaudeCodeFile(path: string): string {
  const reading = readTextFile(path, { followLinks: true });
  if (reading.state === 'unreadable') {
    throw new AppError('ERR_CONFIG_UNREADABLE', { detail: `${path} ${reading.reason}`, cause: reading.cause });
  }
  // A file with nothing in it is what an editor leaves that was closed too soon; Claude Code takes it as empty.
  return reading.state === 'absent' || reading.text.trim() === '' ? EMPTY : reading.text;
}

/**
 * Writes the file, through a link and with the rights it had, and keeps what it was beside it.
 * @returns where the backup is, where there was something to keep
 * @throws AppError ERR_FILE_UNWRITABLE; then the file is as it was
 */
export function writeClaudeCodeFile(path: string, text: string): string | undefined {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const target = existsSync(path) ? realpathSync(path) : path;
    const mode = existsSync(target) ? statSync(target).mode & 0o777 : 0o600;
    const backup = existsSync(target) ? backUp(target) : undefined;
    const draft = `${target}.${process.pid}.tmp`;
    writeFileSync(draft, text, { mode, flush: true });
    replaceFile(draft, target);
    return backup;
  } catch (cause) {
    throw new AppError('ERR_FILE_UNWRITABLE', { detail: path, cause });
  }
}
