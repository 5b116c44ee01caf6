import Negotiator from 'negotiator';
import { LANGUAGES, type Language } from './messages.ts';

/** What the reader's browser asks for (RFC 9110 section 12.5.4); English where it asks for none that exists. */
export function preferredLanguage(acceptLanguage: string | undefined): Language {
  const headers = acceptLanguage === undefined ? {} : { 'accept-language': acceptLanguage };
  const preferred = new Negotiator({ headers }).language([...LANGUAGES]);
  return LANGUAGES.find((language) => language === preferred) ?? 'en';
}
