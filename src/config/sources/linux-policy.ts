import { type BigIntStats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseJsonSettings } from '../../formats/json-object.ts';
import { fileFingerprint, readTextFile } from '../../formats/text-file.ts';
import { places } from '../places.ts';
import type { ConfigurationSource, SourceReading } from './source.ts';

/**
 * The policy file. Only root may be able to write to it and its folder, because its author can redirect every sign-in
 * on this computer. If others can write to it, that's an error; the file is never ignored.
 */
export function linuxPolicy(path: string = places.own.file): ConfigurationSource {
  return {
    kind: 'managed',
    location: path,
    read: () => readPolicy(path),
    fingerprint: () => {
      const folder = fileFingerprint(dirname(path));
      return folder === 'absent' ? folder : `${folder} ${fileFingerprint(path)}`;
    },
  };
}

function readPolicy(path: string): SourceReading {
  const file = readTextFile(path, { followLinks: false });
  if (file.state !== 'text') return file;
  const reason = ownerFault(file.stats) ?? folderFault(dirname(path));
  if (reason !== undefined) return { state: 'unreadable', reason };
  return parseJsonSettings(file.text);
}

function ownerFault({ uid, mode }: Pick<BigIntStats, 'uid' | 'mode'>): string | undefined {
  if (uid !== 0n) return "doesn't belong to root";
  return (mode & 0o022n) === 0n ? undefined : 'is writable by users other than root';
}

function folderFault(folder: string): string | undefined {
  try {
    const fault = ownerFault(statSync(folder, { bigint: true }));
    return fault === undefined ? undefined : `is in a folder that ${fault}`;
  } catch {
    return "is in a folder that can't be read";
  }
}
