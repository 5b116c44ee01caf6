import Negotiator from 'negotiator';
import { LANGUAGES, type Language } from './languages.ts';

/** The language of the page that the reader's browser prefers (RFC 9110 section 12.5.4); English if it has none. */
export function preferredLanguage(acceptLanguage: string | undefined): Language {
  const headers = acceptLanguage === undefined ? {} : { 'accept-language': acceptLanguage };
  return languageFor(new Negotiator({ headers }).languages());
}

/**
 * The first of these languages that the page has, or English. Languages match if they're the same language in the same
 * script: Taiwan and Hong Kong read traditional Chinese, and Portugal reads what Brazil reads.
 * @param tags BCP 47 tags, the preferred one first; anything else is skipped
 */
export function languageFor(tags: readonly string[]): Language {
  const languages = new Map(LANGUAGES.map((language) => [languageAndScript(language), language]));
  for (const tag of tags) {
    const found = languages.get(languageAndScript(tag));
    if (found !== undefined) return found;
  }
  return 'en';
}

function languageAndScript(tag: string): string {
  try {
    const { language, script } = new Intl.Locale(tag).maximize();
    return `${language}-${script}`;
  } catch {
    return '';
  }
}
