// What JSON.parse doesn't report: where a file's keys are, which of them are repeated, and whether it has comments.
import { createScanner } from 'jsonc-parser';

export interface JsonKeyPlace {
  /** The keys that lead to it and its own, joined by dots. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
}

/** Deeper than any setting is nested. */
const MAX_DEPTH = 8;

/** Of jsonc-parser's `const enum SyntaxKind`, which a file that is compiled on its own can't use. */
const TOKEN = { openBrace: 1, closeBrace: 2, openBracket: 3, closeBracket: 4, colon: 6, string: 10, end: 17 } as const;
const COMMENTS: readonly number[] = [12, 13];

/**
 * The keys of a JSON text in its order, without those inside arrays. Not recursive: brackets can't exhaust the stack.
 */
export function jsonKeyPlaces(text: string): readonly JsonKeyPlace[] {
  const scanner = createScanner(text, true);
  const places: JsonKeyPlace[] = [];
  /** The key of each open object; `undefined` for an array. */
  const open: (string | undefined)[] = [];
  let key = '';
  let line = 0;
  for (let token: number = scanner.scan(); token !== TOKEN.end; token = scanner.scan()) {
    if (token === TOKEN.string) {
      key = scanner.getTokenValue();
      line = scanner.getTokenStartLine() + 1;
    } else if (token === TOKEN.colon && open.length <= MAX_DEPTH && !open.includes(undefined)) {
      places.push({ path: [...open.slice(1), key].join('.'), line });
    } else if (token === TOKEN.openBrace) open.push(key);
    else if (token === TOKEN.openBracket) open.push(undefined);
    else if (token === TOKEN.closeBrace || token === TOKEN.closeBracket) open.pop();
  }
  return places;
}

/**
 * The same text with spaces in place of comments, so that everything else stays where it was, which jsonc-parser's own
 * `stripComments` doesn't do.
 */
export function blankComments(text: string): string {
  const scanner = createScanner(text, false);
  const parts: string[] = [];
  for (let token: number = scanner.scan(); token !== TOKEN.end; token = scanner.scan()) {
    const part = text.slice(scanner.getTokenOffset(), scanner.getPosition());
    parts.push(COMMENTS.includes(token) ? part.replaceAll(/[^\r\n]/g, ' ') : part);
  }
  return parts.join('');
}
