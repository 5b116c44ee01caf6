// Files and folders that only this user may write to: created 0700/0600, checked before use, replaced in one step.
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { inParentheses, isCode } from '../core/errno.ts';
import { AppError, type ErrorCode } from '../core/errors.ts';
import { ownerFault, type PlaceKind, privacyFault } from './privacy-fault.ts';
import { replaceFile } from './replace-file.ts';

/**
 * Creates the folder (0700), or checks that an existing one is a real folder, this user's, and not writable by others.
 * @throws AppError ERR_AGENT_UNTRUSTED if it's somebody else's, ERR_STATE_UNWRITABLE if it can't be created
 */
export function ensurePrivateFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new AppError('ERR_STATE_UNWRITABLE', { detail: describePath(path, cause), cause });
  }
  assertPrivate(path, 'folder');
}

/**
 * Checks without following links that `path` is of the given kind, owned by this user and not writable by others.
 * @throws AppError ERR_AGENT_UNTRUSTED, also when it does not exist.
 */
export function assertPrivate(path: string, kind: PlaceKind): void {
  refuse(path, privacyFault(path, kind));
}

function refuse(path: string, fault: string | undefined): void {
  if (fault !== undefined) throw new AppError('ERR_AGENT_UNTRUSTED', { detail: `${path} ${fault}` });
}

/**
 * Reads one of this user's files; `undefined` if there is none. Refuses a link, another user's file, or one that others
 * may write to. Checks the descriptor that it reads, so the file can't be swapped in between.
 * @throws AppError ERR_AGENT_UNTRUSTED, or `unreadable` for any other failure
 */
export function readPrivateFile(path: string, unreadable: ErrorCode = 'ERR_STATE_UNWRITABLE'): Buffer | undefined {
  let descriptor: number;
  try {
    // O_NONBLOCK: a FIFO put in the file's place must not hang us.
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (cause) {
    if (isCode(cause, 'ENOENT')) return undefined;
    if (isCode(cause, 'ELOOP'))
      throw new AppError('ERR_AGENT_UNTRUSTED', { detail: `${path} is a symbolic link`, cause });
    throw new AppError(unreadable, { detail: describePath(path, cause), cause });
  }
  try {
    const stats = fstatSync(descriptor);
    refuse(path, stats.isFile() ? ownerFault(stats) : 'is not a file');
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Replaces the file's content in one step (0600): a reader, or a crash at any moment, sees the old or the new content,
 * never a part.
 * @throws AppError ERR_STATE_UNWRITABLE naming the path; the old content is then kept
 */
export function writePrivateFile(path: string, content: string | Uint8Array): void {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    rmSync(temporary, { force: true });
    const descriptor = openSync(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
    try {
      const bytes = Buffer.from(content);
      for (let offset = 0; offset < bytes.length; ) offset += writeSync(descriptor, bytes, offset);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    replaceFile(temporary, path);
  } catch (cause) {
    removeQuietly(temporary);
    throw new AppError('ERR_STATE_UNWRITABLE', { detail: describePath(path, cause), cause });
  }
}

/** Removes a file after a failure. Never throws, because the first error says more. */
export function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // It's a folder, or part of the path isn't one.
  }
}

function describePath(path: string, cause: unknown): string {
  return `${path}${inParentheses(cause)}`;
}
