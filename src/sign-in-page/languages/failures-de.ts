import type { Messages } from './messages.ts';

const ASK_IT = 'Ihre IT-Abteilung kann das beheben. Senden Sie ihr den Text unten.';
const IF_IT_STAYS = 'Bleibt es dabei, senden Sie die Einzelheiten unten an Ihre IT-Abteilung.';
const ORGANIZATION = 'Ihre Organisation muss das erlauben';

export const failuresDe: Messages['failures'] = {
  unexpected: {
    title: 'Die Anmeldung ist fehlgeschlagen',
    text: 'Ein unerwarteter Fehler hat die Anmeldung beendet.',
    advice: `Versuchen Sie es noch einmal. ${IF_IT_STAYS}`,
  },
  setup: {
    title: 'Claude ist nicht richtig eingerichtet',
    text: 'Für die Anmeldung auf diesem Computer oder in Ihrer Organisation fehlt eine Einstellung, oder sie ist falsch.',
    advice: ASK_IT,
  },
  rules: { title: ORGANIZATION, text: 'Die Regeln Ihrer Organisation erlauben diese Anmeldung nicht.', advice: ASK_IT },
  protection: {
    title: ORGANIZATION,
    text: 'Ihre Organisation verlangt einen Schutz, den die Anmeldung von Claude nicht unterstützt.',
    advice: ASK_IT,
  },
  'no-codes': {
    title: ORGANIZATION,
    text: 'Ihre Organisation erlaubt keine Anmeldung mit einem Code.',
    advice: ASK_IT,
  },
  approval: {
    title: ORGANIZATION,
    text: 'In Ihrer Organisation hat noch niemand diese Anmeldung genehmigt.',
    advice: ASK_IT,
  },
  access: { title: ORGANIZATION, text: 'Ihr Konto hat keinen Zugriff auf Claude.', advice: ASK_IT },
  'other-network': {
    title: 'Dieses Netzwerk erlaubt die Anmeldung nicht',
    text: 'In dem Netzwerk, das Sie nutzen, kann man sich nur bei anderen Organisationen anmelden.',
    advice: 'Wechseln Sie in das Netzwerk Ihrer Organisation und versuchen Sie es noch einmal.',
  },
  'other-organization': {
    title: 'Dieses Konto gehört zu einer anderen Organisation',
    text: 'Claude ist auf diesem Computer für eine andere Organisation eingerichtet.',
    advice: 'Versuchen Sie es noch einmal mit Ihrem Geschäftskonto dieser Organisation.',
  },
  'account-off': {
    title: 'Mit diesem Konto ist keine Anmeldung möglich',
    text: 'Das Konto ist deaktiviert, oder Ihre Organisation kennt es nicht.',
    advice:
      'Versuchen Sie es noch einmal mit dem richtigen Geschäftskonto. Ist es das richtige, senden Sie die Einzelheiten unten an Ihre IT-Abteilung.',
  },
  'account-locked': {
    title: 'Mit diesem Konto ist zurzeit keine Anmeldung möglich',
    text: 'Microsoft hat das Konto vorübergehend gesperrt oder lässt Anmeldungen von Ihrem Standort nicht zu.',
    advice: `Warten Sie ein paar Minuten und versuchen Sie es noch einmal. ${IF_IT_STAYS}`,
  },
  'account-changed': {
    title: 'Dieser Benutzername gehört jetzt zu einem anderen Konto',
    text: 'Auf diesem Computer hat sich früher jemand anderes mit demselben Benutzernamen angemeldet.',
    advice: 'Ihre IT-Abteilung muss bestätigen, dass der Name jetzt Ihnen gehört. Senden Sie ihr den Text unten.',
  },
  again: {
    title: 'Melden Sie sich noch einmal an',
    text: 'Microsoft hat die Anmeldung nicht angenommen.',
    advice: `Versuchen Sie es noch einmal. ${IF_IT_STAYS}`,
  },
  offline: {
    title: 'Microsoft ist nicht erreichbar',
    text: 'Die Verbindung zur Anmeldung von Microsoft ist fehlgeschlagen.',
    advice:
      'Prüfen Sie, ob dieser Computer online ist und, falls Ihre Organisation ein VPN nutzt, ob es verbunden ist. Versuchen Sie es dann noch einmal.',
  },
  busy: {
    title: 'Die Anmeldung von Microsoft ist ausgelastet',
    text: 'Bei Microsoft melden sich gerade zu viele Personen an.',
    advice: 'Warten Sie eine Minute und versuchen Sie es noch einmal.',
  },
  'network-sign-in': {
    title: 'Vielleicht verlangt dieses Netzwerk zuerst eine Anmeldung',
    text: 'Statt Microsoft hat etwas im Netzwerk geantwortet, zum Beispiel die Startseite eines Gäste-WLANs.',
    advice:
      'Öffnen Sie im Browser eine beliebige Website und melden Sie sich im Netzwerk an, wenn es danach fragt. Versuchen Sie es dann noch einmal.',
  },
  'network-blocks': {
    title: 'Das Netzwerk blockiert die Anmeldung von Microsoft',
    text: 'Das Netzwerk, das Sie nutzen, hat die Verbindung zu Microsoft abgelehnt.',
    advice:
      'Versuchen Sie es in einem anderen Netzwerk noch einmal. Ist es das Netzwerk Ihrer Organisation, senden Sie die Einzelheiten unten an Ihre IT-Abteilung.',
  },
  'network-password': {
    title: 'Das Netzwerk verlangt ein eigenes Kennwort',
    text: 'Das Netzwerk Ihrer Organisation hat diesen Computer nicht zu Microsoft durchgelassen.',
    advice:
      'Senden Sie die Einzelheiten unten an Ihre IT-Abteilung, oder versuchen Sie es in einem anderen Netzwerk noch einmal.',
  },
  insecure: {
    title: 'Die Verbindung ist nicht sicher',
    text: 'Dieser Computer vertraut der Verbindung zu Microsoft nicht; deshalb wurde nichts gesendet.',
    advice: `Melden Sie sich in einem Gäste-WLAN zuerst im Netzwerk an. Prüfen Sie Datum und Uhrzeit dieses Computers. Versuchen Sie es dann noch einmal. ${IF_IT_STAYS}`,
  },
  'mixed-up': {
    title: 'Die Antwort war für jemand anderen',
    text: 'Die Antwort von Microsoft galt für eine andere Organisation oder Person und wurde nicht verwendet.',
    advice: `Versuchen Sie es noch einmal. ${IF_IT_STAYS}`,
  },
};
