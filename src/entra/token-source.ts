// What the agent needs from Entra. msal-token-source.ts implements it; tests have their own implementations.
import type { Secret } from '../core/secret.ts';

/** What must be kept to get the next token: the part of MSAL's cache that matters, 1-2 KB. */
export interface RefreshTokenRecord {
  readonly refreshToken: Secret;
  /** MSAL's `<object id>.<home tenant>`. */
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

/** A successful token reply (OAuth 2.0, RFC 6749 section 5.1). */
export interface TokenGrant {
  readonly accessToken: Secret;
  /** Lifetime of the access token in milliseconds, counted from the reply. */
  readonly lifetimeMs: number;
  /** When Entra advises to refresh (`refresh_in`), in milliseconds from the reply. */
  readonly refreshInMs?: number;
  readonly record: RefreshTokenRecord;
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
  /** `http://127.0.0.1:<port>/callback` (RFC 8252 section 7.3). Entra compares everything except the port. */
  readonly redirectUri: string;
  readonly onReachable?: OnReachable | undefined;
  /** Sends the user to the page and resolves with the redirect's parameters. Rejects if `signal` aborts. */
  authorize(request: AuthorizationRequest): Promise<AuthorizationResponse>;
}

export interface TokenSource {
  /**
   * Exchanges the refresh token once. Never retries; when to try again is up to the caller.
   * @throws AppError from `map-error.ts`; `isRefreshTokenDead` there says whether the refresh token is still of use
   */
  refresh(record: RefreshTokenRecord): Promise<TokenGrant>;
  /**
   * Device authorization grant (RFC 8628). Resolves when the user has signed in. A failure of the network ends it only
   * before the user has a code. After that, it continues until the code expires.
   * @throws AppError ERR_SIGN_IN_DECLINED, ERR_SIGN_IN_CODE_EXPIRED, ERR_SIGN_IN_CANCELLED, or a network,
   * configuration, or policy error
   */
  signInWithDeviceCode(options: SignInOptions): Promise<TokenGrant>;
  /**
   * Authorization code grant with PKCE (RFC 7636) and a loopback redirect. If the network is down when the user comes
   * back, the code is exchanged as soon as it's up again.
   * @throws AppError ERR_SIGN_IN_DECLINED, ERR_SIGN_IN_CODE_EXPIRED, ERR_SIGN_IN_CANCELLED, or a network,
   * configuration, or policy error
   */
  signInWithBrowser(options: BrowserSignInOptions): Promise<TokenGrant>;
}
