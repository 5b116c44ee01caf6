// Managed settings that a device management system delivers: a profile on macOS, a registry value on Windows.
// https://code.claude.com/docs/en/managed-settings, "Where each mechanism stores the policy"
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { MANAGED_PREFERENCES } from '../config/places.ts';
import { toAppError } from '../core/errors.ts';
import { readFileBytes } from '../formats/text-file.ts';
import { UnparsableFile } from '../formats/unparsable-file.ts';
import { createRegistry, type Hive, type Registry } from '../platform/registry.ts';
import { type DocumentReading, parseDocument } from './document.ts';
import { MDM_DOMAIN, MDM_REGISTRY_KEY, MDM_REGISTRY_VALUE } from './places.ts';

export interface MdmDocument {
  /** `admin` outranks managed files; `user` counts only if nothing else is managed. */
  readonly rank: 'admin' | 'user';
  readonly location: string;
  readonly reading: DocumentReading;
}

/** Highest rank first. Linux has none. Never rejects. */
export async function mdmDocuments(): Promise<readonly MdmDocument[]> {
  switch (process.platform) {
    case 'darwin':
      return preferenceDocuments(MANAGED_PREFERENCES, accountName());
    case 'win32': {
      const { loadNativeAddon } = await import('../platform/native-addon.ts');
      return registryDocuments(await loadNativeAddon('registry').then(createRegistry, toAppError));
    }
    default:
      return [];
  }
}

/** The user's own profile, then the computer's. */
export async function preferenceDocuments(folder: string, user: string | undefined): Promise<readonly MdmDocument[]> {
  const { isBinaryPlist, parsePlist } = await import('../formats/plist.ts');
  const read = (path: string): DocumentReading => {
    const file = readFileBytes(path, { followLinks: true });
    if (file.state !== 'bytes') return file;
    try {
      const content = isBinaryPlist(file.bytes) ? file.bytes : file.bytes.toString('utf8');
      return { state: 'settings', settings: parsePlist(content) };
    } catch (cause) {
      const reason = cause instanceof UnparsableFile ? cause.message : "isn't a valid property list";
      return { state: 'rejected', reason, isJson: false };
    }
  };
  const file = `${MDM_DOMAIN}.plist`;
  return [...(user === undefined ? [] : [join(folder, user, file)]), join(folder, file)].map((location) => ({
    rank: 'admin',
    location,
    reading: read(location),
  }));
}

/** The computer's value, then the user's. Without a registry, why it couldn't be opened. */
export function registryDocuments(registry: Registry | Error): readonly MdmDocument[] {
  const document = (hive: Hive, rank: MdmDocument['rank']): MdmDocument => ({
    rank,
    location: `${hive}\\${MDM_REGISTRY_KEY}\\${MDM_REGISTRY_VALUE}`,
    reading: readRegistry(registry, hive),
  });
  return [document('HKEY_LOCAL_MACHINE', 'admin'), document('HKEY_CURRENT_USER', 'user')];
}

function readRegistry(registry: Registry | Error, hive: Hive): DocumentReading {
  if (registry instanceof Error)
    return { state: 'unreadable', reason: "can't be read: the registry addon doesn't load" };
  try {
    const values = registry.readKey(hive, MDM_REGISTRY_KEY) ?? [];
    const value = values.find(({ name }) => name.toLowerCase() === MDM_REGISTRY_VALUE.toLowerCase());
    if (value === undefined) return { state: 'absent' };
    if (typeof value.data === 'string') return parseDocument(value.data);
    return { state: 'unreadable', reason: `has the type ${value.type}, which this program doesn't read` };
  } catch {
    return { state: 'unreadable', reason: "can't be read" };
  }
}

/** The account's own name, since users can change a variable such as USER. */
function accountName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}
