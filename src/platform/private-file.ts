// Files and folders that belong to this user alone: made 0700/0600, checked before use, replaced in one step.
import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { AppError, type ErrorCode } from '../core/errors.ts';

/** Windows has no owner or mode in `stat`; there the profile's access control list does this work. */
const hasOwners = typeof process.getuid === 'function';

/**
 * Makes the folder (0700) or checks that an existing one is a real folder, this user's, and not writable by others.
 * @throws AppError ERR_AGENT_UNTRUSTED when it is somebody else's, ERR_STATE_UNWRITABLE when it cannot be made.
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
 * Checks without following links that `path` is of the given kind, owned by this user and not writable by others
 * (a socket or folder that others may write to can be replaced by them).
 * @throws AppError ERR_AGENT_UNTRUSTED; the system's own error (ENOENT) when it does not exist.
 */
export function assertPrivate(path: string, kind: 'folder' | 'socket' | 'file'): void {
  const stats = lstatSync(path, { bigint: true });
  const matches = { folder: stats.isDirectory(), socket: stats.isSocket(), file: stats.isFile() }[kind];
  if (!matches) throw new AppError('ERR_AGENT_UNTRUSTED', { detail: `${path} is not a ${kind}` });
  assertOwner(path, stats);
}

function assertOwner(path: string, stats: BigIntStats): void {
  if (!hasOwners) return;
  if (stats.uid !== BigInt(process.getuid?.() ?? -1)) {
    throw new AppError('ERR_AGENT_UNTRUSTED', { detail: `${path} belongs to another user` });
  }
  if ((stats.mode & 0o022n) !== 0n) {
    throw new AppError('ERR_AGENT_UNTRUSTED', { detail: `${path} is writable by others` });
  }
}

/**
 * Reads a file of this user's; `undefined` when there is none. A link, another user's file or one that others may
 * write to is refused, and checked through the descriptor that is read, so that it cannot be swapped in between.
 * @throws AppError ERR_AGENT_UNTRUSTED, or `unreadable` for any other failure.
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
    const stats = fstatSync(descriptor, { bigint: true });
    if (!stats.isFile()) throw new AppError('ERR_AGENT_UNTRUSTED', { detail: `${path} is not a file` });
    assertOwner(path, stats);
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Replaces the file's content in one step (0600): a reader, or a crash at any moment, sees the old or the new, never a part.
 * @throws AppError ERR_STATE_UNWRITABLE naming the path; the old content then still stands.
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
    renameSync(temporary, path);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw new AppError('ERR_STATE_UNWRITABLE', { detail: describePath(path, cause), cause });
  }
}

function describePath(path: string, cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? `${path} (${String(cause.code)})` : path;
}

export function isCode(thrown: unknown, code: string): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === code;
}
