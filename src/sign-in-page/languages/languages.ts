/** The page's languages: BCP 47 tag and direction of writing. `<tag>.json`, next to this file, has the texts of each. */
const DIRECTIONS = {
  en: 'ltr',
  de: 'ltr',
  fr: 'ltr',
  es: 'ltr',
  'pt-BR': 'ltr',
  it: 'ltr',
  nl: 'ltr',
  pl: 'ltr',
  ja: 'ltr',
  ko: 'ltr',
  'zh-Hans': 'ltr',
  'zh-Hant': 'ltr',
  ar: 'rtl',
} as const satisfies Readonly<Record<string, Direction>>;

export type Direction = 'ltr' | 'rtl';

export type Language = keyof typeof DIRECTIONS;

export const LANGUAGES = Object.keys(DIRECTIONS) as readonly Language[];

export function directionOf(language: Language): Direction {
  return DIRECTIONS[language];
}
