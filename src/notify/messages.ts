// The notification's text in the computer's language.
import { fill, notificationTexts } from '../sign-in-page/languages/messages.ts';
import type { Notification } from './notification-command.ts';

/** @param locale a BCP 47 tag, for example `de-AT`; default: the computer's */
export function signInEndedMessage(username: string, locale?: string): Notification {
  const { title, body, action, otherwise } = notificationTexts(locale).ended;
  return { title, body: fill(body, { account: username }), action, otherwise };
}

/** @param locale as for `signInEndedMessage` */
export function waitingMessage(locale?: string): Notification {
  return notificationTexts(locale).waiting;
}
