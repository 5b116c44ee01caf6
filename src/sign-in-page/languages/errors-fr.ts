import type { Messages } from './messages.ts';

const SIGN_IN_AGAIN =
  'démarrez une session dans Claude Desktop, ou exécutez «\u00a0foundry-credential-helper login\u00a0»';
const BY_CORRELATION_ID =
  'l’administrateur trouve la raison dans le journal de connexion Entra grâce à l’ID de corrélation';

export const errorsFr: Messages['errors'] = {
  ERR_INTERNAL: {
    message: 'échec inattendu',
    hint: 'réessayez\u00a0; si le problème persiste, exécutez «\u00a0foundry-credential-helper report\u00a0» et envoyez au support le fichier que la commande écrit',
  },
  ERR_CONFIG_INVALID: {
    message: 'un paramètre n’est pas valide',
    hint: 'corrigez la valeur là où elle est définie\u00a0; «\u00a0foundry-credential-helper config show\u00a0» nomme chaque valeur et son origine',
  },
  ERR_CONFIG_UNREADABLE: {
    message: 'les paramètres de ce programme ne peuvent pas être lus',
    hint: 'corrigez ou supprimez ce fichier, ou le paramètre qui le nomme\u00a0; d’ici là, le programme ne fonctionne pas',
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
  ERR_ENTRA_REDIRECT_URI: {
    message: 'l’inscription d’application n’a pas l’URI de redirection de ce programme',
    hint: 'un administrateur ajoute à l’inscription d’application l’adresse 127.0.0.1/callback (avec http) comme URI de redirection pour applications mobiles et de bureau\u00a0: az ad app update --id CLIENT-ID --public-client-redirect-uris ADRESSE',
  },
  ERR_ENTRA_RESOURCE_MISSING: {
    message: 'l’application que nomme «\u00a0scope\u00a0» n’existe pas dans le locataire Entra de votre organisation',
    hint: 'vérifiez «\u00a0scope\u00a0» et «\u00a0tenantId\u00a0»\u00a0; s’ils sont corrects, un administrateur ajoute cette application au locataire\u00a0: az ad sp create --id ID-APPLICATION',
  },
  ERR_ENTRA_SCOPE: {
    message: 'Entra n’accepte pas l’étendue (scope) demandée',
    hint: 'vérifiez «\u00a0scope\u00a0»\u00a0; la valeur par défaut convient pour Foundry',
  },
  ERR_SIGN_IN_REQUIRED: { message: 'vous n’êtes pas connecté', hint: SIGN_IN_AGAIN },
  ERR_SIGN_IN_ENDED: { message: 'la connexion a expiré ou a été révoquée', hint: SIGN_IN_AGAIN },
  ERR_SIGN_IN_REFUSED: {
    message: 'Entra n’accepte pas cette connexion pour le moment',
    hint: 'démarrez une session dans Claude Desktop, ou exécutez «\u00a0foundry-credential-helper login\u00a0»\u00a0; si cela ne suffit pas, un administrateur trouve la raison dans le journal de connexion Entra grâce à l’ID de corrélation',
  },
  ERR_SIGN_IN_STEP_REQUIRED: { message: 'Entra demande une étape de connexion supplémentaire', hint: SIGN_IN_AGAIN },
  ERR_NETWORK: {
    message: 'le service de connexion est injoignable',
    hint: 'vérifiez la connexion au réseau\u00a0; l’hôte doit être joignable sur le port 443',
  },
  ERR_NETWORK_DNS: {
    message: 'le nom d’un serveur ne peut pas être résolu',
    hint: 'vérifiez la connexion au réseau et le DNS\u00a0; si le réseau exige un proxy, définissez ou corrigez «\u00a0proxy\u00a0» ou HTTPS_PROXY',
  },
  ERR_NETWORK_TIMEOUT: {
    message: 'le service de connexion n’a pas répondu à temps',
    hint: 'vérifiez la connexion au réseau, le VPN et le proxy, puis réessayez',
  },
  ERR_NETWORK_TLS: {
    message: 'aucune connexion sécurisée avec le service de connexion de Microsoft n’est possible',
    hint: 'exécutez «\u00a0foundry-credential-helper doctor\u00a0», qui indique le défaut du certificat',
  },
  ERR_NETWORK_PROXY: {
    message: 'le proxy a refusé la connexion au service de connexion',
    hint: 'autorisez l’hôte de connexion dans le proxy, ou corrigez «\u00a0proxy\u00a0» ou HTTPS_PROXY',
  },
  ERR_NETWORK_PROXY_AUTH: {
    message: 'le proxy demande des identifiants',
    hint: 'corrigez le nom d’utilisateur et le mot de passe, ou indiquez-les dans «\u00a0proxy\u00a0» ou HTTPS_PROXY\u00a0; si le proxy n’accepte que Negotiate, NTLM ou Kerberos, lancez un relais comme Cntlm ou Px et indiquez-le dans «\u00a0proxy\u00a0»\u00a0; ou dispensez l’hôte de connexion de l’authentification du proxy',
  },
  ERR_NETWORK_REPLY: {
    message: 'un autre serveur a répondu à la place du service de connexion de Microsoft',
    hint: 'sur un réseau public, ouvrez un navigateur et identifiez-vous sur le réseau\u00a0; sinon, l’équipe réseau vérifie le proxy et le DNS',
  },
  ERR_NETWORK_IDENTITY: {
    message: 'la réponse du service de connexion concerne une autre organisation, application ou personne',
    hint: 'vérifiez «\u00a0cloud\u00a0», «\u00a0tenantId\u00a0» et «\u00a0clientId\u00a0», exécutez «\u00a0foundry-credential-helper logout\u00a0», puis «\u00a0foundry-credential-helper login\u00a0»\u00a0; si l’erreur se répète, contactez votre service informatique\u00a0: quelque chose modifie peut-être les réponses sur le réseau',
  },
  ERR_THROTTLED: {
    message: 'le service de connexion de Microsoft est surchargé',
    hint: 'il n’y a rien à faire\u00a0: un nouvel essai a lieu automatiquement',
  },
  ERR_POLICY_BLOCKED: {
    message: 'une stratégie d’accès conditionnel refuse cette connexion',
    hint: BY_CORRELATION_ID,
  },
  ERR_TOKEN_PROTECTION: {
    message: 'une stratégie d’accès conditionnel exige la protection des jetons, que ce programme n’offre pas',
    hint: 'un administrateur exempte cette application ou ses utilisateurs de la stratégie de protection des jetons dans Entra\u00a0; une nouvelle connexion n’y change rien',
  },
  ERR_DEVICE_CODE_BLOCKED: {
    message: 'l’organisation n’autorise pas la connexion par code d’appareil',
    hint: 'l’administrateur règle «\u00a0signInMethod\u00a0» sur «\u00a0browser\u00a0» ou «\u00a0browserSignInFallback\u00a0» sur true, ou exempte cette application de la stratégie des flux d’authentification',
  },
  ERR_CONSENT_REQUIRED: {
    message: 'aucun administrateur n’a encore approuvé cette application',
    hint: 'un administrateur accorde dans Entra le consentement administrateur pour l’autorisation déléguée Azure Cognitive Services\u00a0; si elle manque dans l’inscription d’application, il l’ajoute d’abord',
  },
  ERR_ENTRA_APP_DISABLED: {
    message: 'votre organisation a désactivé la connexion à cette application',
    hint: 'un administrateur ouvre l’application dans Entra sous Applications d’entreprise > Propriétés et règle «\u00a0Activé pour que les utilisateurs se connectent\u00a0?\u00a0» sur Oui',
  },
  ERR_ENTRA_SERVICE_MISSING: {
    message:
      'le locataire Entra de votre organisation n’a pas Azure Cognitive Services, auquel les jetons sont destinés',
    hint: 'un administrateur ajoute son principal de service\u00a0: az ad sp create --id 7d312290-28c8-473c-a0ed-8e53749b6d6d',
  },
  ERR_ENTRA_SERVICE_DISABLED: {
    message:
      'le locataire Entra de votre organisation a désactivé Azure Cognitive Services, auquel les jetons sont destinés',
    hint: 'un administrateur l’active\u00a0: az ad sp update --id 7d312290-28c8-473c-a0ed-8e53749b6d6d --set accountEnabled=true\u00a0; si Entra ne le trouve pas\u00a0: az ad sp create --id 7d312290-28c8-473c-a0ed-8e53749b6d6d\u00a0; si l’abonnement a expiré, renouvelez-le',
  },
  ERR_ENTRA_RESOURCE_DISABLED: {
    message: 'l’application que nomme «\u00a0scope\u00a0» est désactivée dans le locataire Entra de votre organisation',
    hint: 'un administrateur ouvre cette application dans Entra sous Applications d’entreprise > Propriétés et règle «\u00a0Activé pour que les utilisateurs se connectent\u00a0?\u00a0» sur Oui',
  },
  ERR_TENANT_RESTRICTED: {
    message: 'le réseau où vous êtes n’autorise pas la connexion à cette organisation',
    hint: 'l’administrateur du réseau ajoute votre locataire à ses restrictions de locataire (sur un proxy, l’en-tête Restrict-Access-To-Tenants)',
  },
  ERR_NOT_ASSIGNED: {
    message: 'ce compte n’est pas affecté à l’application',
    hint: 'un administrateur affecte l’utilisateur ou l’un de ses groupes dans Entra sous Applications d’entreprise > Utilisateurs et groupes',
  },
  ERR_WRONG_TENANT: {
    message: 'ce compte n’appartient pas à l’organisation configurée',
    hint: 'connectez-vous avec le compte professionnel de cette organisation, ou demandez à un administrateur d’inviter ce compte',
  },
  ERR_ACCOUNT_DISABLED: {
    message: 'ce compte est désactivé ou inconnu',
    hint: 'l’administrateur vérifie le compte dans Entra',
  },
  ERR_ACCOUNT_LOCKED: {
    message: 'Entra a verrouillé ce compte pour un moment, ou bloque l’adresse d’où vous vous connectez',
    hint: 'attendez quelques minutes, puis réessayez\u00a0; si cela persiste, un administrateur trouve de quoi il s’agit dans le journal de connexion Entra grâce à l’ID de corrélation',
  },
  ERR_ACCOUNT_REASSIGNED: {
    message: 'ce nom d’utilisateur appartient désormais à un autre compte',
    hint: 'si votre service informatique a recréé le compte ou vous a attribué ce nom, exécutez «\u00a0foundry-credential-helper logout\u00a0», puis «\u00a0foundry-credential-helper login\u00a0»\u00a0; sinon, prévenez-le',
  },
  ERR_ENTRA_REFUSED: { message: 'Entra a refusé la demande', hint: BY_CORRELATION_ID },
};
