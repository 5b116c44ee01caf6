import { existsSync, realpathSync } from 'node:fs';
import { AppError } from '../core/errors.ts';
import { readTextFile } from '../formats/text-file.ts';
import { backUp } from '../platform/back-up.ts';
import { changeFiles } from '../platform/change-files.ts';

const EMPTY = '{}\n';

/** Claude Code's settings.json; an absent file counts as `{}`. @throws AppError ERR_CLIENT_SETTINGS_UNREADABLE naming the file */
export function readClaudeCodeFile(path: string): string {
  const reading = readTextFile(path, { followLinks: true });
  if (reading.state === 'unreadable') {
    throw new AppError('ERR_CLIENT_SETTINGS_UNREADABLE', { detail: `${path} ${reading.reason}`, cause: reading.cause });
  }
  // Claude Code takes an empty file as empty settings.
  return reading.state === 'absent' || reading.text.trim() === '' ? EMPTY : reading.text;
}

/**
 * Replaces the file in one step, keeps its mode and a link to it, and copies the old content to a backup next to it.
 * @returns the backup's path, if there was a file
 * @throws AppError ERR_FILE_UNWRITABLE; the file is then as it was
 */
export function writeClaudeCodeFile(path: string, text: string): string | undefined {
  const backup = keepCopy(path);
  changeFiles([{ path, content: text }]);
  return backup;
}

function keepCopy(path: string): string | undefined {
  try {
    return existsSync(path) ? backUp(realpathSync(path)) : undefined;
  } catch (cause) {
    throw cause instanceof AppError ? cause : new AppError('ERR_FILE_UNWRITABLE', { detail: path, cause });
  }
}
