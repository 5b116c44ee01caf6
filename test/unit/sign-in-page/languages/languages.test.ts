// Every language says everything: the types see to the keys, this to what stands behind them.
import { describe, expect, it } from 'vitest';
import { isPageError } from '../../../../src/core/error-table/error-table.ts';
import type { ErrorCode } from '../../../../src/core/errors.ts';
import { catalogs } from '../../../../src/sign-in-page/languages/catalogs.ts';
import { LANGUAGES } from '../../../../src/sign-in-page/languages/messages.ts';
import { preferredLanguage } from '../../../../src/sign-in-page/languages/preferred-language.ts';

/** The same in every language: names, codes, and what is typed. */
const ALIKE = new Set(['application', 'waiting.codeLabel', 'report.colon', 'report.problem']);

/** `a.b.c` and its text for every text of a catalogue; functions give one for each number of minutes that reads differently. */
function texts(value: unknown, path: readonly string[] = []): [string, string][] {
  if (typeof value === 'string') return [[path.join('.'), value]];
  if (typeof value === 'function')
    return [0, 1, 2].flatMap((minutes) => texts(value(minutes), [...path, `${minutes}`]));
  return Object.entries(value as object).flatMap(([key, inner]) => texts(inner, [...path, key]));
}

/** What a reader in any language must find unchanged: commands and settings (in quotes), options, variables, numbers. */
function literals(text: string): string[] {
  return [...text.matchAll(/"([a-z][^"]*)"|(--[a-z-]+|\b[A-Z_]{6,}\b|\d+)/g)].map(
    ([, quoted, bare]) => quoted ?? bare ?? '',
  );
}

/** English takes the texts of the whole error table. */
const isShown = ([key]: [string, string]): boolean => {
  const [group, code, text] = key.split('.');
  return group !== 'errors' || (isPageError(code as ErrorCode) && (text === 'message' || text === 'hint'));
};

const english = new Map(texts(catalogs.en).filter(isShown));

describe.each(LANGUAGES.filter((language) => language !== 'en'))('%s', (language) => {
  const translated = new Map(texts(catalogs[language]));

  it('has a text for each English one, and no other', () => {
    expect([...translated.keys()].sort()).toEqual([...english.keys()].sort());
  });

  it('leaves nothing in English', () => {
    const same = [...translated].filter(([key, text]) => text === english.get(key) && !ALIKE.has(key));
    expect(same).toEqual([]);
  });

  it('keeps every command, option, setting and number', () => {
    for (const [key, text] of translated) {
      const missing = literals(english.get(key) ?? '').filter((literal) => !text.includes(literal));
      expect([key, missing]).toEqual([key, []]);
    }
  });

  it('has errors in the manner of the English ones: no capital first, no full stop last', () => {
    for (const [key, text] of translated) {
      if (!key.startsWith('errors.')) continue;
      expect([key, text]).toEqual([key, expect.stringMatching(/^(?:[^A-ZÄÖÜÉÀ]|Entra |Sie ).*[^.\s]$/)]);
    }
  });

  it('has neat characters: no straight apostrophe, no double space, and French spaces before high punctuation', () => {
    const untidy = language === 'fr' ? /'| {2}|[^\u00a0][;?!:»]|«[^\u00a0]/ : /'| {2}| [;:?!]/;
    for (const [key, text] of translated) expect([key, text]).toEqual([key, expect.not.stringMatching(untidy)]);
  });
});

describe('the language of the page', () => {
  it.each([
    [undefined, 'en'],
    ['', 'en'],
    ['de', 'de'],
    ['de-AT,de;q=0.9,en;q=0.8', 'de'],
    ['fr-CA, fr;q=0.9, en-GB;q=0.8', 'fr'],
    ['it-IT,it;q=0.9,fr;q=0.5,en;q=0.4', 'fr'],
    ['ja', 'en'],
    ['*', 'en'],
    ['en-GB,de;q=0.9', 'en'],
    ['de;q=0,fr;q=0.1', 'fr'],
    [';;;q=,,x', 'en'],
  ])('for %j is %s', (header, language) => {
    expect(preferredLanguage(header)).toBe(language);
  });

  it('is found in a header as long as the server takes', () => {
    expect(preferredLanguage(`${'a-'.repeat(5_000)},de`)).toBe('de');
  });
});
