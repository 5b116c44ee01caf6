// Claude Desktop's managed file on Linux, with Claude Desktop's rules for accepting it.
// https://claude.com/docs/third-party/claude-desktop/configuration
import { type BigIntStats, lstatSync } from 'node:fs';
import { dirname } from 'node:path';
import { type JsonObjectReading, parseJsonObject } from '../formats/json-object.ts';
import { readTextFile } from '../formats/text-file.ts';
import { encodingFault } from './json-encoding.ts';

/** `reason` completes `<path> …`. */
export type ManagedFileReading = { readonly state: 'absent' } | JsonObjectReading;

/**
 * File and folder must be root's, no links, and writable by root only; the file must be readable by everyone, since
 * Claude Desktop runs as the user. Never throws.
 */
export function readManagedFile(path: string): ManagedFileReading {
  const file = readTextFile(path, { followLinks: false });
  if (file.state === 'absent') return file;
  if (file.state === 'unreadable') return { state: 'unreadable', reason: `${file.reason}${modeHint(path)}` };
  const reason = ownerFault(file.stats) ?? readFault(file.stats) ?? folderFault(dirname(path)) ?? encodingFault(file);
  if (reason !== undefined) return { state: 'unreadable', reason };
  return parseJsonObject(file.text);
}

function ownerFault({ uid, mode }: Pick<BigIntStats, 'uid' | 'mode'>): string | undefined {
  if (uid !== 0n) return "doesn't belong to root";
  return (mode & 0o022n) === 0n ? undefined : 'is writable by users other than root';
}

function readFault({ mode }: Pick<BigIntStats, 'mode'>): string | undefined {
  return (mode & 0o004n) === 0n
    ? "isn't readable by everyone, so Claude Desktop falls back to local settings"
    : undefined;
}

function folderFault(folder: string): string | undefined {
  try {
    const stats = lstatSync(folder, { bigint: true });
    if (stats.isSymbolicLink()) return 'is in a folder that is a link';
    const fault = ownerFault(stats);
    return fault === undefined ? undefined : `is in a folder that ${fault}`;
  } catch {
    return "is in a folder that can't be read";
  }
}

/** A file of mode 600 is the usual reason why a user can't open it. */
function modeHint(path: string): string {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stats?.isFile() === true && (stats.mode & 0o004n) === 0n ? '; it must have mode 644' : '';
}
