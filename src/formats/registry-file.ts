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
  readonly path: string;
  readonly values: readonly RegistryValue[];
}

export const REGISTRY_HEADER = 'Windows Registry Editor Version 5.00';
const HEADER = /^(?:Windows Registry Editor Version 5\.00|REGEDIT4)[ \t]*(?:\r?\n|$)/;

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

/**
 * Keys in the file's order, without those that the file deletes.
 * @throws UnparsableFile with the line
 */
export function parseRegistryFile(text: string): readonly RegistryKey[] {
  const header = HEADER.exec(text)?.[0];
  if (header === undefined) throw new UnparsableFile('is not a registry export');
  const isAnsi = header.startsWith('REGEDIT4');
  const keys: { path: string; isDeleted: boolean; values: Map<string, RegistryValue> }[] = [];
  let offset = header.length;
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = offset;
    const match = pattern.exec(text) ?? undefined;
    offset += match?.[0].length ?? 0;
    return match;
  };
  for (;;) {
    take(SKIPPED);
    if (offset === text.length) break;
    const key = take(KEY_LINE);
    if (key !== undefined) {
      keys.push({ path: key[2] ?? '', isDeleted: key[1] === '-', values: new Map() });
      continue;
    }
    const name = take(NAME);
    const data = name === undefined ? undefined : take(DATA);
    const current = keys.at(-1);
    if (name === undefined || data === undefined || current === undefined) throw faultAt(text, offset);
    const value = registryValue(unescaped(name[1] ?? ''), data, isAnsi);
    // Windows does not tell upper and lower case apart; the last line wins, as on import.
    if (value === undefined) current.values.delete(unescaped(name[1] ?? '').toLowerCase());
    else current.values.set(value.name.toLowerCase(), value);
  }
  return keys.filter(({ isDeleted }) => !isDeleted).map(({ path, values }) => ({ path, values: [...values.values()] }));
}

function registryValue(name: string, data: RegExpExecArray, isAnsi: boolean): RegistryValue | undefined {
  const [, deleted, quoted, dword, hexType, hex] = data;
  if (deleted !== undefined) return undefined;
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

function faultAt(text: string, offset: number): UnparsableFile {
  const line = text.slice(0, offset).split('\n').length;
  return new UnparsableFile(`is not a valid registry export, line ${line}`);
}

/** One key with text values, as regedit exports it: UTF-16 with a byte order mark, CRLF. */
export function writeRegistryFile(path: string, values: Readonly<Record<string, string>>): Buffer {
  const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  const lines = Object.entries(values).map(([name, value]) => `"${escaped(name)}"="${escaped(value)}"`);
  const text = [REGISTRY_HEADER, '', `[${path}]`, ...lines, '', ''].join('\r\n');
  return Buffer.from(`\ufeff${text}`, 'utf16le');
}
