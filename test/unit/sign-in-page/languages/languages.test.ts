// Every language says everything that English says, and nothing that only an admin knows. What's listed is wrong.
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LANGUAGES, type Language } from '../../../../src/sign-in-page/languages/languages.ts';
import { fill } from '../../../../src/sign-in-page/languages/messages.ts';
import { FOLDER, fileOf, having, type Text, textsOf, width } from './texts.ts';

/** Texts that may be the same as in English. */
const SAME_AS_ENGLISH: Readonly<Partial<Record<Language, readonly string[]>>> = {
  it: ['signedIn.accountLabel'],
  nl: ['signedIn.accountLabel'],
};

/** English words that no other language has. */
const ENGLISH = /\b(?:the|your|you|with|again|below|try|sign[- ]in|isn’t|couldn’t)\b/i;

/** Names that no language translates. */
const NAMES = /Claude(?: Desktop)?|Microsoft|VPN|⌘C/g;

/** Parts of the program, and what only an admin or a developer knows. */
const TECHNICAL =
  /\b(?:[Aa]gent|[Hh]elper|[Ff]oundry|[Kk]ey(?:store|chain)|[Tt]okens?|[Cc]onfig|[Pp]roxy|[Tt]enant|[Tt]erminal|Entra|Azure|OAuth|TLS|SSL|DNS|HTTPS?|URL|JSON|CLI)\b|AADSTS|ERR_|--\w/;

/** The same in the language's own words: certificate, command, policy, setting, and so on. */
const TECHNICAL_WORDS: Readonly<Record<Language, RegExp>> = {
  en: /certificate|command|policy|setting/i,
  de: /Zertifikat|Befehl|Mandant|Richtlinie|Einstellung|Konfiguration/i,
  fr: /jeton|certificat|commande|locataire|stratégie|paramètre/i,
  es: /certificado|comando|inquilino|directiva|parámetro/i,
  'pt-BR': /certificado|comando|locatário|política|parâmetro/i,
  it: /certificato|comando|criteri\b|impostazion/i,
  nl: /certificaat|opdracht|beleid|instelling/i,
  pl: /certyfikat|polece|dzierżaw|ustawieni/i,
  ja: /トークン|証明書|コマンド|テナント|ポリシー|プロキシ|エージェント/,
  ko: /토큰|인증서|명령|테넌트|정책|프록시|에이전트/,
  'zh-Hans': /令牌|证书|命令|租户|策略|代理/,
  'zh-Hant': /權杖|憑證|命令|租用戶|原則|代理/,
  ar: /الرمز المميز|شهادة|الأوامر|مستأجر|نهج|وكيل/,
};

/** How wide each button's text may be, in Latin letters. */
const BUTTONS: Readonly<Record<string, number>> = {
  copy: 16,
  copied: 16,
  tryAgain: 24,
  newCode: 28,
  cancel: 28,
  openClaude: 24,
  'waiting.openButton': 42,
  'waiting.openButtonByHand': 36,
  'browser.button': 36,
  'finishing.goOn': 16,
  'withoutCode.button': 28,
  'inBrowser.button': 34,
  'details.copy': 26,
  'ending.button': 32,
  'ending.later': 16,
  'notification.ended.action': 16,
  'notification.ending.action': 16,
  'notification.waiting.action': 16,
};

const english = textsOf('en');
const isPlural = ([key]: Text): boolean => key.startsWith('waiting.remaining.');
const singular = english.filter((text) => !isPlural(text));

it('has a file for every language, and no other', () => {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
  expect(files.sort()).toEqual(LANGUAGES.map((language) => `${language}.json`).sort());
});

describe.each(LANGUAGES)('%s', (language) => {
  const texts = textsOf(language);
  const byKey = new Map(texts);
  const textFor = ([key]: Text): string => byKey.get(key) ?? '';

  it('has a text for each English one in the same order, and no other', () => {
    const keysOf = (all: readonly Text[]) => all.filter((text) => !isPlural(text)).map(([key]) => key);
    expect(keysOf(texts)).toEqual(keysOf(english));
  });

  it('is a file with two spaces for each level, and each key once', () => {
    const file = fileOf(language);
    expect(file.split('\n')).toEqual(`${JSON.stringify(JSON.parse(file), null, 2)}\n`.split('\n'));
  });

  it('has the same placeholders as English', () => {
    const wrong = singular.filter((text) => `${placeholders(textFor(text))}` !== `${placeholders(text[1])}`);
    expect(wrong.map((text) => [text[0], textFor(text)])).toEqual([]);
  });

  it('has the plurals that the language distinguishes', () => {
    const categories = texts.filter(isPlural).map(([key]) => key.replace('waiting.remaining.', ''));
    expect(categories).toEqual(['lessThanOne', ...new Intl.PluralRules(language).resolvedOptions().pluralCategories]);
  });

  it('says how many minutes are left, where the words alone don’t', () => {
    const told = (key: string) => key.endsWith('.lessThanOne') || isOneNumber(language, key.split('.').at(-1));
    const needed = texts.filter((text) => isPlural(text) && !told(text[0]));
    expect(needed.filter(([, text]) => `${placeholders(text)}` !== '{minutes}')).toEqual([]);
  });

  it('has no empty text, and none with space around it', () => {
    expect(having(texts, /^$|^\s|\s$/)).toEqual([]);
  });

  it('keeps names', () => {
    const lost = singular.flatMap((text) =>
      (text[1].match(NAMES) ?? [])
        .filter((name) => !textFor(text).includes(name))
        .map((name) => [text[0], name, textFor(text)]),
    );
    expect(lost).toEqual([]);
  });

  it('mentions nothing that only an admin or a developer knows', () => {
    expect(having(texts, TECHNICAL)).toEqual([]);
    expect(having(texts, TECHNICAL_WORDS[language])).toEqual([]);
  });

  it('has short buttons', () => {
    const limits = Object.entries(BUTTONS).map(([key, limit]) => ({ key, limit, text: byKey.get(key) ?? '' }));
    expect(limits.filter(({ text, limit }) => text === '' || width(text) > limit)).toEqual([]);
  });
});

describe.each(LANGUAGES.filter((language) => language !== 'en'))('%s', (language) => {
  it('leaves nothing in English', () => {
    const texts = textsOf(language);
    const allowed = ['application', ...(SAME_AS_ENGLISH[language] ?? [])];
    const source = new Map(english);
    expect(texts.filter(([key, text]) => source.get(key) === text && !allowed.includes(key))).toEqual([]);
    expect(having(texts, ENGLISH)).toEqual([]);
  });
});

it('fills in placeholders, and leaves those that have no value', () => {
  expect(fill('{a} and {b}, not {c} or {toString}', { a: '{b}', b: '$&' })).toBe('{b} and $&, not {c} or {toString}');
});

function placeholders(text: string): string[] {
  return (text.match(/\{\w*\}/g) ?? []).sort();
}

/** Whether this plural is used for a single number, which words can say: Arabic has a word for "two minutes". */
function isOneNumber(language: Language, category: string | undefined): boolean {
  const rules = new Intl.PluralRules(language);
  const numbers = Array.from({ length: 1_000 }, (_, number) => number);
  return numbers.filter((number) => rules.select(number) === category).length === 1;
}
