// Reads the end of Claude Desktop's log, whatever its size, age, and encoding.
import { closeSync, constants, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isCode } from '../core/errno.ts';

export interface LogEntry {
  /** Milliseconds since 1970. Claude Desktop writes local time. */
  readonly at: number;
  readonly level: string;
  /** On one line, without time and level. */
  readonly text: string;
}

export type LogReading =
  | { readonly state: 'absent' }
  | { readonly state: 'unreadable'; readonly file: string }
  | { readonly state: 'entries'; readonly file: string; readonly entries: readonly LogEntry[] };

/** Several days of use. */
const MAX_BYTES = 512 * 1024;
/** A line that a helper's output went into may be long. */
const MAX_ENTRY = 8_000;

/** The last entries of `main.log` in this folder, and of the file that it was before. Never throws. */
export function readDesktopLog(folder: string): LogReading {
  const file = join(folder, 'main.log');
  const tail = readTail(file, MAX_BYTES);
  if (tail === 'unreadable') return { state: 'unreadable', file };
  const older = previousFile(folder);
  const left = MAX_BYTES - (tail?.length ?? 0);
  const before = older === undefined || left <= 0 ? undefined : readTail(older, left);
  const parts = [before, tail].filter((part) => Buffer.isBuffer(part));
  if (parts.length === 0) return { state: 'absent' };
  return { state: 'entries', file, entries: parts.flatMap((part) => entriesIn(decode(part))) };
}

/** Of main.old.log, main1.log, main.log.1, and so on, the one that was written last. */
function previousFile(folder: string): string | undefined {
  try {
    return readdirSync(folder)
      .filter((name) => /^main(?:[.-]?(?:old|\d{1,3}))\.log$|^main\.log\.(?:old|\d{1,3})$/.test(name))
      .map((name) => ({ path: join(folder, name), modified: statSync(join(folder, name)).mtimeMs }))
      .toSorted((a, b) => b.modified - a.modified)[0]?.path;
  } catch {
    return undefined;
  }
}

/** `undefined` if there's no such file. */
function readTail(path: string, maxBytes: number): Buffer | 'unreadable' | undefined {
  let descriptor: number;
  try {
    // O_NONBLOCK: a FIFO in the file's place must not hang us.
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (cause) {
    return isCode(cause, 'ENOENT') || isCode(cause, 'ENOTDIR') ? undefined : 'unreadable';
  }
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) return 'unreadable';
    // Even, so that it doesn't cut a character of UTF-16 in two.
    const start = Math.max(0, Math.ceil((stats.size - maxBytes) / 2) * 2);
    const bytes = Buffer.alloc(Math.min(stats.size, maxBytes));
    return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, start));
  } catch {
    return 'unreadable';
  } finally {
    closeSync(descriptor);
  }
}

/** Lines are mostly ASCII: in UTF-16, nearly every second byte is zero. */
function decode(bytes: Buffer): string {
  const sample = bytes.subarray(0, 4_096);
  const zeros = [0, 1].map((parity) => sample.filter((byte, index) => byte === 0 && index % 2 === parity).length);
  const [even = 0, odd = 0] = zeros;
  const isWide = even + odd > sample.length / 4;
  return new TextDecoder(isWide ? (odd > even ? 'utf-16le' : 'utf-16be') : 'utf-8').decode(bytes);
}

const BEGINNING = /^\[?(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,3})\d*)?(Z)?\]? +\[?(\w+)\]? +(.*)$/;

/** A line without a time continues with the entry before it, as the parts of an object do. */
function entriesIn(text: string): readonly LogEntry[] {
  const entries: LogEntry[] = [];
  for (const line of text.split(/\r?\n/)) {
    const entry = entryOf(line);
    const last = entries.at(-1);
    if (entry !== undefined) entries.push(entry);
    else if (last !== undefined && line !== '' && last.text.length < MAX_ENTRY) {
      entries[entries.length - 1] = { ...last, text: `${last.text} ${line.trim()}`.slice(0, MAX_ENTRY) };
    }
  }
  return entries;
}

function entryOf(line: string): LogEntry | undefined {
  const found = BEGINNING.exec(line.replace(/^\ufeff/, ''));
  if (found === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found.slice(1, 7).map(Number);
  const milliseconds = Number((found[7] ?? '0').padEnd(3, '0'));
  const parts = [year, month - 1, day, hour, minute, second, milliseconds] as const;
  const at = found[8] === undefined ? new Date(...parts).getTime() : Date.UTC(...parts);
  return { at, level: found[9]?.toLowerCase() ?? '', text: (found[10] ?? '').slice(0, MAX_ENTRY) };
}
