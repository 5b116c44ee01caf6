// What the agent needs from Entra. msal-token-source.ts implements it for sign-ins whose refresh token this program
// keeps, broker-token-source.ts for those that the system's broker keeps; tests have their own implementations.
import type { AppError } from '../core/errors.ts';
import type { Secret } from '../core/secret.ts';

/** Whose sign-in it is, as MSAL names accounts. */
export interface AccountRecord {
  /** `<object id>.<home tenant>`. */
  readonly homeAccountId: string;
  /** Object ID in the tenant that the user signed in to. */
  readonly localAccountId: string;
  readonly tenantId: string;
  /** The ID token's `sub`; absent in records of earlier versions until their next refresh. */
  readonly subject?: string;
  /** Host of the authority, as MSAL writes it, for example `login.windows.net`. */
  readonly environment: string;
  /** User principal name, for display. */
  readonly username: string;
}

/** What must be kept to get the next token with a refresh token: the part of MSAL's cache that matters, 1-2 KB. */
export interface RefreshTokenRecord extends AccountRecord {
  readonly refreshToken: Secret;
}

/** What must be kept to get the next token from the system's broker, which holds the refresh token itself. */
export interface BrokerRecord extends AccountRecord {
  /** The broker's own name for the account. */
  readonly brokerAccountId: string;
}

export type SignInRecord = RefreshTokenRecord | BrokerRecord;

export function isBrokerRecord(record: SignInRecord): record is BrokerRecord {
  return 'brokerAccountId' in record;
}

/** When a sign-in will end no matter how often it's refreshed, if its source can tell. */
export interface SignInEnd {
  /** Epoch milliseconds. */
  readonly at: number;
  /** `password`: the password expires. `session`: the refresh token does. */
  readonly reason: 'password' | 'session';
}

/** A successful token reply (OAuth 2.0, RFC 6749 section 5.1). */
export interface TokenGrant<R extends SignInRecord = SignInRecord> {
  readonly accessToken: Secret;
  /** Lifetime of the access token in milliseconds, counted from the reply. */
  readonly lifetimeMs: number;
  /** When Entra advises to refresh (`refresh_in`), in milliseconds from the reply. */
  readonly refreshInMs?: number;
  /** When the sign-in will end, if the reply says so: the earlier one of several ends. */
  readonly endsAt?: SignInEnd;
  /** When the user last proved who they are (OpenID Connect `auth_time`), in epoch milliseconds, if the reply says so. */
  readonly authenticatedAt?: number;
  readonly record: R;
}

/** What the user must do (RFC 8628 section 3.2). The device code itself never leaves src/entra. */
export interface DeviceAuthorization {
  readonly userCode: string;
  /** Always https. */
  readonly verificationUri: string;
  readonly expiresInMs: number;
}

export interface SignInOptions {
  /** If it aborts, polling stops immediately and the call rejects as `mapAbort` maps the reason. */
  readonly signal: AbortSignal;
  readonly claims?: string | undefined;
  readonly onReachable?: OnReachable | undefined;
  onAuthorization(authorization: DeviceAuthorization): void;
}

/** Called when Microsoft stops answering while the user signs in (false), and when it answers again (true). */
export type OnReachable = (isReachable: boolean) => void;

/** Where to send the browser (RFC 6749 section 4.1.1). */
export interface AuthorizationRequest {
  /** Always https. Contains no secret except `state`. */
  readonly url: string;
  /** 256 random bits. The redirect that answers this request carries the same ones. */
  readonly state: string;
}

/** Query parameters of the redirect, exactly as the browser brought them. */
export type AuthorizationResponse = Readonly<Record<string, string>>;

export interface BrowserSignInOptions {
  /**
   * If it aborts, the call rejects immediately: with the reason if that's an AppError, otherwise with
   * ERR_SIGN_IN_CANCELLED.
   */
  readonly signal: AbortSignal;
  readonly claims?: string | undefined;
  /** User name that Entra's page suggests. */
  readonly loginHint?: string | undefined;
  /** Lets the user choose an account even if the browser is signed in already. MSAL then doesn't send `loginHint`. */
  readonly selectAccount?: boolean | undefined;
  /** Makes Entra ask for credentials even if the browser is signed in, so that the sign-in lasts as long as it can. */
  readonly fresh?: boolean | undefined;
  /** `http://127.0.0.1:<port>/callback` (RFC 8252 section 7.3). Entra compares everything except the port. */
  readonly redirectUri: string;
  readonly onReachable?: OnReachable | undefined;
  /** Sends the user to the page and resolves with the redirect's parameters. Rejects if `signal` aborts. */
  authorize(request: AuthorizationRequest): Promise<AuthorizationResponse>;
}

export interface RefreshOptions {
  /** Another scope than the configured one: a token for another resource from the same sign-in. */
  readonly scope?: string | undefined;
  /** The token that the new one replaces. Without it, a broker may return the same token again. */
  readonly replaces?: Secret | undefined;
}

export interface BrokerSignInOptions {
  /** If it aborts, the call rejects as `mapAbort` maps the reason, and the dialog closes if the system can do that. */
  readonly signal: AbortSignal;
  readonly claims?: string | undefined;
  /** User name that the system's dialog suggests. */
  readonly loginHint?: string | undefined;
  /** Lets the user choose an account instead of using the computer's own. Needs the dialog. */
  readonly selectAccount?: boolean | undefined;
  /** Why this sign-in failed without a dialog just now, so that it isn't tried a second time. */
  readonly failedSilently?: AppError | undefined;
  /** Whether the system's dialog may open. Asked when signing in without one isn't enough. */
  mayPrompt(): boolean;
  /** The system's dialog is about to open. */
  onPrompt?(): void;
}

/** Renews sign-ins whose refresh token this program keeps. */
export interface RefreshTokenSource {
  /**
   * Exchanges the refresh token once. Never retries; when to try again is up to the caller.
   * @throws AppError from `map-error.ts`; `isRefreshTokenDead` there says whether the refresh token is still of use
   */
  refresh(record: RefreshTokenRecord, options?: RefreshOptions): Promise<TokenGrant<RefreshTokenRecord>>;
  /**
   * Device authorization grant (RFC 8628). Resolves when the user has signed in. A failure of the network ends it only
   * before the user has a code. After that, it continues until the code expires.
   * @throws AppError ERR_SIGN_IN_DECLINED, ERR_SIGN_IN_CODE_EXPIRED, ERR_SIGN_IN_CANCELLED, or a network,
   * configuration, or policy error
   */
  signInWithDeviceCode(options: SignInOptions): Promise<TokenGrant<RefreshTokenRecord>>;
  /**
   * Authorization code grant with PKCE (RFC 7636) and a loopback redirect. If the network is down when the user comes
   * back, the code is exchanged as soon as it's up again.
   * @throws AppError ERR_SIGN_IN_DECLINED, ERR_SIGN_IN_CODE_EXPIRED, ERR_SIGN_IN_CANCELLED, or a network,
   * configuration, or policy error
   */
  signInWithBrowser(options: BrowserSignInOptions): Promise<TokenGrant<RefreshTokenRecord>>;
}

/** Renews sign-ins that the system's broker keeps. */
export interface BrokerTokenSource {
  /**
   * Asks the broker for a new token once, without a dialog.
   * @throws AppError from `map-broker-failure.ts`. None of them ends the sign-in, because the broker may have another one
   * for the account later.
   */
  refresh(record: BrokerRecord, options?: RefreshOptions): Promise<TokenGrant<BrokerRecord>>;
  /**
   * Signs in with the computer's account, or with the configured one if the computer has several. If that isn't enough
   * and `mayPrompt` allows it, the system's dialog asks the user.
   * @throws AppError from `map-broker-failure.ts`
   */
  signInWithBroker(options: BrokerSignInOptions): Promise<TokenGrant<BrokerRecord>>;
}

/** All of them: a record says who renews it. */
export interface TokenSource {
  /** @throws AppError as the source that the record belongs to */
  refresh(record: SignInRecord, options?: RefreshOptions): Promise<TokenGrant>;
  /** As `RefreshTokenSource` does. */
  signInWithDeviceCode(options: SignInOptions): Promise<TokenGrant>;
  /** As `RefreshTokenSource` does. */
  signInWithBrowser(options: BrowserSignInOptions): Promise<TokenGrant>;
  /** As `BrokerTokenSource` does. */
  signInWithBroker(options: BrokerSignInOptions): Promise<TokenGrant>;
}
