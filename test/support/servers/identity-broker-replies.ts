// What the tests' identity broker answers: the JSON that microsoft-identity-broker and himmelblau return.
import type { EntraTenant } from './entra-tenant.ts';
import { type Account, clientInfo, mintIdToken } from './entra-tokens.ts';

/** An account that's signed in to the computer. */
export interface SignedInAccount {
  /** A user of the tenant, who becomes an account there if it's a new one. */
  readonly username: string;
  /** Default: the tenant of the Entra server. */
  readonly tenantId?: string;
  /** Default: `login.microsoftonline.com`. */
  readonly environment?: string;
  /** Epoch seconds. */
  readonly passwordExpiry?: number;
}

export interface BrokerErrorReply {
  /** As Microsoft's runtime reads it, which isn't MSALRUNTIME_RESPONSE_STATUS from 15 on. */
  readonly status: number;
  readonly context?: string;
  readonly errorCode?: number;
  readonly subStatus?: number;
  readonly tag?: number;
}

/** Refusals in the broker's own form. */
export const brokerRefusals = {
  unexpected: { status: 0, context: 'An unexpected error occurred.', tag: 508_634_112 },
  mfaRequired: {
    status: 2,
    context:
      'AADSTS50076: Due to a configuration change made by your administrator, you must use multi-factor authentication. (ada@contoso.com)',
  },
  blocked: {
    status: 2,
    context:
      'AADSTS53003: Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.',
  },
  deviceNotCompliant: { status: 2, context: 'AADSTS53000: Device is not in required device state: compliant.' },
  ended: {
    status: 2,
    context: 'AADSTS50173: The provided grant has expired due to it being revoked, a fresh auth token is needed.',
  },
  consentRequired: {
    status: 2,
    context: 'AADSTS65001: The user or administrator has not consented to use the application.',
  },
  offline: { status: 3, context: 'No network connection is available.' },
  networkUnsteady: { status: 4, context: 'The network is temporarily unavailable.' },
  busy: { status: 5, context: 'AADSTS90055: The request was denied because too many requests were sent.' },
  invalidRequest: { status: 6, context: 'A parameter of the request is not valid.' },
  canceledByUser: { status: 7, context: 'The InteractiveRequest was canceled by the user' },
  canceledByApplication: { status: 8, context: 'The InteractiveRequest was canceled by the application' },
  redirectUri: {
    status: 9,
    context:
      'AADSTS50011: The redirect URI specified in the request does not match the redirect URIs configured for the application.',
  },
  unknownApplication: { status: 9, context: 'AADSTS700016: Application was not found in the directory.' },
  transient: { status: 15, context: 'Try again.' },
  accountSwitch: { status: 16, context: 'Another account was chosen.' },
  keyNotFound: { status: 18, context: 'The key was not found.' },
  brokerMissing: { status: 20, context: 'The device broker is not available.' },
  accountDisabled: { status: 13, context: 'AADSTS50057: The user account is disabled.' },
  accountNotFound: { status: 19, context: 'No account was found for the request.' },
  notEnrolled: { status: 17, context: 'The device is not registered.' },
} as const satisfies Readonly<Record<string, BrokerErrorReply>>;

/** What becomes of a request for a token. */
export type BrokerOutcome =
  | 'token'
  | keyof typeof brokerRefusals
  | BrokerErrorReply
  /** Isn't answered, as while a dialog is open or the network is slow. A canceled dialog is answered. */
  | 'never'
  /** The broker leaves the bus instead of answering. */
  | 'gone'
  /** Any text in place of the answer. */
  | { readonly text: string }
  /** A D-Bus error, as himmelblau answers. */
  | { readonly dbusError: string; readonly message: string };

/** `himmelblau` leaves fields out, and adds the lifetime in seconds to a time in milliseconds. */
export type BrokerMaker = 'microsoft' | 'himmelblau';

const EXTRA_LIFETIME_MS = 3_600_000;

/** An account as `getAccounts` lists it. */
export function accountReply(tenant: EntraTenant, maker: BrokerMaker, signedIn: SignedInAccount): object {
  const account = tenant.account(signedIn.username);
  const realm = signedIn.tenantId ?? tenant.tenantId;
  const common = {
    givenName: account.name,
    homeAccountId: `${account.oid}.${realm}`,
    localAccountId: account.oid,
    name: account.name,
    realm,
    username: account.username,
  };
  if (maker === 'himmelblau') return { environment: 'login.windows.net', ...common };
  return {
    ...common,
    accountType: 1,
    clientInfo: clientInfo(account, realm),
    environment: signedIn.environment ?? 'login.microsoftonline.com',
    familyName: '',
    passwordExpiry: signedIn.passwordExpiry ?? 0,
  };
}

export interface IssuedReply {
  readonly accessToken: string;
  /** Epoch milliseconds. */
  readonly expiresOn: number;
}

/** A successful answer with a token of the local Entra's. */
export function tokenReply(
  { tenant, maker }: { readonly tenant: EntraTenant; readonly maker: BrokerMaker },
  account: Account,
  { accessToken, expiresOn }: IssuedReply,
  signedIn: SignedInAccount,
): object {
  const now = Date.now();
  const tenantId = signedIn.tenantId ?? tenant.tenantId;
  const lifetimeSec = Math.round((expiresOn - now) / 1000);
  const idToken = mintIdToken({ account, tenantId, clientId: tenant.clientId, audience: '', lifetimeSec });
  const answer = {
    accessToken,
    accessTokenType: 0,
    clientInfo: clientInfo(account, tenantId),
    expiresOn: maker === 'himmelblau' ? now + lifetimeSec : expiresOn,
    extendedExpiresOn: expiresOn + EXTRA_LIFETIME_MS,
    grantedScopes: 'https://cognitiveservices.azure.com/.default',
    idToken,
  };
  const withAccount = maker === 'microsoft' ? { ...answer, account: accountReply(tenant, maker, signedIn) } : answer;
  return { brokerTokenResponse: withAccount };
}

export function errorReply({ context = '', ...reply }: BrokerErrorReply): object {
  return { brokerTokenResponse: { error: { context, errorCode: 0, subStatus: 0, tag: 0, ...reply } } };
}
