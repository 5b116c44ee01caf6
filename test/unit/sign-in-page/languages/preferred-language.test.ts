import { describe, expect, it } from 'vitest';
import { preferredLanguage } from '../../../../src/sign-in-page/languages/preferred-language.ts';

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
