// Claude Desktop's settings in one place, whatever form they have there, and how Claude Desktop reads single values:
// observed with the parser in the npm package @anthropic-ai/claude-code 2.1.332.
import { isObject, parseJson } from '../core/json.ts';
import type { System } from '../core/system.ts';
import { textOf } from '../core/text-of.ts';
import type { Entry, SettingsDocument } from '../formats/settings-document.ts';
import { type DesktopKeyName, desktopKeyNames, isDesktopKey } from './keys.ts';
import { flatEntries, isNestedForm, plainEntries } from './nested-form.ts';

export interface DesktopDocument extends SettingsDocument {
  /** The only system that reads this place; absent if several may. */
  readonly system?: System | undefined;
  /** Whether the app's own form with groups was flattened; then names with dots are what it doesn't know. */
  readonly isNested?: boolean;
}

/** Settings from a JSON object in either of Claude Desktop's forms. */
export function jsonDocument(
  file: string,
  object: Readonly<Record<string, unknown>>,
  system?: System,
): DesktopDocument {
  const isNested = isNestedForm(object);
  return {
    form: 'json',
    file,
    system,
    isNested,
    entries: isNested ? flatEntries(object) : plainEntries(object),
  };
}

/** The document with flat names only. */
export function flatDocument(document: DesktopDocument): DesktopDocument {
  if (document.form !== 'nested') return document;
  return { ...document, form: 'json', isNested: true, entries: flatEntries(document.nested ?? {}) };
}

/** The exact name of an entry's key: the registry ignores case. */
export function keyOf({ form }: Pick<DesktopDocument, 'form'>, { key }: Entry): string {
  if (form !== 'registry' || isDesktopKey(key)) return key;
  return desktopKeyNames.find((name) => name.toLowerCase() === key.toLowerCase()) ?? key;
}

/** The systems that may read the document. */
export function systemsOf({ system, form }: DesktopDocument): readonly System[] {
  if (system !== undefined) return [system];
  if (form === 'registry') return ['windows'];
  return form === 'plist' ? ['macos'] : ['macos', 'windows', 'linux'];
}

export class DesktopValues {
  readonly #values = new Map<string, unknown>();

  constructor(document: DesktopDocument) {
    for (const entry of document.entries) this.#values.set(keyOf(document, entry), entry.value);
  }

  /** As it is written there; an empty text and null count as not set. */
  raw(key: DesktopKeyName): unknown {
    const value = this.#values.get(key);
    return value === '' || value === null ? undefined : value;
  }

  has(key: DesktopKeyName): boolean {
    return this.raw(key) !== undefined;
  }

  /** The value as trimmed text, numbers, booleans, and structures included; `undefined` if not set or blank. */
  text(key: DesktopKeyName): string | undefined {
    const value = this.raw(key);
    if (value === undefined) return undefined;
    const text = textOf(value).trim();
    return text === '' ? undefined : text;
  }

  /** A list or object, native or as JSON text; `undefined` for anything else. */
  structure(key: DesktopKeyName): readonly unknown[] | Readonly<Record<string, unknown>> | undefined {
    const value = this.raw(key);
    const parsed = typeof value === 'string' ? parseStructure(value) : value;
    return Array.isArray(parsed) || isObject(parsed) ? parsed : undefined;
  }

  /** A boolean, native or as text in any case; a REG_DWORD holds 0 or 1. */
  flag(key: DesktopKeyName): boolean | undefined {
    const text = this.text(key)?.toLowerCase();
    if (text === 'true' || text === '1') return true;
    return text === 'false' || text === '0' ? false : undefined;
  }

  /** A number, native or text that JavaScript takes for one: `900`, `900.0`, `9e2`. */
  number(key: DesktopKeyName): number | undefined {
    const value = this.raw(key);
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
  }

  integer(key: DesktopKeyName): number | undefined {
    const number = this.number(key);
    return Number.isSafeInteger(number) ? number : undefined;
  }
}

/** Text that isn't JSON is read once more with its single backslashes doubled, so that Windows paths may be in it. */
function parseStructure(text: string): unknown {
  return parseJson(text) ?? parseJson(text.replaceAll(/\\(?!["\\/bfnrtu])/g, '\\\\'));
}
