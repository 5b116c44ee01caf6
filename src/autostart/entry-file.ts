import { lstatSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { isCode } from '../core/errno.ts';
import { AppError } from '../core/errors.ts';
import { assertSafePlace, writePrivateFile } from '../platform/private-file.ts';
import type { AutostartEntry } from './autostart.ts';

/** How to read one kind of entry. */
export interface EntryFormat {
  readonly kind: AutostartEntry['kind'];
  readonly programOf: (text: string) => string;
  /** Whether the system starts it at log-in, by the file's own text. */
  readonly isEnabled: (text: string) => boolean;
}

/** The entry that a file holds; empty if the file can't be read. */
export function entriesIn(
  place: string,
  scope: AutostartEntry['scope'],
  { kind, programOf, isEnabled }: EntryFormat,
): readonly AutostartEntry[] {
  const text = readText(place);
  return text === undefined ? [] : [{ kind, scope, place, program: programOf(text), enabled: isEnabled(text) }];
}

/** The file's text; `undefined` if it can't be read, whatever the reason. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * Replaces the file, or a link in its place, in one step.
 * @returns whether that changed anything
 * @throws AppError ERR_AUTOSTART
 */
export function writeEntry(path: string, text: string): boolean {
  try {
    if (lstatSync(path, { throwIfNoEntry: false })?.isFile() === true && readText(path) === text) return false;
    assertSafePlace(path);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writePrivateFile(path, text);
    return true;
  } catch (cause) {
    const reason = cause instanceof AppError ? `: ${cause.detail}` : '';
    throw new AppError('ERR_AUTOSTART', { detail: `${path} can't be written${reason}`, cause });
  }
}

/** @returns whether the file existed @throws AppError ERR_AUTOSTART */
export function removeEntry(path: string): boolean {
  try {
    rmSync(path);
    return true;
  } catch (cause) {
    if (isCode(cause, 'ENOENT', 'ENOTDIR')) return false;
    throw new AppError('ERR_AUTOSTART', { detail: `${path} can't be removed`, cause });
  }
}
