import { type BigIntStats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseJsonSettings } from '../../formats/json-object.ts';
import { fileFingerprint, readTextFile } from '../../formats/text-file.ts';
import { places } from '../places.ts';
import type { ConfigurationSource, SourceReading } from './source.ts';

/**
 * The policy file, which must be root's alone, as must its folder: whoever may write to it can send every sign-in of
 * this computer elsewhere. One that is not is an error, never passed over.
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
  const parsed = parseJsonSettings(file.text);
  return parsed.state === 'fault'
    ? { state: 'unreadable', reason: parsed.reason }
    : { state: 'values', values: parsed.object };
}

function ownerFault({ uid, mode }: Pick<BigIntStats, 'uid' | 'mode'>): string | undefined {
  if (uid !== 0n) return 'does not belong to root';
  return (mode & 0o022n) === 0n ? undefined : 'is writable by others than root';
}

function folderFault(folder: string): string | undefined {
  try {
    const fault = ownerFault(statSync(folder, { bigint: true }));
    return fault === undefined ? undefined : `stands in a folder that ${fault}`;
  } catch {
    return 'stands in a folder that cannot be looked at';
  }
}
