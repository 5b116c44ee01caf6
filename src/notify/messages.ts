// The notification's text in the computer's language.
import type { Notification } from './notification-command.ts';

type Text = (username: string) => Notification;

const en: Text = (username) => ({
  title: 'Claude needs you to sign in again',
  body: `The sign-in of ${username} has expired or was revoked.`,
  action: 'Sign in',
  otherwise: 'Start a session in Claude Desktop to do so.',
});

const others: Readonly<Record<string, Text>> = {
  de: (username) => ({
    title: 'Claude braucht Ihre Anmeldung',
    body: `Die Anmeldung von ${username} ist abgelaufen oder wurde widerrufen.`,
    action: 'Anmelden',
    otherwise: 'Starten Sie dafür eine Sitzung in Claude Desktop.',
  }),
  fr: (username) => ({
    title: 'Claude vous demande de vous reconnecter',
    body: `La connexion de ${username} a expiré ou a été révoquée.`,
    action: 'Se connecter',
    otherwise: 'Pour cela, démarrez une session dans Claude Desktop.',
  }),
};

/** @param locale a BCP 47 tag, for example `de-AT`; default: the computer's. Other languages get English */
export function signInEndedMessage(
  username: string,
  locale: string = Intl.DateTimeFormat().resolvedOptions().locale,
): Notification {
  const [language = ''] = locale.toLowerCase().split('-');
  return (others[language] ?? en)(username);
}
