// The texts that people see: one JSON file for each language, all with the keys of en.json. In the binary, they're
// assets, so a language costs no memory until it's shown.
import { readFileSync } from 'node:fs';
import { isPackaged, readAsset } from '../../platform/packaged.ts';
import type en from './en.json';
import type { Language } from './languages.ts';
import { languageFor } from './preferred-language.ts';

type English = typeof en;
type Waiting = English['waiting'];

/** Categories of Intl.PluralRules. A language has those that it distinguishes, and always `other`. */
export type Plurals = Readonly<Partial<Record<Intl.LDMLPluralRule, string>>> & { readonly other: string };

export interface Messages extends Readonly<Omit<English, 'waiting'>> {
  readonly waiting: Readonly<Omit<Waiting, 'remaining'>> & {
    readonly remaining: Plurals & { readonly lessThanOne: string };
  };
}

export type NotificationTexts = English['notification'];

const loaded = new Map<Language, Messages>();

/**
 * The texts in this language, which are read when they're first needed.
 * @throws Error if the program doesn't have them, which is a fault of the build
 */
export function messagesIn(language: Language): Messages {
  const messages = loaded.get(language) ?? (JSON.parse(readTexts(language)) as Messages);
  loaded.set(language, messages);
  return messages;
}

/** The desktop notifications' texts. @param locale BCP 47 tag, for example `de-AT`; default: the computer's */
export function notificationTexts(
  locale: string = Intl.DateTimeFormat().resolvedOptions().locale,
): Readonly<NotificationTexts> {
  return messagesIn(languageFor([locale])).notification;
}

/** A moment in the next days, as people say it: the day of the week and the time. @param at epoch milliseconds */
export function dateWithWeekday(at: number, language: string): string {
  const parts = { weekday: 'long', month: 'long', day: 'numeric', hour: 'numeric', minute: '2-digit' } as const;
  return new Intl.DateTimeFormat(language, parts).format(at);
}

/** Replaces each `{name}` in a text. A name without a value stays as it is. */
export function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (placeholder, name: string) =>
    Object.hasOwn(values, name) ? `${values[name]}` : placeholder,
  );
}

/** The asset that has a language's texts. */
export function textAsset(language: Language): string {
  return `texts-${language}.json`;
}

function readTexts(language: Language): string {
  if (!isPackaged()) return readFileSync(new URL(`./${language}.json`, import.meta.url), 'utf8');
  const texts = readAsset(textAsset(language));
  if (texts === undefined) throw new Error(`${textAsset(language)} is missing from this program`);
  return texts.toString('utf8');
}
