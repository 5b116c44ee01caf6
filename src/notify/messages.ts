// The notification's text in the computer's language.
import { dateWithWeekday, fill, notificationTexts } from '../sign-in-page/languages/messages.ts';
import { languageFor } from '../sign-in-page/languages/preferred-language.ts';
import type { Notification } from './notification-command.ts';

/** @param locale a BCP 47 tag, for example `de-AT`; default: the computer's */
export function signInEndedMessage(username: string, locale?: string): Notification {
  const { title, body, action, otherwise } = notificationTexts(locale).ended;
  return { title, body: fill(body, { account: username }), action, otherwise };
}

/**
 * @param at when the sign-in will end, in epoch milliseconds
 * @param isPassword whether it ends because the password expires
 * @param locale as for `signInEndedMessage`
 */
export function signInEndingMessage(at: number, isPassword: boolean, locale = computersLocale()): Notification {
  const { ending, passwordEnding } = notificationTexts(locale);
  const date = dateWithWeekday(at, languageFor([locale]));
  const { title, body } = isPassword ? passwordEnding : ending;
  return { ...ending, title, body: fill(body, { date }) };
}

/** @param locale as for `signInEndedMessage` */
export function waitingMessage(locale?: string): Notification {
  return notificationTexts(locale).waiting;
}

function computersLocale(): string {
  return Intl.DateTimeFormat().resolvedOptions().locale;
}
