import { errorsFr } from './errors-fr.ts';
import { failuresFr } from './failures-fr.ts';
import type { Messages } from './messages.ts';

export const fr: Messages = {
  application: 'Claude Desktop',
  purpose: 'Connexion pour Claude Desktop',
  applicationPurpose: 'Connexion avec votre compte professionnel',
  footer: 'Cette page vient de votre propre ordinateur et ne demande jamais votre mot de passe.',
  opensInNewTab: 's’ouvre dans un nouvel onglet',
  copy: 'Copier',
  copied: 'Copié',
  copyByHand: 'Sélectionné\u00a0: appuyez maintenant sur Ctrl+C (sur un Mac ⌘C)',
  starting: {
    title: 'Préparation de votre connexion',
    text: 'Cela prend un instant.',
  },
  waiting: {
    title: 'Connectez-vous pour utiliser Claude',
    text: 'Claude a besoin de votre compte professionnel. Cela prend environ une minute.',
    announcement: 'Votre code de connexion est prêt.',
    copyCode: 'Copiez ce code',
    codeLabel: 'Code\u00a0:',
    openPage: 'Collez-le sur la page de Microsoft',
    openPageHint: 'copie aussi le code',
    openButton: 'Ouvrir la page de Microsoft',
    opens: 'Ouvre',
    openByHand:
      'La page ne s’ouvre pas\u00a0? Saisissez cette adresse dans n’importe quel navigateur, par exemple sur votre téléphone.',
    accountLabel: 'Compte à utiliser',
    comeBack: 'Revenez ici',
    comeBackHint: 'Cette page se met à jour automatiquement.',
    live: 'En attente',
    remaining: (minutes) => {
      if (minutes === 0) return 'il reste moins d’une minute';
      return minutes === 1 ? 'il reste environ 1 minute' : `il reste environ ${minutes} minutes`;
    },
    warningTitle: 'Utilisiez-vous Claude sur cet ordinateur à l’instant\u00a0?',
    warning:
      'Ne continuez que dans ce cas. N’entrez jamais un code que quelqu’un vous a envoyé, qui que cette personne prétende être.',
    cancel: 'Annuler la connexion',
  },
  browser: {
    title: 'Connectez-vous pour utiliser Claude',
    text: 'Claude a besoin de votre compte professionnel. Vous vous connectez sur la page de Microsoft, puis vous revenez ici.',
    button: 'Continuer vers Microsoft',
    hint: 'dans cette fenêtre',
    warning: 'Ne continuez que dans ce cas. Sinon, annulez et prévenez votre service informatique.',
  },
  finishing: {
    title: 'Finalisation de votre connexion',
    text: 'Microsoft a répondu. Cela prend un instant.',
    goOn: 'Continuer',
  },
  signedIn: {
    title: 'La connexion a réussi',
    accountLabel: 'Compte',
    text: 'Vous pouvez fermer cette fenêtre et revenir à Claude.',
  },
  declined: {
    title: 'La connexion a été refusée',
    text: 'Vous l’avez refusée sur la page de Microsoft. Si ce n’était pas voulu, demandez un nouveau code et réessayez.',
    browserText: 'Vous l’avez refusée sur la page de Microsoft. Si ce n’était pas voulu, réessayez.',
  },
  expired: {
    title: 'Ce code a expiré',
    text: 'Les codes ne sont valables que peu de temps. Rien n’est perdu\u00a0: demandez-en un nouveau et continuez.',
    blockedHint:
      'Si la page de Microsoft a indiqué que cette connexion n’est pas autorisée, votre organisation bloque les codes.',
    browserTitle: 'Cette connexion a expiré',
    browserText: 'Elle n’a pas été terminée à temps. Rien n’est perdu\u00a0: réessayez.',
  },
  newCode: 'Obtenir un nouveau code',
  otherAccount: {
    title: 'Vous avez utilisé un autre compte',
    text: 'Sur cet ordinateur, Claude n’est configuré que pour un seul compte. Aucune donnée de l’autre compte n’a été conservée.',
    signedInLabel: 'Connecté avec',
    expectedLabel: 'Compte attendu',
    codeAdvice:
      'Obtenez un nouveau code. Si la page de Microsoft ne vous demande pas quel compte utiliser, choisissez «\u00a0Utiliser un autre compte\u00a0».',
    browserAdvice: 'Réessayez\u00a0: la page de Microsoft vous laisse alors choisir le compte.',
  },
  previous: {
    ended: (date) => `Votre dernière connexion n’est plus valable depuis le ${date}\u00a0:`,
    ends: {
      revoked: 'le mot de passe a été changé, ou quelqu’un a révoqué la connexion',
      unused: 'elle n’a pas été utilisée pendant trop longtemps',
      'too-old': 'votre organisation exige une nouvelle connexion de temps en temps',
      'codes-blocked': 'votre organisation n’autorise pas la connexion avec un code',
    },
  },
  cancelled: {
    title: 'La connexion a été annulée',
    text: 'Vous pouvez fermer cette fenêtre. Pour vous connecter plus tard, retournez dans Claude et recommencez.',
  },
  blocked: {
    browserOffer: 'Vous pouvez peut-être vous connecter sans code, sur la page de Microsoft dans ce navigateur.',
    useBrowser: 'Se connecter sans code',
    otherAdvice:
      'Si cela ne fonctionne pas, votre service informatique peut vous aider. Envoyez-lui le texte ci-dessous.',
    reportTitle: 'Pour votre service informatique',
    copyReport: 'Copier le texte',
  },
  failed: {
    tryAgain: 'Réessayer',
    reportTitle: 'Détails pour votre service informatique',
  },
  report: {
    title: 'La connexion pour Claude Desktop n’a pas abouti',
    colon: '\u00a0: ',
    code: 'Erreur',
    problem: 'Problème',
    remedy: 'Solution',
    correlationId: 'ID de corrélation',
  },
  lost: {
    title: 'La connexion n’est plus en cours',
    text: 'Le programme de connexion de cet ordinateur ne répond pas. Retournez dans Claude et recommencez.',
  },
  replaced: {
    title: 'Fermez cette page',
    text: 'Un autre programme de cet ordinateur a répondu à la place de la connexion. Ne suivez rien de ce qu’il affiche. Fermez cette page, revenez à Claude et recommencez.',
  },
  alreadyOpened: {
    title: 'Cette page a déjà été ouverte',
    text: 'Pour votre sécurité, son adresse ne fonctionne qu’une fois. Si vous ne la trouvez dans aucune autre fenêtre, retournez dans Claude et recommencez.',
  },
  notHere: {
    title: 'Cette page n’est plus valable',
    text: 'Retournez dans Claude et recommencez la connexion.',
  },
  failures: failuresFr,
  errors: errorsFr,
};
