// Reads the text that macOS's scutil prints for a dictionary of the system's configuration.

export type ScutilValue = string | readonly ScutilValue[] | ScutilDictionary;
export interface ScutilDictionary {
  readonly [key: string]: ScutilValue | undefined;
}

/** How deep scutil's own output goes is 3; more is nothing it printed. */
const MAX_DEPTH = 16;

/**
 * `<dictionary> {`, one `key : value` a line, `}`; an `<array> {` has numbers for keys. Texts and numbers look alike,
 * and nothing is quoted or escaped, so a value is the rest of its line. Other lines are skipped.
 * Source: `_SCPrint` of https://github.com/apple-oss-distributions/configd, SystemConfiguration.fproj/SCD.c
 */
export function parseScutilDictionary(text: string): ScutilDictionary {
  const lines = text.split(/\r?\n/)[Symbol.iterator]();
  for (const line of lines) {
    if (line.trim() === '<dictionary> {') return dictionary(lines, 0);
  }
  return {};
}

function dictionary(lines: Iterator<string>, depth: number): ScutilDictionary {
  return Object.fromEntries(entries(lines, depth));
}

function entries(lines: Iterator<string>, depth: number): readonly (readonly [string, ScutilValue])[] {
  const found: [string, ScutilValue][] = [];
  for (let next = lines.next(); next.done !== true && next.value.trim() !== '}'; next = lines.next()) {
    const [, key, value = ''] = /^\s*(\S.*?) : ?(.*)$/.exec(next.value) ?? [];
    if (key !== undefined && depth < MAX_DEPTH) found.push([key, parsedValue(value, lines, depth + 1)]);
  }
  return found;
}

function parsedValue(text: string, lines: Iterator<string>, depth: number): ScutilValue {
  if (text === '<dictionary> {') return dictionary(lines, depth);
  if (text === '<array> {') return entries(lines, depth).map(([, value]) => value);
  return text;
}
