// How a value is written, apart from what it says. JSON may hold native values as well as text.
import { isObject } from '../../core/json.ts';
import type { Entry } from '../../formats/settings-document.ts';
import { keyOf } from '../document.ts';
import type { Examination } from '../examination.ts';
import type { FindingId } from '../finding.ts';
import { desktopKey, isDesktopKey } from '../keys.ts';

export function checkForms({ document, report }: Examination): void {
  const native = new Map<FindingId, string[]>();
  for (const entry of document.entries) {
    const key = keyOf(document, entry);
    if (document.form === 'registry') {
      const id = registryFault(key, entry);
      if (id !== undefined) report(id, key);
    } else if (document.form === 'plist') {
      const id = nativeType(entry);
      if (id !== undefined) native.set(id, [...(native.get(id) ?? []), key.slice(0, 60)]);
    }
  }
  // Native types are usual in profiles: one note for all keys must not bury what matters.
  for (const [id, keys] of native) report(id, undefined, { key: keys.join(', ') });
}

/** What is wrong with a registry value's type, if anything. */
export function registryFault(key: string, { registryType }: Entry): FindingId | undefined {
  switch (registryType) {
    case undefined:
    case 'REG_SZ':
      return undefined;
    case 'REG_DWORD':
      return isDesktopKey(key) && ['boolean', 'number'].includes(desktopKey(key).type) ? undefined : 'registry-dword';
    case 'REG_EXPAND_SZ':
      return 'registry-expand-sz';
    default:
      return 'registry-type';
  }
}

function nativeType({ value }: Entry): FindingId | undefined {
  if (typeof value === 'string') return undefined;
  return Array.isArray(value) || isObject(value) ? 'native-structure' : 'value-not-text';
}
