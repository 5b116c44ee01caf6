// Files and folders that only this user may write to: created 0700/0600, checked before use, replaced in one step.
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { inParentheses, isCode } from '../core/errno.ts';
import { AppError, type ErrorCode } from '../core/errors.ts';
import { describeFault, foreignFolder, foreignLink, isOwnMistake } from './describe-fault.ts';
import { ownerFault, type PlaceKind, type PrivacyFault, parentsFault, privacyFault } from './privacy-fault.ts';
import { replaceFile } from './replace-file.ts';

/**
 * Creates the folder (0700), or checks that an existing one is a real folder, this user's, and not writable by others.
 * The folders above it must be this user's or root's, and not writable by others. Creates nothing if they aren't.
 * @throws AppError ERR_AGENT_UNTRUSTED naming the folder, owner, and remedy; ERR_STATE_UNWRITABLE if it can't be
 * created, or this user's own file is there
 */
export function ensurePrivateFolder(path: string): void {
  const fault = privacyFault(path, 'folder');
  if (fault?.is !== 'absent') {
    refuse(fault);
    return;
  }
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw unusable(path, cause, 'ERR_STATE_UNWRITABLE');
  }
  assertPrivate(path, 'folder');
}

/**
 * Checks that `ensurePrivateFolder` could use the folder, and creates nothing.
 * @throws AppError ERR_AGENT_UNTRUSTED, ERR_STATE_UNWRITABLE
 */
export function assertUsableFolder(path: string): void {
  const fault = privacyFault(path, 'folder');
  if (fault?.is !== 'absent') refuse(fault);
}

/**
 * Checks that `path` is of the given kind, owned by this user and not writable by others; a folder as
 * `ensurePrivateFolder` does.
 * @throws AppError ERR_AGENT_UNTRUSTED, also when it doesn't exist; ERR_STATE_UNWRITABLE as `refuse`
 */
export function assertPrivate(path: string, kind: PlaceKind): void {
  refuse(privacyFault(path, kind));
}

/**
 * @throws AppError if there's a fault: ERR_STATE_UNWRITABLE if something of this user's own is in the wrong place,
 * otherwise ERR_AGENT_UNTRUSTED
 */
export function refuse(fault: PrivacyFault | undefined): void {
  if (fault === undefined) return;
  const code = isOwnMistake(fault) ? 'ERR_STATE_UNWRITABLE' : 'ERR_AGENT_UNTRUSTED';
  throw new AppError(code, { detail: describeFault(fault), cause: fault.cause });
}

/**
 * Checks that no one else can make `path`, a file that this program is about to write, lead elsewhere: the folders
 * above it, and above what it leads to if it's a link, are this user's or root's and not writable by others.
 * @throws AppError ERR_FILE_UNWRITABLE naming the folder, owner, and remedy
 */
export function assertSafePlace(path: string): void {
  const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true && existsSync(path);
  const fault = parentsFault(path) ?? (isLink ? (foreignLink(path) ?? parentsFault(realpathSync(path))) : undefined);
  if (fault !== undefined)
    throw new AppError('ERR_FILE_UNWRITABLE', { detail: describeFault(fault), cause: fault.cause });
}

/** What another user owns is named with its owner; anything else gets `code`. */
function unusable(path: string, cause: unknown, code: ErrorCode): AppError {
  const foreign = isCode(cause, 'EACCES', 'EPERM') ? foreignFolder(path) : undefined;
  return foreign === undefined
    ? new AppError(code, { detail: describePath(path, cause), cause })
    : new AppError('ERR_AGENT_UNTRUSTED', { detail: describeFault(foreign), cause });
}

/**
 * Reads one of this user's files; `undefined` if there is none. Refuses a link, another user's file, or one that others
 * may write to or replace. Checks the descriptor that it reads, so the file can't be swapped in between.
 * @throws AppError ERR_AGENT_UNTRUSTED, or `unreadable` for any other failure
 */
export function readPrivateFile(path: string, unreadable: ErrorCode = 'ERR_STATE_UNWRITABLE'): Buffer | undefined {
  const descriptor = openPrivateFile(path, unreadable);
  if (descriptor === undefined) return undefined;
  try {
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** The same, but returns a descriptor to read from, which the caller closes. @throws as `readPrivateFile` */
export function openPrivateFile(path: string, unreadable: ErrorCode = 'ERR_STATE_UNWRITABLE'): number | undefined {
  refuse(parentsFault(path));
  let descriptor: number;
  try {
    // O_NONBLOCK: a FIFO put in the file's place must not hang us.
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (cause) {
    if (isCode(cause, 'ENOENT')) return undefined;
    if (isCode(cause, 'ELOOP'))
      throw new AppError('ERR_AGENT_UNTRUSTED', { detail: `${path} is a symbolic link`, cause });
    throw unusable(path, cause, unreadable);
  }
  try {
    const stats = fstatSync(descriptor);
    refuse(stats.isFile() ? ownerFault(path, stats) : { path, is: 'not a file', stats });
    return descriptor;
  } catch (thrown) {
    closeSync(descriptor);
    throw thrown;
  }
}

/**
 * Replaces the file's content in one step (0600): a reader, or a crash at any moment, sees the old or the new content,
 * never a part.
 * @throws AppError ERR_AGENT_UNTRUSTED if others could replace it or its folder, or it's another user's;
 * ERR_STATE_UNWRITABLE naming the path. The old content is then kept.
 */
export function writePrivateFile(path: string, content: string | Uint8Array): void {
  refuse(parentsFault(path));
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    rmSync(temporary, { force: true });
    writeNewFile(temporary, content);
    replaceFile(temporary, path);
  } catch (cause) {
    removeQuietly(temporary);
    throw unusable(path, cause, 'ERR_STATE_UNWRITABLE');
  }
}

/**
 * Writes a file that doesn't exist yet, to the disk. Nothing that is there already is opened, and no link is followed.
 * @param onCreated called when the file exists, before it has content
 * @throws the system's error; `EEXIST` if something is there
 */
export function writeNewFile(path: string, content: string | Uint8Array, mode = 0o600, onCreated?: () => void): void {
  const descriptor = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, mode);
  onCreated?.();
  try {
    const bytes = Buffer.from(content);
    for (let offset = 0; offset < bytes.length; ) offset += writeSync(descriptor, bytes, offset);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
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
