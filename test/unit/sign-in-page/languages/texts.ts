import { readFileSync } from 'node:fs';
import type { Language } from '../../../../src/sign-in-page/languages/languages.ts';

/** A text's key, for example `waiting.title`, and the text. */
export type Text = readonly [key: string, text: string];

/** Where the languages' files are. */
export const FOLDER = new URL('../../../../src/sign-in-page/languages/', import.meta.url);

/** A language's file, as it's written. */
export function fileOf(language: Language): string {
  return readFileSync(new URL(`${language}.json`, FOLDER), 'utf8');
}

/** All texts of a language, in the order of its file. */
export function textsOf(language: Language): readonly Text[] {
  return flatten(JSON.parse(fileOf(language)), []);
}

/** The texts that match, with their keys and what matched. */
export function having(texts: readonly Text[], pattern: RegExp): [key: string, found: string, text: string][] {
  return texts.flatMap(([key, text]) => {
    const found = pattern.exec(text);
    return found === null ? [] : [[key, found[0], text]];
  });
}

/** A text's width in Latin letters: Chinese, Japanese, and Korean characters are twice as wide. */
export function width(text: string): number {
  return text.length + (text.match(/[\p{Script=Han}\p{Script=Kana}\p{Script=Hira}\p{Script=Hangul}]/gu) ?? []).length;
}

function flatten(value: unknown, path: readonly string[]): Text[] {
  if (typeof value === 'string') return [[path.join('.'), value]];
  return Object.entries(value as object).flatMap(([key, inner]) => flatten(inner, [...path, key]));
}
