// Reads the groups of KDE's configuration files, from the system's to the user's own.

/** A value, and whether KDE would put environment variables or a command's output into it. */
export interface KdeEntry {
  readonly value: string;
  readonly isExpanded: boolean;
}

interface Layer {
  readonly entries: Map<string, KdeEntry>;
  readonly fixed: Set<string>;
  isFixed: boolean;
}

const ESCAPES: Readonly<Record<string, string>> = { s: ' ', t: '\t', n: '\n', r: '\r' };

/**
 * One group of `files`, the system's first: each may change what's before it, except for keys, groups, or files that an
 * admin marked `[$i]`, immutable. `[$d]` deletes a key, `[$e]` asks for expansion, and translations, `Key[de]`, are
 * passed over. https://develop.kde.org/docs/features/configuration/kconfig/ and src/core/kconfigini.cpp of KConfig
 */
export function readKdeGroup(files: readonly string[], group: string): ReadonlyMap<string, KdeEntry> {
  const layer: Layer = { entries: new Map(), fixed: new Set(), isFixed: false };
  for (const file of files) {
    if (!layer.isFixed) readFile(file, group, layer);
  }
  return layer.entries;
}

function readFile(text: string, group: string, layer: Layer): void {
  let isInGroup = false;
  // A mark on a file or group is in force from the next file on.
  let isFixed = false;
  const before = new Set(layer.fixed);
  for (const line of text.split(/\r?\n/).map((raw) => raw.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    const header = /^((?:\[[^\]]*\])+)/.exec(line)?.[1];
    if (header === undefined) {
      if (isInGroup) readEntry(line, layer, before);
      continue;
    }
    const marked = header.endsWith('[$i]');
    const name = marked ? header.slice(0, -'[$i]'.length) : header;
    isInGroup = name === `[${group}]`;
    if (marked && (isInGroup || name === '')) isFixed = true;
  }
  layer.isFixed ||= isFixed;
}

function readEntry(line: string, layer: Layer, fixedBefore: ReadonlySet<string>): void {
  const [, key = '', marks = '', value] = /^([^=[]*)((?:\[[^\]]*\])*)\s*(?:=\s*(.*))?$/s.exec(line) ?? [];
  const name = key.trim();
  const flags = /^\[\$(\w+)\]$/.exec(marks)?.[1] ?? '';
  if (name === '' || fixedBefore.has(name) || (marks !== '' && flags === '')) return;
  if (flags.includes('i')) layer.fixed.add(name);
  if (flags.includes('d')) layer.entries.delete(name);
  else if (value !== undefined) layer.entries.set(name, { value: unescaped(value), isExpanded: flags.includes('e') });
}

const unescaped = (value: string): string =>
  value.replace(/\\(?:x([0-9a-f]{2})|(.))/gis, (_, hex?: string, character = '') =>
    hex === undefined ? (ESCAPES[character] ?? character) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
