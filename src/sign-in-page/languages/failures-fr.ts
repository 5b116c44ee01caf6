import type { Messages } from './messages.ts';

const ASK_IT = 'Votre service informatique peut résoudre ce problème. Envoyez-lui le texte ci-dessous.';
const IF_IT_STAYS = 'Si le problème persiste, envoyez les détails ci-dessous à votre service informatique.';
const ORGANIZATION = 'Votre organisation doit l’autoriser';

export const failuresFr: Messages['failures'] = {
  unexpected: {
    title: 'La connexion n’a pas abouti',
    text: 'Une erreur inattendue a interrompu la connexion.',
    advice: `Réessayez. ${IF_IT_STAYS}`,
  },
  setup: {
    title: 'Claude n’est pas configuré correctement',
    text: 'Sur cet ordinateur ou dans votre organisation, un paramètre de la connexion manque ou est incorrect.',
    advice: ASK_IT,
  },
  rules: {
    title: ORGANIZATION,
    text: 'Les règles de votre organisation n’autorisent pas cette connexion.',
    advice: ASK_IT,
  },
  protection: {
    title: ORGANIZATION,
    text: 'Votre organisation exige une protection que la connexion de Claude ne prend pas en charge.',
    advice: ASK_IT,
  },
  'no-codes': {
    title: ORGANIZATION,
    text: 'Votre organisation n’autorise pas la connexion avec un code.',
    advice: ASK_IT,
  },
  approval: {
    title: ORGANIZATION,
    text: 'Personne dans votre organisation n’a encore approuvé cette connexion.',
    advice: ASK_IT,
  },
  access: { title: ORGANIZATION, text: 'Votre compte n’a pas accès à Claude.', advice: ASK_IT },
  'other-network': {
    title: 'Ce réseau n’autorise pas la connexion',
    text: 'Le réseau que vous utilisez ne permet de se connecter qu’à d’autres organisations.',
    advice: 'Passez sur le réseau de votre organisation, puis réessayez.',
  },
  'other-organization': {
    title: 'Ce compte appartient à une autre organisation',
    text: 'Sur cet ordinateur, Claude est configuré pour une autre organisation.',
    advice: 'Réessayez avec votre compte professionnel de cette organisation.',
  },
  'account-off': {
    title: 'Ce compte ne peut pas se connecter',
    text: 'Le compte est désactivé, ou votre organisation ne le connaît pas.',
    advice:
      'Réessayez avec le bon compte professionnel. Si c’est le bon, envoyez les détails ci-dessous à votre service informatique.',
  },
  'account-locked': {
    title: 'Ce compte ne peut pas se connecter pour le moment',
    text: 'Microsoft a verrouillé le compte temporairement, ou n’accepte pas les connexions depuis l’endroit où vous êtes.',
    advice: `Attendez quelques minutes, puis réessayez. ${IF_IT_STAYS}`,
  },
  'account-changed': {
    title: 'Ce nom d’utilisateur appartient désormais à un autre compte',
    text: 'Une autre personne s’est déjà connectée sur cet ordinateur avec le même nom d’utilisateur.',
    advice:
      'Votre service informatique doit confirmer que ce nom est désormais le vôtre. Envoyez-lui le texte ci-dessous.',
  },
  again: {
    title: 'Connectez-vous encore une fois',
    text: 'Microsoft n’a pas accepté la connexion.',
    advice: `Réessayez. ${IF_IT_STAYS}`,
  },
  offline: {
    title: 'Microsoft est injoignable',
    text: 'La connexion au service de Microsoft a échoué.',
    advice:
      'Vérifiez que cet ordinateur est en ligne et, si votre organisation utilise un VPN, qu’il est connecté. Puis réessayez.',
  },
  busy: {
    title: 'Le service de connexion de Microsoft est surchargé',
    text: 'Microsoft traite trop de connexions en ce moment.',
    advice: 'Attendez une minute, puis réessayez.',
  },
  'network-sign-in': {
    title: 'Ce réseau demande peut-être de s’identifier d’abord',
    text: 'Quelque chose sur le réseau a répondu à la place de Microsoft, par exemple la page d’accueil d’un Wi-Fi public.',
    advice:
      'Ouvrez un site web dans votre navigateur et identifiez-vous sur le réseau s’il le demande. Puis réessayez.',
  },
  'network-blocks': {
    title: 'Le réseau bloque la connexion à Microsoft',
    text: 'Le réseau que vous utilisez a refusé la connexion à Microsoft.',
    advice:
      'Réessayez sur un autre réseau. Si c’est le réseau de votre organisation, envoyez les détails ci-dessous à votre service informatique.',
  },
  'network-password': {
    title: 'Le réseau demande son propre mot de passe',
    text: 'Le réseau de votre organisation n’a pas laissé cet ordinateur accéder à Microsoft.',
    advice: 'Envoyez les détails ci-dessous à votre service informatique, ou réessayez sur un autre réseau.',
  },
  insecure: {
    title: 'La connexion n’est pas sécurisée',
    text: 'Cet ordinateur ne fait pas confiance à la connexion avec Microsoft\u00a0: rien n’a été envoyé.',
    advice: `Sur un Wi-Fi public, identifiez-vous d’abord sur le réseau. Vérifiez la date et l’heure de cet ordinateur. Puis réessayez. ${IF_IT_STAYS}`,
  },
  'mixed-up': {
    title: 'La réponse concernait quelqu’un d’autre',
    text: 'La réponse de Microsoft concernait une autre organisation ou personne\u00a0: elle n’a pas été utilisée.',
    advice: `Réessayez. ${IF_IT_STAYS}`,
  },
};
