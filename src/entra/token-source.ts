// What the agent needs of Entra; msal-token-source.ts is the one implementation, tests have others.
import type { Secret } from '../core/secret.ts';

/** What must be kept to get the next token: all of MSAL's cache that matters, 1-2 KB instead of 7. */
export interface RefreshTokenRecord {
  readonly refreshToken: Secret;
  /** MSAL's `<object id>.<home tenant>`. */
  readonly homeAccountId: string;
  /** Object id in the tenant that was signed in to. */
  readonly localAccountId: string;
  readonly tenantId: string;
  /** Host of the authority, as MSAL writes it, for example `login.windows.net`. */
  readonly environment: string;
  /** User principal name, for people to read. */
  readonly username: string;
}

/** A successful token reply (OAuth 2.0, RFC 6749 section 5.1). */
export interface TokenGrant {
  readonly accessToken: Secret;
  /** Milliseconds the access token lives, from the moment the reply came. */
  readonly lifetimeMs: number;
  /** Entra's own advice when to refresh (`refresh_in`), in milliseconds. */
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
  /** Aborting stops the polling at once and rejects with ERR_SIGN_IN_CANCELLED. */
  readonly signal: AbortSignal;
  readonly claims?: string | undefined;
  onAuthorization(authorization: DeviceAuthorization): void;
}

/** Where the browser has to go (RFC 6749 section 4.1.1). */
export interface AuthorizationRequest {
  /** Always https. Holds no secret but `state`. */
  readonly url: string;
  /** 256 random bits; the redirect that answers this request carries them. */
  readonly state: string;
}

/** Query parameters of the redirect, as the browser brought them. */
export type AuthorizationResponse = Readonly<Record<string, string>>;

export interface BrowserSignInOptions {
  /** Aborting rejects at once, with the reason where that is an AppError, else with ERR_SIGN_IN_CANCELLED. */
  readonly signal: AbortSignal;
  readonly claims?: string | undefined;
  /** User name that Entra's page begins with. */
  readonly loginHint?: string | undefined;
  /** Lets the user choose even where the browser is signed in already; `loginHint` is then not sent. */
  readonly selectAccount?: boolean | undefined;
  /** `http://127.0.0.1:<port>/callback` (RFC 8252 section 7.3); Entra compares all of it but the port. */
  readonly redirectUri: string;
  /** Sends the user to the page and resolves with what the redirect brought. Rejects when `signal` aborts. */
  authorize(request: AuthorizationRequest): Promise<AuthorizationResponse>;
}

export interface TokenSource {
  /**
   * Exchanges the refresh token once. Never retries: back-off is the caller's.
   * @throws AppError as `map-error.ts` maps it; `isRefreshTokenDead` there says whether the refresh token is.
   */
  refresh(record: RefreshTokenRecord): Promise<TokenGrant>;
  /**
   * Device authorization grant (RFC 8628). Resolves when the user has signed in.
   * @throws AppError; ERR_SIGN_IN_DECLINED, ERR_SIGN_IN_CODE_EXPIRED, ERR_SIGN_IN_CANCELLED, network, configuration and policy errors.
   */
  signInWithDeviceCode(options: SignInOptions): Promise<TokenGrant>;
  /**
   * Authorization code grant with PKCE (RFC 7636) on a loopback redirect.
   * @throws AppError; ERR_SIGN_IN_DECLINED, ERR_SIGN_IN_CODE_EXPIRED, ERR_SIGN_IN_CANCELLED, network, configuration and policy errors.
   */
  signInWithBrowser(options: BrowserSignInOptions): Promise<TokenGrant>;
}
