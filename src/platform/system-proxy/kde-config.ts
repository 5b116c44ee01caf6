// Reads the groups of KDE's configuration files, from the system's to the user's own.

/** A value, and whether KDE would put environment variables or a command's output into it. */
export interface KdeEntry {
  readonly value: string;
  readonly isExpanded: boolean;
}

interface Layer {
  readonly entries: Map<string, KdeEntry>;
  /** Keys that nothing may change anymore. */
  readonly fixed: Set<string>;
  isGroupFixed: boolean;
}

/** Commas and semicolons are escaped in lists only, which keep the backslash. */
const ESCAPES: Readonly<Record<string, string>> = {
  ...{ s: ' ', t: '\t', n: '\n', r: '\r', '\\': '\\' },
  ...{ ',': '\\,', ';': '\\;' },
};

/**
 * One group of `files`, the least important one first: each may change what's before it, except for what an admin marked
 * `[$i]`, immutable. That's a key, a group, or a file; nothing can be added to the last two either. `[$d]` deletes a
 * key, `[$e]` asks for expansion, and translations, `Key[de]`, are passed over.
 * https://develop.kde.org/docs/features/configuration/kconfig/ and src/core/kconfigini.cpp of KConfig
 */
export function readKdeGroup(group: string, files: readonly string[]): ReadonlyMap<string, KdeEntry> {
  const layer: Layer = { entries: new Map(), fixed: new Set(), isGroupFixed: false };
  for (const file of files) {
    if (!layer.isGroupFixed) readFile(file, group, layer);
  }
  return layer.entries;
}

function readFile(text: string, group: string, layer: Layer): void {
  let isInGroup = false;
  let isFileFixed = false;
  let isFixed = false;
  for (const line of text.split(/\r?\n/).map((raw) => raw.trim())) {
    const header = /^(?:\[[^\]]*\])+/.exec(line)?.[0];
    if (header === undefined) {
      if (isInGroup && !line.startsWith('#')) readEntry(line, layer, isFixed);
      continue;
    }
    const isMarked = header.endsWith('[$i]');
    const name = isMarked ? header.slice(0, -'[$i]'.length) : header;
    isInGroup = name === `[${group}]`;
    isFileFixed ||= isMarked && name === '';
    isFixed = isFileFixed || isMarked;
    if (isInGroup && isFixed) layer.isGroupFixed = true;
  }
}

function readEntry(line: string, { entries, fixed }: Layer, isFixed: boolean): void {
  const [, key = '', marks = '', value] = /^([^=[]*)((?:\[[^\]]*\])*)\s*(?:=\s*(.*))?$/s.exec(line) ?? [];
  const name = key.trim();
  // KConfig reads the marks up to the `d`.
  const [, flags = '', deletion] = /^\[\$(\w*?)(d\w*)?\]$/.exec(marks) ?? [];
  const isDeleted = deletion !== undefined;
  const isTranslation = marks !== '' && flags === '' && !isDeleted;
  if (name === '' || fixed.has(name) || isTranslation || (value === undefined && !isDeleted)) return;
  if (flags.includes('i') || (isFixed && !isDeleted)) fixed.add(name);
  if (isDeleted) entries.delete(name);
  else entries.set(name, { value: unescaped(value ?? ''), isExpanded: flags.includes('e') });
}

function unescaped(value: string): string {
  return value.replace(/\\(?:x([0-9a-f]{2})|(.)|$)/gis, (_, hex?: string, character?: string) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    return character === undefined ? '' : (ESCAPES[character] ?? '\\');
  });
}
