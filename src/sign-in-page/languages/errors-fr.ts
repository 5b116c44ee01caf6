import type { Messages } from './messages.ts';

const SIGN_IN_AGAIN =
  'démarrez une session dans Claude Desktop, ou exécutez «\u00a0foundry-credential-helper login\u00a0»';
const START_AGAIN = 'recommencez, au besoin avec «\u00a0foundry-credential-helper login\u00a0»';
const BY_CORRELATION_ID =
  'l’administrateur trouve la raison dans le journal de connexion Entra grâce à l’ID de corrélation';

export const errorsFr: Messages['errors'] = {
  ERR_INTERNAL: {
    message: 'échec inattendu',
    hint: 'réessayez\u00a0; si cela persiste, envoyez au support ce qu’écrit «\u00a0foundry-credential-helper report\u00a0»',
  },
  ERR_USAGE: {
    message: 'cette ligne de commande n’est pas comprise',
    hint: 'voir «\u00a0foundry-credential-helper --help\u00a0»',
  },
  ERR_CANCELLED: { message: 'arrêté avant la fin', hint: 'rien n’a été écrit\u00a0; recommencez' },
  ERR_FILE_EXISTS: {
    message: 'un fichier de ce nom existe et n’a pas été remplacé',
    hint: 'indiquez un autre dossier, ou remplacez les fichiers avec --force',
  },
  ERR_FILE_UNWRITABLE: {
    message: 'un fichier ne peut pas être écrit',
    hint: 'libérez de l’espace, corrigez les droits du dossier, ou indiquez-en un autre',
  },
  ERR_API_KEY_INVALID: {
    message: 'ce n’est pas une clé d’API',
    hint: 'copiez la clé seule, sur une ligne\u00a0: Azure l’affiche sous «\u00a0Clés et point de terminaison\u00a0» de la ressource Foundry',
  },
  ERR_CONFIG_MISSING: {
    message: 'un paramètre obligatoire manque',
    hint: 'demandez à votre service informatique de le définir, ou définissez-le dans le fichier que nomme «\u00a0config show\u00a0»',
  },
  ERR_CONFIG_INVALID: {
    message: 'un paramètre n’est pas valide',
    hint: 'corrigez la valeur là où elle est définie\u00a0; «\u00a0config show\u00a0» nomme chaque valeur et son origine',
  },
  ERR_CONFIG_UNREADABLE: {
    message: 'une source de configuration ne peut pas être lue',
    hint: 'corrigez ou supprimez le fichier nommé\u00a0; il n’est jamais ignoré en silence',
  },
  ERR_FILE_UNREADABLE: {
    message: 'un fichier ne peut pas être vérifié',
    hint: 'vérifiez qu’il s’agit du bon fichier\u00a0: un profil, une liste de propriétés, une exportation du Registre ou des paramètres JSON pour foundry-credential-helper ou Claude Desktop',
  },
  ERR_CLAUDE_CODE_CONFLICT: {
    message: 'les réglages de Claude Code contiennent ce qui l’empêcherait d’interroger ce programme',
    hint: 'retirez les clés nommées, ou remplacez un autre «\u00a0apiKeyHelper\u00a0» avec --force\u00a0; rien n’a été modifié',
  },
  ERR_CLAUDE_DESKTOP_MANAGED: {
    message: 'votre organisation définit les paramètres de Claude Desktop sur cet ordinateur',
    hint: 'tant qu’ils existent, Claude Desktop ignore les paramètres locaux\u00a0: demandez à votre service informatique d’y ajouter ce programme\u00a0; rien n’a été modifié',
  },
  ERR_CLAUDE_DESKTOP_CONFLICT: {
    message: 'un autre profil est actif dans Claude Desktop',
    hint: 'pour que le profil de ce programme prenne sa place, utilisez --force\u00a0; l’autre est conservé\u00a0; rien n’a été modifié',
  },
  ERR_ENDPOINT_OFF: {
    message: 'le point d’accès aux jetons pour les SDK Azure est désactivé',
    hint: 'l’administrateur règle «\u00a0allowTokenEndpoint\u00a0» sur true\u00a0; qui peut exécuter des commandes au nom de cet utilisateur peut alors en obtenir des jetons',
  },
  ERR_ENDPOINT_RESOURCE: {
    message: 'les jetons ne sont délivrés que pour une seule ressource',
    hint: 'utilisez l’étendue que nomme «\u00a0config show\u00a0», ou corrigez «\u00a0scope\u00a0»\u00a0; si AZURE_CLIENT_ID nomme une autre application, supprimez-la pour cette commande',
  },
  ERR_ENTRA_APP_UNKNOWN: {
    message: 'Entra ne connaît pas cette application dans ce locataire',
    hint: 'vérifiez «\u00a0clientId\u00a0» et «\u00a0tenantId\u00a0»\u00a0: l’application doit être inscrite dans ce locataire, ou y avoir reçu le consentement',
  },
  ERR_ENTRA_TENANT_UNKNOWN: {
    message: 'Entra ne connaît pas ce locataire',
    hint: 'vérifiez «\u00a0tenantId\u00a0» (et «\u00a0cloud\u00a0» pour un cloud national)',
  },
  ERR_ENTRA_PUBLIC_CLIENT_OFF: {
    message: 'l’inscription d’application n’autorise pas les flux de clients publics',
    hint: 'vérifiez «\u00a0clientId\u00a0»\u00a0; dans l’inscription d’application, sous Authentification, réglez «\u00a0Autoriser les flux de clients publics\u00a0» sur Oui',
  },
  ERR_ENTRA_SCOPE: {
    message: 'Entra n’accepte pas l’étendue (scope) demandée',
    hint: 'vérifiez «\u00a0scope\u00a0»\u00a0; la valeur par défaut convient pour Foundry',
  },
  ERR_SIGN_IN_REQUIRED: { message: 'personne n’est connecté', hint: SIGN_IN_AGAIN },
  ERR_SIGN_IN_ENDED: { message: 'la connexion a expiré ou a été révoquée', hint: SIGN_IN_AGAIN },
  ERR_SIGN_IN_STEP_REQUIRED: { message: 'Entra demande une étape de connexion supplémentaire', hint: SIGN_IN_AGAIN },
  ERR_SIGN_IN_DECLINED: { message: 'la connexion a été refusée dans le navigateur', hint: START_AGAIN },
  ERR_SIGN_IN_CODE_EXPIRED: {
    message: 'la connexion n’a pas été terminée à temps',
    hint: `${START_AGAIN}\u00a0; un code n’est valable que peu de temps`,
  },
  ERR_SIGN_IN_CANCELLED: { message: 'la connexion a été annulée', hint: START_AGAIN },
  ERR_SIGN_IN_OTHER_ACCOUNT: {
    message: 'un autre compte que celui prévu s’est connecté',
    hint: 'connectez-vous avec le compte que nomme «\u00a0accountHint\u00a0»',
  },
  ERR_API_KEY_MISSING: {
    message: 'aucune clé d’API n’est conservée pour cette ressource',
    hint: 'exécutez «\u00a0foundry-credential-helper login --api-key\u00a0» et collez la clé reçue de votre service informatique',
  },
  ERR_SIGN_IN_PENDING: {
    message: 'la connexion dans le navigateur n’est pas encore terminée',
    hint: 'terminez-la sur la page ouverte et réessayez\u00a0; elle reste en cours entre-temps',
  },
  ERR_AGENT_UNREACHABLE: {
    message: 'l’agent n’a pas répondu à temps',
    hint: 'exécutez «\u00a0foundry-credential-helper agent status\u00a0»\u00a0; «\u00a0agent stop\u00a0» et «\u00a0agent start\u00a0» le redémarrent',
  },
  ERR_AGENT_UNTRUSTED: {
    message: 'le point d’accès de l’agent n’appartient pas à cet utilisateur',
    hint: 'le chemin nommé appartient à quelqu’un d’autre, ou d’autres peuvent y écrire\u00a0: supprimez-le et prévenez votre service informatique',
  },
  ERR_AGENT_VERSION: {
    message: 'l’agent en cours est d’une autre version',
    hint: 'utilisez partout le foundry-credential-helper le plus récent, ou exécutez «\u00a0agent stop\u00a0» et réessayez',
  },
  ERR_AGENT_PROTOCOL: {
    message: 'l’agent et ce programme ne se comprennent pas',
    hint: 'exécutez «\u00a0foundry-credential-helper agent stop\u00a0» et réessayez',
  },
  ERR_AGENT_START: {
    message: 'l’agent n’a pas pu être démarré',
    hint: 'exécutez «\u00a0foundry-credential-helper agent run\u00a0» dans un terminal pour voir pourquoi',
  },
  ERR_AUTOSTART: {
    message: 'le démarrage automatique de l’agent ne peut pas être modifié',
    hint: 'corrigez ce qui est nommé\u00a0; sans lui, l’agent démarre quand Claude Desktop demande un jeton',
  },
  ERR_STATE_UNWRITABLE: {
    message: 'le dossier de l’agent est inutilisable',
    hint: 'libérez de l’espace ou corrigez les droits du dossier nommé',
  },
  ERR_NETWORK: {
    message: 'le service de connexion est injoignable',
    hint: 'vérifiez la connexion au réseau\u00a0; l’hôte doit être joignable sur le port 443',
  },
  ERR_NETWORK_DNS: {
    message: 'le nom du service de connexion ne peut pas être résolu',
    hint: 'vérifiez la connexion au réseau et le DNS\u00a0; derrière un proxy, définissez «\u00a0proxy\u00a0» ou HTTPS_PROXY',
  },
  ERR_NETWORK_TIMEOUT: {
    message: 'le service de connexion n’a pas répondu à temps',
    hint: 'vérifiez la connexion au réseau, le VPN et le proxy, puis réessayez',
  },
  ERR_NETWORK_TLS: {
    message: 'aucune connexion TLS de confiance avec le service de connexion',
    hint: 'là où le réseau inspecte TLS, installez le certificat racine de l’émetteur nommé dans le système, ou indiquez-le par «\u00a0caFile\u00a0»\u00a0; sur un réseau public, connectez-vous d’abord à celui-ci',
  },
  ERR_NETWORK_PROXY: {
    message: 'le proxy a refusé la connexion au service de connexion',
    hint: 'autorisez l’hôte de connexion dans le proxy, ou corrigez «\u00a0proxy\u00a0» ou HTTPS_PROXY',
  },
  ERR_NETWORK_PROXY_AUTH: {
    message: 'le proxy demande des identifiants',
    hint: 'indiquez-les dans «\u00a0proxy\u00a0» ou HTTPS_PROXY, ou laissez passer l’hôte de connexion sans eux',
  },
  ERR_NETWORK_REPLY: {
    message: 'autre chose que le service de connexion a répondu',
    hint: 'le portail d’un réseau ou un proxy répond à sa place\u00a0: ouvrez un navigateur et connectez-vous au réseau',
  },
  ERR_THROTTLED: {
    message: 'le service de connexion demande d’attendre',
    hint: 'il n’y a rien à faire\u00a0: un nouvel essai a lieu automatiquement',
  },
  ERR_TOKEN_REJECTED: {
    message: 'le dernier jeton a été rejeté et aucun nouveau n’est disponible pour le moment',
    hint: 'vérifiez la connexion au réseau, puis réessayez',
  },
  ERR_KEYSTORE_LOCKED: {
    message: 'le trousseau est verrouillé',
    hint: 'déverrouillez-le (fermez la session de l’ordinateur et rouvrez-la, ou ouvrez le programme du trousseau), puis réessayez',
  },
  ERR_KEYSTORE_UNAVAILABLE: {
    message: 'aucun trousseau n’est disponible',
    hint: 'sous Linux, installez et démarrez un Secret Service (gnome-keyring ou KWallet) dans la session de bureau\u00a0; ailleurs, voir la raison donnée',
  },
  ERR_KEYSTORE_RECORD: {
    message: 'la connexion conservée dans le trousseau ne peut pas être lue',
    hint: 'exécutez «\u00a0foundry-credential-helper logout\u00a0», puis «\u00a0login\u00a0»\u00a0; rien n’a été supprimé',
  },
  ERR_KEYSTORE_DAMAGED: {
    message: 'la connexion conservée dans le trousseau est endommagée',
    hint: `${SIGN_IN_AGAIN}\u00a0: une nouvelle connexion la remplace`,
  },
  ERR_POLICY_BLOCKED: {
    message: 'une stratégie d’accès conditionnel refuse cette connexion',
    hint: BY_CORRELATION_ID,
  },
  ERR_DEVICE_CODE_BLOCKED: {
    message: 'l’organisation n’autorise pas la connexion par code d’appareil',
    hint: 'l’administrateur règle «\u00a0signInMethod\u00a0» sur «\u00a0browser\u00a0» ou «\u00a0browserSignInFallback\u00a0» sur true, ou exempte cette application de la stratégie des flux d’authentification',
  },
  ERR_CONSENT_REQUIRED: {
    message: 'aucun administrateur n’a encore approuvé cette application',
    hint: 'accordez dans Entra le consentement administrateur pour l’autorisation déléguée Azure Cognitive Services',
  },
  ERR_NOT_ASSIGNED: {
    message: 'ce compte n’est pas affecté à l’application',
    hint: 'affectez l’utilisateur ou l’un de ses groupes sous Applications d’entreprise > Utilisateurs et groupes',
  },
  ERR_WRONG_TENANT: {
    message: 'ce compte n’appartient pas à l’organisation configurée',
    hint: 'connectez-vous avec le compte professionnel de cette organisation, ou invitez le compte',
  },
  ERR_ACCOUNT_DISABLED: {
    message: 'ce compte est désactivé ou inconnu',
    hint: 'l’administrateur vérifie le compte dans Entra',
  },
  ERR_ENTRA_REFUSED: { message: 'Entra a refusé la demande', hint: BY_CORRELATION_ID },
};
