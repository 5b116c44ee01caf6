import { describe, expect, it } from 'vitest';
import { preferredLanguage } from '../../../../src/sign-in-page/languages/preferred-language.ts';

describe('the language of the page', () => {
  it.each([
    [undefined, 'en'],
    ['', 'en'],
    ['de', 'de'],
    ['de-AT,de;q=0.9,en;q=0.8', 'de'],
    ['fr-CA, fr;q=0.9, en-GB;q=0.8', 'fr'],
    ['el-GR,el;q=0.9,fr;q=0.5,en;q=0.4', 'fr'],
    ['sw', 'en'],
    ['es-MX', 'es'],
    ['pt', 'pt-BR'],
    ['pt-PT', 'pt-BR'],
    ['zh', 'zh-Hans'],
    ['zh-CN', 'zh-Hans'],
    ['zh-SG', 'zh-Hans'],
    ['zh-TW', 'zh-Hant'],
    ['zh-HK,zh;q=0.9', 'zh-Hant'],
    ['zh-Hant-CN', 'zh-Hant'],
    ['zh-Latn-CN,ja;q=0.5', 'ja'],
    ['ar-EG', 'ar'],
    ['JA-jp', 'ja'],
    ['*', 'en'],
    ['en-GB,de;q=0.9', 'en'],
    ['de;q=0,fr;q=0.1', 'fr'],
    [';;;q=,,x', 'en'],
  ])('for %j is %s', (header, language) => {
    expect(preferredLanguage(header)).toBe(language);
  });

  it('is found in a header as long as the server takes', () => {
    expect(preferredLanguage(`${'aa,'.repeat(5_000)}de`)).toBe('de');
  });
});
