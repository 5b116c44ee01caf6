import Negotiator from 'negotiator';
import { LANGUAGES, type Language } from './messages.ts';

/** The available language that the reader's browser prefers (RFC 9110 section 12.5.4); English if there is none. */
export function preferredLanguage(acceptLanguage: string | undefined): Language {
  const headers = acceptLanguage === undefined ? {} : { 'accept-language': acceptLanguage };
  const preferred = new Negotiator({ headers }).language([...LANGUAGES]);
  return LANGUAGES.find((language) => language === preferred) ?? 'en';
}
