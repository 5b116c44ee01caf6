// Every language says everything that English says.
import { describe, expect, it } from 'vitest';
import { LANGUAGES } from '../../../../src/sign-in-page/languages/languages.ts';
import { fill, messagesIn } from '../../../../src/sign-in-page/languages/messages.ts';

/** `a.b.c` and its text, for every text. */
function texts(value: unknown, path: readonly string[] = []): [string, string][] {
  if (typeof value === 'string') return [[path.join('.'), value]];
  return Object.entries(value as object).flatMap(([key, inner]) => texts(inner, [...path, key]));
}

const isPlural = (key: string): boolean => key.startsWith('waiting.remaining.');
const english = new Map(texts(messagesIn('en')));

describe.each(LANGUAGES)('%s', (language) => {
  const translated = texts(messagesIn(language));

  it('has a text for each English one, and no other', () => {
    const keysOf = (all: Iterable<string>) => [...all].filter((key) => !isPlural(key));
    expect(keysOf(translated.map(([key]) => key))).toEqual(keysOf(english.keys()));
  });

  it('has the same placeholders', () => {
    const placeholders = (text = '') => text.match(/\{\w*\}/g) ?? [];
    for (const [key, text] of translated.filter(([name]) => !isPlural(name))) {
      expect([key, placeholders(text)]).toEqual([key, placeholders(english.get(key))]);
    }
  });
});

it('fills in placeholders, and leaves those that have no value', () => {
  expect(fill('{a} and {b}, not {c} or {toString}', { a: '{b}', b: '$&' })).toBe('{b} and $&, not {c} or {toString}');
});
