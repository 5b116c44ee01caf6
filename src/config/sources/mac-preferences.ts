import { join } from 'node:path';
import { isBinaryPlist, parsePlist } from '../../formats/plist.ts';
import { decodeText } from '../../formats/text-encoding.ts';
import { fileFingerprint, NOT_TEXT, readFileBytes } from '../../formats/text-file.ts';
import { UnparsableFile } from '../../formats/unparsable-file.ts';
import { MANAGED_PREFERENCES, places, type Subject } from '../places.ts';
import type { ConfigurationSource, SourceReading } from './source.ts';

/** Where macOS puts what profiles set for this user, then for the computer; only the system can write there. */
export function macPreferences(
  user: string | undefined,
  folder: string = MANAGED_PREFERENCES,
  subject: Subject = 'own',
): readonly ConfigurationSource[] {
  const file = `${places[subject].domain}.plist`;
  const paths = [...(user === undefined ? [] : [join(folder, user, file)]), join(folder, file)];
  return paths.map((path) => ({
    kind: 'managed',
    location: path,
    read: () => readPreferences(path),
    fingerprint: () => fileFingerprint(path),
  }));
}

function readPreferences(path: string): SourceReading {
  const file = readFileBytes(path, { followLinks: true });
  if (file.state !== 'bytes') return file;
  const content = isBinaryPlist(file.bytes) ? file.bytes : decodeText(file.bytes)?.text;
  if (content === undefined) return { state: 'unreadable', reason: NOT_TEXT };
  try {
    // What describes the payload may come along with its settings.
    const settings = Object.entries(parsePlist(content)).filter(([key]) => !/^Payload[A-Z]/.test(key));
    return { state: 'values', values: Object.fromEntries(settings) };
  } catch (cause) {
    const reason = cause instanceof UnparsableFile ? cause.message : "isn't a valid property list";
    return { state: 'unreadable', reason, cause };
  }
}
