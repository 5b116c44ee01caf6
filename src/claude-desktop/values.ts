import type { Entry, SettingsDocument } from '../formats/settings-document.ts';
import { desktopKeys } from './keys.ts';

/** Claude Desktop's values, whatever form they stand in. */
export interface DesktopValues {
  readonly document: SettingsDocument;
  /** Trimmed text; native numbers, booleans and structures as text. `undefined` when absent or empty. */
  text(key: string): string | undefined;
  /** A list or object, native or as JSON text; `undefined` for what is neither. */
  structure(key: string): unknown;
}

export function desktopValues(document: SettingsDocument): DesktopValues {
  const entries = new Map(document.entries.map((entry) => [desktopKeyOf(document, entry), entry]));
  const text = (key: string): string | undefined => {
    const value = entries.get(key)?.value;
    const plain = typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '').trim();
    return plain === '' ? undefined : plain;
  };
  return {
    document,
    text,
    structure: (key) => {
      try {
        const parsed: unknown = JSON.parse(text(key) ?? '');
        return typeof parsed === 'object' ? parsed : undefined;
      } catch {
        return undefined;
      }
    },
  };
}

/** The exact name: the registry does not tell upper and lower case apart. */
export function desktopKeyOf({ form }: SettingsDocument, { key }: Entry): string {
  if (form !== 'registry') return key;
  return Object.keys(desktopKeys).find((name) => name.toLowerCase() === key.toLowerCase()) ?? key;
}
