// Reads a settings file that someone else wrote: bounded, never hanging, and told apart from an absent one.
import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  statSync,
} from 'node:fs';
import { inParentheses, isCode } from '../core/errno.ts';
import { type DecodedText, decodeText } from './text-encoding.ts';

/** A thousand times what a full configuration needs. */
const MAX_BYTES = 1024 * 1024;

/** Why a file has no text; completes `<file> …`. */
export const NOT_TEXT = 'is neither UTF-8 nor UTF-16 text';

type NoFileReading =
  | { readonly state: 'absent' }
  | { readonly state: 'unreadable'; readonly reason: string; readonly cause?: unknown };
export type TextFileReading = NoFileReading | (DecodedText & { readonly state: 'text'; readonly stats: BigIntStats });
export type BytesReading =
  | NoFileReading
  | { readonly state: 'bytes'; readonly bytes: Buffer; readonly stats: BigIntStats };

/** Text of a regular file of at most 1 MiB, UTF-8 or UTF-16. Never throws. */
export function readTextFile(path: string, options: { readonly followLinks: boolean }): TextFileReading {
  const file = readFileBytes(path, options);
  if (file.state !== 'bytes') return file;
  const decoded = decodeText(file.bytes);
  return decoded === undefined
    ? { state: 'unreadable', reason: NOT_TEXT }
    : { state: 'text', stats: file.stats, ...decoded };
}

/** The content of a regular file of at most `maxBytes`, by default 1 MiB. Never throws. */
export function readFileBytes(
  path: string,
  options: { readonly followLinks: boolean; readonly maxBytes?: number },
): BytesReading {
  let descriptor: number;
  try {
    // O_NONBLOCK: a FIFO in the file's place must not hang us. Windows knows neither flag.
    const noFollow = options.followLinks ? 0 : (constants.O_NOFOLLOW ?? 0);
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | noFollow);
  } catch (cause) {
    if (isCode(cause, 'ELOOP') && !options.followLinks) return { state: 'unreadable', reason: 'is a link', cause };
    if (!isCode(cause, 'ENOENT'))
      return { state: 'unreadable', reason: `can't be opened${inParentheses(cause)}`, cause };
    return isLink(path)
      ? { state: 'unreadable', reason: "is a link to a file that doesn't exist", cause }
      : { state: 'absent' };
  }
  try {
    const stats = fstatSync(descriptor, { bigint: true });
    if (!stats.isFile()) return { state: 'unreadable', reason: "isn't a regular file" };
    const { maxBytes = MAX_BYTES } = options;
    if (stats.size > BigInt(maxBytes)) {
      return { state: 'unreadable', reason: `is larger than ${maxBytes / 1024 / 1024} MiB` };
    }
    return { state: 'bytes', bytes: readFileSync(descriptor), stats };
  } catch (cause) {
    return { state: 'unreadable', reason: `can't be read${inParentheses(cause)}`, cause };
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Changes when the file is replaced, written, created, deleted or loses its permissions. Made at every request: what is
 * absent isn't an error here, since an Error with its stack takes longer than the look itself.
 */
export function fileFingerprint(path: string): string {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    // A link whose target is gone reads as unreadable, no link as absent.
    if (stats === undefined) return isLink(path) ? 'dangling' : 'absent';
    return `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeMs}:${stats.ctimeMs}`;
  } catch (cause) {
    return `unreadable${inParentheses(cause)}`;
  }
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  } catch {
    return false;
  }
}
