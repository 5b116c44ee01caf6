import type { ErrorSpec } from './spec.ts';

const IN_THE_LOG =
  'an admin finds the reason in the Entra sign-in log by the correlation ID; if it\'s the device, an enrolled Windows or Linux computer can show itself with "signInMethod" set to "broker"';

const ENABLE_SIGN_IN =
  'in Entra under Enterprise applications > Properties and sets "Enabled for users to sign-in?" to Yes';

export const POLICY_ERRORS = {
  ERR_POLICY_BLOCKED: {
    category: 'policy',
    message: 'a Conditional Access policy refuses this sign-in',
    hint: IN_THE_LOG,
    page: 'rules',
  },
  ERR_DEVICE_REQUIRED: {
    category: 'policy',
    message: 'a Conditional Access policy requires a device that your organization manages',
    hint: 'check that this computer is enrolled with your organization and compliant; a device code never shows the computer to Entra, so an admin sets "signInMethod" to "broker" (Windows, Linux), or to "browser" for browsers that show it, such as Edge',
    page: 'rules',
  },
  ERR_TOKEN_PROTECTION: {
    category: 'policy',
    message: "a Conditional Access policy requires token protection, which this sign-in doesn't have",
    hint: 'on an enrolled Windows computer, "signInMethod" set to "broker" can provide it; on other systems, an admin excludes this application or its users from the token protection policy in Entra; signing in again doesn\'t help',
    page: 'protection',
  },
  ERR_DEVICE_CODE_BLOCKED: {
    category: 'policy',
    message: "your organization doesn't allow sign-in with a device code",
    hint: 'an admin sets "signInMethod" to "browser" or "browserSignInFallback" to true, or exempts this application from the authentication flows policy',
    page: 'no-codes',
  },
  ERR_CONSENT_REQUIRED: {
    category: 'policy',
    message: "an admin hasn't approved this application yet",
    hint: 'have an admin grant admin consent for the delegated Azure Cognitive Services permission in Entra; if the app registration lacks the permission, add it first',
    page: 'approval',
  },
  ERR_ENTRA_APP_DISABLED: {
    category: 'policy',
    message: 'your organization has turned off sign-in to this application',
    hint: `an admin opens the application ${ENABLE_SIGN_IN}`,
    page: 'access',
  },
  ERR_ENTRA_SERVICE_MISSING: {
    category: 'policy',
    message: "your organization's Entra tenant doesn't have Azure Cognitive Services, which Foundry's tokens are for",
    hint: 'an admin adds its service principal: az ad sp create --id 7d312290-28c8-473c-a0ed-8e53749b6d6d',
    page: 'setup',
  },
  ERR_ENTRA_SERVICE_DISABLED: {
    category: 'policy',
    message: "your organization's Entra tenant has turned off Azure Cognitive Services, which Foundry's tokens are for",
    hint: "an admin turns it on: az ad sp update --id 7d312290-28c8-473c-a0ed-8e53749b6d6d --set accountEnabled=true; if Entra doesn't find it: az ad sp create --id 7d312290-28c8-473c-a0ed-8e53749b6d6d; if the subscription has lapsed, renew it",
    page: 'setup',
  },
  ERR_ENTRA_RESOURCE_DISABLED: {
    category: 'policy',
    message: 'the application that "scope" names is turned off in your organization\'s Entra tenant',
    hint: `an admin opens that application ${ENABLE_SIGN_IN}`,
    page: 'setup',
  },
  ERR_TENANT_RESTRICTED: {
    category: 'policy',
    message: "the network you're on doesn't allow sign-in to this organization",
    hint: "the network's admin adds your tenant to its tenant restrictions (on a proxy, the header Restrict-Access-To-Tenants)",
    page: 'other-network',
  },
  ERR_NOT_ASSIGNED: {
    category: 'policy',
    message: "this account isn't assigned to the application",
    hint: 'an admin assigns the user, or a group that the user is in, in Entra under Enterprise applications > Users and groups',
    page: 'access',
  },
  ERR_WRONG_TENANT: {
    category: 'policy',
    message: "this account doesn't belong to the configured organization",
    hint: 'sign in with your work account for that organization, or have an admin invite this account as a guest',
    page: 'other-organization',
  },
  ERR_ACCOUNT_DISABLED: {
    category: 'policy',
    message: 'this account is disabled or unknown',
    hint: 'an admin checks the account in Entra',
    page: 'account-off',
  },
  ERR_ACCOUNT_REASSIGNED: {
    category: 'policy',
    message: 'this user name now belongs to a different account',
    hint: 'if your IT department created the account again or gave you the name, run "foundry-credential-helper logout", then "foundry-credential-helper login"; otherwise tell your IT department',
    page: 'account-changed',
  },
  ERR_ENTRA_REFUSED: {
    category: 'policy',
    message: 'Entra refused the request',
    hint: IN_THE_LOG,
    page: 'rules',
  },
} as const satisfies Record<string, ErrorSpec>;
