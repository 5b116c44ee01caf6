// Reads and writes registry export files. No package that is kept up was found that does.
// Syntax: https://support.microsoft.com/help/310516 and what regedit.exe exports.
import { UnparsableFile } from './unparsable-file.ts';

export type RegistryType =
  | 'REG_NONE'
  | 'REG_SZ'
  | 'REG_EXPAND_SZ'
  | 'REG_BINARY'
  | 'REG_DWORD'
  | 'REG_MULTI_SZ'
  | 'REG_QWORD'
  | 'other';

export interface RegistryValue {
  /** Empty for the key's default value. */
  readonly name: string;
  readonly type: RegistryType;
  /** Text of REG_SZ and REG_EXPAND_SZ, number of REG_DWORD. */
  readonly data?: string | number;
}

export interface RegistryKey {
  /** As the file first spells it. */
  readonly path: string;
  readonly values: readonly RegistryValue[];
  /** The line of each value, from 1, by its name in lower case. */
  readonly lines: ReadonlyMap<string, number>;
}

export const REGISTRY_HEADER = 'Windows Registry Editor Version 5.00';
/** Blank lines and comments, which people put above the header although Registry Editor wants it first. */
const PREAMBLE = '^(?:[ \\t]*(?:;[^\\r\\n]*)?\\r?\\n)*';
const HEADER = new RegExp(`${PREAMBLE}(Windows Registry Editor Version 5\\.00|REGEDIT4)[ \\t]*(?:\\r?\\n|$)`);
const HEADLESS = new RegExp(`${PREAMBLE}\\[-?HKEY_`, 'i');

/** By the number in `hex(n)`. */
const TYPES: Readonly<Record<string, RegistryType>> = {
  '0': 'REG_NONE',
  '1': 'REG_SZ',
  '2': 'REG_EXPAND_SZ',
  '3': 'REG_BINARY',
  '4': 'REG_DWORD',
  '7': 'REG_MULTI_SZ',
  b: 'REG_QWORD',
};

const KEY_LINE = /\[(-?)([^\r\n]+)\][ \t]*(?:;[^\r\n]*)?(?=\r?\n|$)/y;
const SKIPPED = /(?:\s+|;[^\r\n]*)+/y;
/** Text in quotes may go over several lines. */
const NAME = /(?:@|"((?:[^"\\]|\\[\s\S])*)")[ \t]*=[ \t]*/y;
const DATA =
  /(?:(-)|"((?:[^"\\]|\\[\s\S])*)"|dword:([0-9a-f]{1,8})|hex(?:\(([0-9a-f]{1,8})\))?:((?:[0-9a-f]{2}|[,\s]|\\\r?\n)*?))[ \t]*(?:;[^\r\n]*)?(?=\r?\n|$)/iy;

export const isRegistryText = (text: string): boolean => HEADER.test(text);

/** A registry export that lost its header. */
export const isHeadlessRegistryText = (text: string): boolean => HEADLESS.test(text);

/** Whether the text begins with the header, without which Registry Editor refuses the file. */
export const startsWithHeader = (text: string): boolean => /^[WR]/.test(text);

interface OpenKey {
  readonly path: string;
  readonly values: Map<string, RegistryValue>;
  readonly lines: Map<string, number>;
}

/**
 * Keys in the file's order as an import leaves them: a key that occurs twice is one, and what the file deletes is gone.
 * @throws UnparsableFile with the line
 */
export function parseRegistryFile(text: string): readonly RegistryKey[] {
  const header = HEADER.exec(text);
  if (header === null) throw new UnparsableFile("isn't a registry export");
  const isAnsi = header[1] === 'REGEDIT4';
  const lineAt = lineCounter(text);
  const keys = new Map<string, OpenKey>();
  let current: OpenKey | undefined;
  let offset = header[0].length;
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = offset;
    const match = pattern.exec(text) ?? undefined;
    offset += match?.[0].length ?? 0;
    return match;
  };
  for (;;) {
    take(SKIPPED);
    if (offset === text.length) break;
    const line = lineAt(offset);
    const key = take(KEY_LINE);
    if (key !== undefined) {
      current = openKey(keys, key[2] ?? '', key[1] === '-');
      continue;
    }
    const name = take(NAME);
    const data = name === undefined ? undefined : take(DATA);
    if (name === undefined || data === undefined || current === undefined) {
      throw new UnparsableFile(`isn't a valid registry export, line ${lineAt(offset)}`);
    }
    setValue(current, registryValue(unescaped(name[1] ?? ''), data, isAnsi), line);
  }
  return [...keys.values()].map(({ path, values, lines }) => ({ path, values: [...values.values()], lines }));
}

/** The key of that path, emptied with all below it if the file deletes it. */
function openKey(keys: Map<string, OpenKey>, path: string, isDeleted: boolean): OpenKey {
  const id = path.toLowerCase();
  const key = keys.get(id) ?? { path, values: new Map(), lines: new Map() };
  if (!isDeleted) {
    keys.set(id, key);
    return key;
  }
  for (const other of keys.keys()) if (other === id || other.startsWith(`${id}\\`)) keys.delete(other);
  // What follows a deletion belongs to no key: Registry Editor passes it over.
  return { path, values: new Map(), lines: new Map() };
}

/** Windows doesn't tell upper and lower case apart; the last line wins, as on import. */
function setValue({ values, lines }: OpenKey, value: NamedValue, line: number): void {
  const id = value.name.toLowerCase();
  values.delete(id);
  lines.delete(id);
  if (!('type' in value)) return;
  values.set(id, value);
  lines.set(id, line);
}

/** Counts on from the last place asked for, so that asking for each line in turn takes linear time. */
function lineCounter(text: string): (offset: number) => number {
  let line = 1;
  let counted = 0;
  return (offset) => {
    for (let at = text.indexOf('\n', counted); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line += 1;
    counted = offset;
    return line;
  };
}

/** A value, or the name of one that the file deletes. */
type NamedValue = RegistryValue | { readonly name: string };

function registryValue(name: string, data: RegExpExecArray, isAnsi: boolean): NamedValue {
  const [, deleted, quoted, dword, hexType, hex] = data;
  if (deleted !== undefined) return { name };
  if (quoted !== undefined) return { name, type: 'REG_SZ', data: unescaped(quoted) };
  if (dword !== undefined) return { name, type: 'REG_DWORD', data: Number.parseInt(dword, 16) };
  const number = (hexType ?? '3').toLowerCase().replace(/^0+(?=.)/, '');
  const type = TYPES[number] ?? 'other';
  const bytes = Buffer.from((hex ?? '').replaceAll(/[^0-9a-f]/gi, ''), 'hex');
  if (type === 'REG_SZ' || type === 'REG_EXPAND_SZ') {
    const text = bytes.toString(isAnsi ? 'latin1' : 'utf16le');
    return { name, type, data: text.replace(/\0.*$/s, '') };
  }
  if (type === 'REG_DWORD' && bytes.length === 4) return { name, type, data: bytes.readUInt32LE() };
  return { name, type };
}

const unescaped = (text: string): string => text.replaceAll(/\\([\s\S])/g, '$1');

/**
 * One key with text values, as regedit exports it: UTF-16 with a byte order mark, CRLF. On import the file first
 * removes the named values, or for `everything-else` the key with all that it holds.
 */
export function writeRegistryFile(
  path: string,
  values: Readonly<Record<string, string>>,
  removes: readonly string[] | 'everything-else' = [],
): Buffer {
  const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  const lines = Object.entries(values).map(([name, value]) => `"${escaped(name)}"="${escaped(value)}"`);
  const [whole, single] = removes === 'everything-else' ? [[`[-${path}]`, ''], []] : [[], removes];
  const removals = single.map((name) => `"${escaped(name)}"=-`);
  const text = [REGISTRY_HEADER, '', ...whole, `[${path}]`, ...removals, ...lines, '', ''].join('\r\n');
  return Buffer.from(`\ufeff${text}`, 'utf16le');
}
