// Every language has its own script, quotation marks, punctuation, and spaces. What's listed is wrong.
import { describe, expect, it } from 'vitest';
import { LANGUAGES, type Language } from '../../../../src/sign-in-page/languages/languages.ts';
import { having, textsOf } from './texts.ts';

interface Typography {
  /** What's right before and after a quotation. */
  readonly quotes: readonly [before: string, after: string];
  /** Letters that each text has, apart from the product's name. */
  readonly script: RegExp;
  /** What no text has. */
  readonly never: readonly RegExp[];
}

const LATIN = /\p{Script=Latin}/u;
const HAN_OR_KANA = /[\p{Script=Han}\p{Script=Hira}\p{Script=Kana}ー]/u;
const LETTER = HAN_OR_KANA.source;

const SPACE_BEFORE_PUNCTUATION = /\s[.,;:?!…)]|\(\s/;
const OTHER_THAN_LATIN = /[\p{Script=Han}\p{Script=Hira}\p{Script=Kana}\p{Script=Hangul}\p{Script=Arabic}]/u;
const FULL_WIDTH = /[、。，；：？！（）]/;
const TRADITIONAL_ONLY = /[帳頁電請關閉開啟連線網無這個為錄碼複製腦動]/;
const SIMPLIFIED_ONLY = /[帐页电请关闭开启连线网无这个为录码复制脑动]/;

/** Chinese and Japanese have full-width punctuation, and a space between their letters and others, except in dates. */
const NEVER_IN_CHINESE_OR_JAPANESE = [
  /[.,;:?!()](?!\w)/,
  /[、。，；：？！（）「」]\s|\s[、。，；：？！（）「」]/,
  new RegExp(`${LETTER}(?:[\\w⌘]|\\{(?!date))`, 'u'),
  new RegExp(`(?:\\w|(?<!\\{date)\\})${LETTER}`, 'u'),
  /[\p{Script=Hangul}\p{Script=Arabic}]/u,
];

const NEVER_IN_LATIN = [SPACE_BEFORE_PUNCTUATION, OTHER_THAN_LATIN];

const TYPOGRAPHY: Readonly<Record<Language, Typography>> = {
  en: { quotes: ['“', '”'], script: LATIN, never: NEVER_IN_LATIN },
  de: { quotes: ['„', '“'], script: LATIN, never: NEVER_IN_LATIN },
  // No-break spaces before high punctuation and inside of quotation marks.
  fr: { quotes: ['«\u00a0', '\u00a0»'], script: LATIN, never: [/\s[.,…)]|\(\s|[^\u00a0][;:?!]/, OTHER_THAN_LATIN] },
  es: { quotes: ['“', '”'], script: LATIN, never: [...NEVER_IN_LATIN, /^[^¿]*[?]|^[^¡]*!/] },
  'pt-BR': { quotes: ['“', '”'], script: LATIN, never: NEVER_IN_LATIN },
  it: { quotes: ['“', '”'], script: LATIN, never: NEVER_IN_LATIN },
  nl: { quotes: ['“', '”'], script: LATIN, never: NEVER_IN_LATIN },
  pl: { quotes: ['„', '”'], script: LATIN, never: NEVER_IN_LATIN },
  ja: { quotes: ['「', '」'], script: HAN_OR_KANA, never: NEVER_IN_CHINESE_OR_JAPANESE },
  ko: { quotes: ['“', '”'], script: /\p{Script=Hangul}/u, never: [SPACE_BEFORE_PUNCTUATION, FULL_WIDTH, HAN_OR_KANA] },
  'zh-Hans': { quotes: ['“', '”'], script: HAN_OR_KANA, never: [...NEVER_IN_CHINESE_OR_JAPANESE, TRADITIONAL_ONLY] },
  'zh-Hant': { quotes: ['「', '」'], script: HAN_OR_KANA, never: [...NEVER_IN_CHINESE_OR_JAPANESE, SIMPLIFIED_ONLY] },
  ar: { quotes: ['«', '»'], script: /\p{Script=Arabic}/u, never: [/[,;?]/, /\s[.،؛؟:!)]/, HAN_OR_KANA] },
};

const QUOTATION_MARK = /["„“”«»「」『』‹›‚‘]/;

describe.each(LANGUAGES)('%s', (language) => {
  const { quotes, script, never } = TYPOGRAPHY[language];
  const texts = textsOf(language);

  it('has no typewriter quotes, three dots, or double spaces', () => {
    expect(having(texts, /['"`´]|\.\.\.|\s{2}|[\t\n]/)).toEqual([]);
  });

  it('has its own quotation marks, and those in pairs', () => {
    const [before, after] = quotes;
    const inside = `[^${before}${after}]`;
    const quotation = new RegExp(`${before}(?!\\s)${inside}+(?<!\\s)${after}`, 'g');
    expect(new Map(texts).get('otherAccount.codeAdvice')).toMatch(quotation);
    const rest = texts.map(([key, text]) => [key, text.replaceAll(quotation, '')] as const);
    expect(having(rest, QUOTATION_MARK)).toEqual([]);
  });

  it('has its own punctuation and spaces', () => {
    expect(never.flatMap((pattern) => having(texts, pattern))).toEqual([]);
  });

  it('is written in its own script', () => {
    expect(texts.filter(([key, text]) => key !== 'application' && !script.test(text))).toEqual([]);
  });
});
