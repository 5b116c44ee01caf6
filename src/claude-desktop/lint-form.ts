import { isObject } from '../formats/json-object.ts';
import type { Entry, SettingsDocument } from '../formats/settings-document.ts';
import { type Finding, type FindingId, finding } from './finding.ts';
import { desktopKeys } from './keys.ts';
import { desktopKeyOf } from './values.ts';

/** How a value stands in its file, apart from what it says. JSON may hold native values as well as text. */
export function lintForm(document: SettingsDocument, entry: Entry): readonly Finding[] {
  const key = desktopKeyOf(document, entry);
  const id = document.form === 'registry' ? registryFault(key, entry) : plistFault(document, entry);
  return id === undefined ? [] : [finding(id, document.file, key.slice(0, 60))];
}

function registryFault(key: string, { registryType }: Entry): FindingId | undefined {
  switch (registryType) {
    case 'REG_SZ':
      return undefined;
    case 'REG_DWORD':
      return desktopKeys[key] === 'text' || desktopKeys[key] === 'structure' ? 'value-not-text' : undefined;
    case 'REG_EXPAND_SZ':
      return 'registry-expand-sz';
    default:
      return 'registry-type';
  }
}

function plistFault({ form }: SettingsDocument, { key, value }: Entry): FindingId | undefined {
  if (form !== 'plist' || typeof value === 'string') return undefined;
  // Reported as nested.
  if (key === 'inference' && isObject(value)) return undefined;
  return Array.isArray(value) || isObject(value) ? 'native-structure' : 'value-not-text';
}
