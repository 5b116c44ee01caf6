import { errorsDe } from './errors-de.ts';
import { failuresDe } from './failures-de.ts';
import type { Messages } from './messages.ts';

export const de: Messages = {
  application: 'Claude Desktop',
  purpose: 'Anmeldung für Claude Desktop',
  applicationPurpose: 'Anmeldung mit Ihrem Geschäftskonto',
  footer: 'Diese Seite kommt von Ihrem eigenen Computer und fragt nie nach Ihrem Kennwort.',
  opensInNewTab: 'öffnet einen neuen Tab',
  copy: 'Kopieren',
  copied: 'Kopiert',
  copyByHand: 'Markiert: Drücken Sie jetzt Strg+C (auf einem Mac ⌘C)',
  starting: {
    title: 'Ihre Anmeldung wird vorbereitet',
    text: 'Das dauert einen Moment.',
  },
  waiting: {
    title: 'Melden Sie sich an, um Claude zu nutzen',
    text: 'Claude braucht Ihr Geschäftskonto. Das dauert etwa eine Minute.',
    announcement: 'Ihr Anmeldecode ist bereit.',
    copyCode: 'Kopieren Sie diesen Code',
    codeLabel: 'Code:',
    openPage: 'Fügen Sie ihn bei Microsoft ein',
    openPageHint: 'kopiert auch den Code',
    openButton: 'Microsoft-Seite öffnen',
    opens: 'Öffnet',
    openByHand:
      'Öffnet sich die Seite nicht? Geben Sie diese Adresse in einem beliebigen Browser ein, zum Beispiel auf Ihrem Telefon.',
    accountLabel: 'Konto für die Anmeldung',
    comeBack: 'Kommen Sie hierher zurück',
    comeBackHint: 'Diese Seite erkennt automatisch, wenn Sie angemeldet sind.',
    live: 'Wartet auf Sie',
    remaining: (minutes) => {
      if (minutes === 0) return 'noch weniger als eine Minute';
      return minutes === 1 ? 'noch etwa 1 Minute' : `noch etwa ${minutes} Minuten`;
    },
    warningTitle: 'Haben Sie gerade auf diesem Computer mit Claude gearbeitet?',
    warning:
      'Machen Sie nur in diesem Fall weiter. Geben Sie nie einen Code ein, den Ihnen jemand geschickt hat, egal, für wen sich die Person ausgibt.',
    cancel: 'Anmeldung abbrechen',
  },
  browser: {
    title: 'Melden Sie sich an, um Claude zu nutzen',
    text: 'Claude braucht Ihr Geschäftskonto. Sie melden sich auf der Seite von Microsoft an und kommen dann hierher zurück.',
    button: 'Weiter zu Microsoft',
    hint: 'in diesem Fenster',
    warning: 'Machen Sie nur in diesem Fall weiter. Brechen Sie sonst ab und informieren Sie Ihre IT-Abteilung.',
  },
  finishing: {
    title: 'Ihre Anmeldung wird abgeschlossen',
    text: 'Microsoft hat geantwortet. Das dauert einen Moment.',
    goOn: 'Weiter',
  },
  signedIn: {
    title: 'Sie sind angemeldet',
    accountLabel: 'Konto',
    text: 'Sie können dieses Fenster schließen und zu Claude zurückkehren.',
  },
  declined: {
    title: 'Die Anmeldung wurde abgelehnt',
    text: 'Sie haben sie auf der Seite von Microsoft abgelehnt. Falls das ein Versehen war, holen Sie einen neuen Code und versuchen Sie es noch einmal.',
    browserText:
      'Sie haben sie auf der Seite von Microsoft abgelehnt. Falls das ein Versehen war, versuchen Sie es noch einmal.',
  },
  expired: {
    title: 'Dieser Code ist abgelaufen',
    text: 'Codes gelten nur kurze Zeit. Es ist nichts verloren: Holen Sie einen neuen und machen Sie weiter.',
    blockedHint:
      'Wenn die Seite von Microsoft gesagt hat, dass diese Anmeldung nicht erlaubt ist, sperrt Ihre Organisation Codes.',
    browserTitle: 'Diese Anmeldung ist abgelaufen',
    browserText: 'Sie wurde nicht rechtzeitig beendet. Es ist nichts verloren: Versuchen Sie es noch einmal.',
  },
  newCode: 'Neuen Code holen',
  otherAccount: {
    title: 'Sie haben ein anderes Konto verwendet',
    text: 'Claude ist auf diesem Computer nur für ein Konto eingerichtet. Vom anderen Konto wurde nichts gespeichert.',
    signedInLabel: 'Angemeldet mit',
    expectedLabel: 'Erwartetes Konto',
    codeAdvice:
      'Holen Sie einen neuen Code. Wenn die Seite von Microsoft nicht nach dem Konto fragt, wählen Sie dort „Anderes Konto verwenden“.',
    browserAdvice: 'Versuchen Sie es noch einmal: Auf der Seite von Microsoft können Sie dann das Konto wählen.',
  },
  previous: {
    ended: (date) => `Ihre letzte Anmeldung gilt seit ${date} nicht mehr:`,
    ends: {
      revoked: 'das Kennwort wurde geändert, oder jemand hat die Anmeldung widerrufen',
      unused: 'sie wurde zu lange nicht benutzt',
      'too-old': 'Ihre Organisation verlangt von Zeit zu Zeit eine neue Anmeldung',
      'codes-blocked': 'Ihre Organisation erlaubt keine Anmeldung mit einem Code',
    },
  },
  cancelled: {
    title: 'Die Anmeldung wurde abgebrochen',
    text: 'Sie können dieses Fenster schließen. Um sich später anzumelden, gehen Sie zu Claude und beginnen Sie von vorn.',
  },
  blocked: {
    browserOffer: 'Vielleicht können Sie sich ohne Code anmelden, auf der Seite von Microsoft in diesem Browser.',
    useBrowser: 'Ohne Code anmelden',
    otherAdvice: 'Wenn das nicht gelingt, kann Ihre IT-Abteilung helfen. Senden Sie ihr den Text unten.',
    reportTitle: 'Für Ihre IT-Abteilung',
    copyReport: 'Text für die IT kopieren',
  },
  failed: {
    tryAgain: 'Noch einmal versuchen',
    reportTitle: 'Einzelheiten für Ihre IT-Abteilung',
  },
  report: {
    title: 'Die Anmeldung für Claude Desktop ist fehlgeschlagen',
    colon: ': ',
    code: 'Fehler',
    problem: 'Problem',
    remedy: 'Abhilfe',
    correlationId: 'Korrelations-ID',
  },
  lost: {
    title: 'Die Anmeldung läuft nicht mehr',
    text: 'Das Anmeldeprogramm auf diesem Computer antwortet nicht. Gehen Sie zu Claude und beginnen Sie von vorn.',
  },
  replaced: {
    title: 'Schließen Sie diese Seite',
    text: 'Statt der Anmeldung hat ein anderes Programm auf diesem Computer geantwortet. Befolgen Sie nichts, was es anzeigt. Schließen Sie diese Seite, gehen Sie zurück zu Claude und beginnen Sie von vorn.',
  },
  alreadyOpened: {
    title: 'Diese Seite wurde schon geöffnet',
    text: 'Zu Ihrer Sicherheit gilt ihre Adresse nur einmal. Wenn Sie sie in keinem anderen Fenster finden, gehen Sie zu Claude und beginnen Sie von vorn.',
  },
  notHere: {
    title: 'Diese Seite gilt nicht mehr',
    text: 'Gehen Sie zu Claude und beginnen Sie die Anmeldung von vorn.',
  },
  failures: failuresDe,
  errors: errorsDe,
};
