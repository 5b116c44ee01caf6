// Reads values as GNOME's gsettings prints them.

export type GVariantValue = string | number | boolean | readonly GVariantValue[];

const TOKEN =
  /\s*(?:@\w+\s*)?(?:(?<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?<mark>[[\],])|(?<word>[^\s[\],'"]+))/suy;
const ESCAPE = /\\(?:u([\da-fA-F]{4})|U([\da-fA-F]{8})|(.))/gs;
const CONTROLS: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' };

/**
 * Texts, integers, booleans, and arrays of them, with an optional type such as `@as []`; the other types of GVariant
 * don't occur in proxy settings. https://docs.gtk.org/glib/gvariant-text-format.html
 * @returns undefined if it's none of these
 */
export function parseGVariant(source: string): GVariantValue | undefined {
  const tokens = tokenized(source);
  const value = tokens && parsed(tokens);
  return tokens?.length === 0 ? value : undefined;
}

type Token = { readonly text?: string; readonly mark?: string; readonly word?: string };

function tokenized(source: string): Token[] | undefined {
  const trimmed = source.trim();
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < trimmed.length) {
    const groups = TOKEN.exec(trimmed)?.groups;
    if (groups === undefined) return undefined;
    tokens.push(groups);
  }
  return tokens;
}

function parsed(tokens: Token[]): GVariantValue | undefined {
  const { text, mark, word } = tokens.shift() ?? {};
  if (text !== undefined) return unescaped(text.slice(1, -1));
  if (mark === '[') return array(tokens);
  if (word === 'true' || word === 'false') return word === 'true';
  return word !== undefined && /^-?\d{1,15}$/.test(word) ? Number(word) : undefined;
}

function array(tokens: Token[]): readonly GVariantValue[] | undefined {
  const items: GVariantValue[] = [];
  while (tokens[0]?.mark !== ']') {
    if (items.length > 0 && tokens.shift()?.mark !== ',') return undefined;
    const item = parsed(tokens);
    if (item === undefined) return undefined;
    items.push(item);
  }
  tokens.shift();
  return items;
}

function unescaped(text: string): string {
  return text.replace(ESCAPE, (_, short?: string, long?: string, character = '') => {
    const code = Number.parseInt(short ?? long ?? '', 16);
    if (Number.isNaN(code)) return CONTROLS[character] ?? character;
    const isCharacter = code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
    return isCharacter ? String.fromCodePoint(code) : '\ufffd';
  });
}
