// The JSON that the Linux broker takes. Microsoft hasn't documented it. It's what the MSAL runtime sends
// (`@azure/msal-node-runtime` 0.20.7), which test/platform/linux/broker-runtime.test.ts compares.
import type { Secret } from '../../../core/secret.ts';
import type { BrokerAccount, BrokerRequest } from '../broker.ts';
import { brokerRedirectUri } from '../redirect-uri.ts';

/** MSAL's AuthorizationType: with the computer's sign-in, and with a dialog. */
const SILENT = 1;
const INTERACTIVE = 6;
/** No window of this program's. */
const NO_WINDOW = -1;

export type RequestedAccount = Pick<
  BrokerAccount,
  'homeAccountId' | 'localAccountId' | 'tenantId' | 'environment' | 'username'
>;

export interface InteractiveOptions {
  /** If absent, the user chooses. */
  readonly account: RequestedAccount | undefined;
  /** The user name that the dialog suggests if there's no account. */
  readonly loginHint: string | undefined;
}

export function accountsRequest({ clientId }: BrokerRequest): object {
  return { clientId, redirectUri: clientId };
}

/** @param replaces the token that the broker must not return again */
export function silentRequest(request: BrokerRequest, account: RequestedAccount, replaces: Secret | undefined): object {
  return {
    authParameters: {
      ...commonParameters(request),
      accessTokenToRenew: replaces?.reveal() ?? '',
      account: accountFields(account),
      authorizationType: SILENT,
      username: account.username,
    },
  };
}

export function interactiveRequest(request: BrokerRequest, { account, loginHint = '' }: InteractiveOptions): object {
  return {
    authParameters: {
      ...commonParameters(request),
      accessTokenToRenew: '',
      account: account === undefined ? null : accountFields(account),
      authorizationType: INTERACTIVE,
      username: account?.username ?? loginHint,
      ...(account === undefined ? { isSignIn: true } : {}),
    },
  };
}

function commonParameters({ authority, clientId, scope, claims = '' }: BrokerRequest): object {
  return {
    additionalQueryParametersForAuthorization: {},
    authority,
    clientId,
    decodedClaims: claims,
    enrollmentId: '',
    isTestMode: false,
    password: '',
    popParams: null,
    redirectUri: brokerRedirectUri('linux', clientId),
    requestedScopes: scope.split(' '),
    uxContextHandle: NO_WINDOW,
  };
}

function accountFields({ homeAccountId, localAccountId, tenantId, environment, username }: RequestedAccount): object {
  const [uid, utid] = homeAccountId.split('.');
  return {
    alternativeAccountId: '',
    clientInfo: Buffer.from(JSON.stringify({ uid, utid })).toString('base64url'),
    environment,
    familyName: '',
    givenName: '',
    homeAccountId,
    homeEnvironment: '',
    localAccountId,
    middleName: '',
    name: '',
    passwordChangeUrl: '',
    passwordExpiry: 0,
    realm: tenantId,
    username,
  };
}
