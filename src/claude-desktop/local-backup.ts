// Backups next to the files that `claude-desktop configure` and `remove` change.
import { readFileSync, realpathSync, rmSync } from 'node:fs';
import { AppError } from '../core/errors.ts';
import { readFileBytes } from '../formats/text-file.ts';
import { backUp } from '../platform/back-up.ts';
import { contentHash, type FileRecord, sha256 } from './local-record.ts';

export interface Backup {
  /** The file that was copied. */
  readonly of: string;
  readonly backup: string;
  readonly sha256: string;
}

/** Copies the files, next to what they link to if they are links. @throws AppError ERR_FILE_UNWRITABLE, and then no copy is left */
export function backUpFiles(files: readonly string[]): readonly Backup[] {
  const backups: Backup[] = [];
  for (const file of files) {
    try {
      const backup = backUp(realpathSync(file));
      backups.push({ of: file, backup, sha256: sha256(readFileSync(backup)) });
    } catch (cause) {
      discard(backups);
      const reason = cause instanceof AppError ? `: ${cause.detail}` : '';
      throw new AppError('ERR_FILE_UNWRITABLE', { detail: `the backup of ${file}${reason}`, cause });
    }
  }
  return backups;
}

/** Removes backups of files that weren't changed in the end. One that its file still differs from stays. */
export function discard(backups: readonly Backup[]): void {
  for (const { of, backup, sha256: expected } of backups) {
    const file = readFileBytes(of, { followLinks: true });
    if (file.state === 'bytes' && sha256(file.bytes) === expected) rmSync(backup, { force: true });
  }
}

/** Whether the file still says what this program wrote. */
export const isAsWritten = (record: FileRecord | undefined, text: string | undefined): boolean =>
  record !== undefined && text !== undefined && contentHash(text) === record.written;

export interface Earlier {
  /** `undefined` if there was no file. */
  readonly content: Buffer | undefined;
  /** The backup that the content comes from. */
  readonly backup?: string;
}

/** What a file held before this program's first change; `undefined` if it has changed since, or the backup is gone. */
export function earlierState(record: FileRecord | undefined, text: string | undefined): Earlier | undefined {
  if (record === undefined || record.before === 'unknown' || !isAsWritten(record, text)) return undefined;
  if (record.before === 'absent') return { content: undefined };
  const { backup } = record.before;
  const file = readFileBytes(backup, { followLinks: false });
  return file.state === 'bytes' && sha256(file.bytes) === record.before.sha256
    ? { content: file.bytes, backup }
    : undefined;
}
