// The tenant behind the Entra server: its users and settings, what it has issued, and what users and admins can do.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AuthorizationCodes,
  type DeviceAuthorizationState,
  DeviceCodes,
  isWaiting,
  RefreshTokens,
  type SignInSession,
} from './entra-grants.ts';
import type { BrowserSession } from './entra-session-pages.ts';
import { type Account, mintAccessToken } from './entra-tokens.ts';

export interface EntraTenantOptions {
  /** Default: a new GUID. */
  readonly tenantId?: string;
  /** The tenant's other name in URLs. */
  readonly tenantDomain?: string;
  /** The one application that is registered; default: a new GUID. */
  readonly clientId?: string;
  /** The tenant's users, the first one is the default; others come to be when they sign in. */
  readonly usernames?: readonly string[];
  /** Where users enter the code; default: this server's page under Entra's name. */
  readonly verificationUri?: string;
}

export interface IssuedTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** What a resource finds when it checks an access token. */
export type AccessTokenVerdict = 'valid' | 'unknown' | 'expired' | 'wrong-audience' | 'revoked';

const DEFAULT_AUDIENCE = 'https://cognitiveservices.azure.com';

/** The public fields may be changed at any time and hold for the next request. */
export class EntraTenant {
  readonly tenantId: string;
  readonly tenantDomain: string;
  readonly clientId: string;
  /** The default account first. */
  readonly accounts: readonly Account[];

  verificationUri: string;
  accessTokenLifetimeSec = 4500;
  /** `refresh_in` of the token reply; left out while `undefined`. */
  refreshInSec: number | undefined;
  /** A refresh brings a new refresh token, as at Entra, where the old one stays good. */
  rotateRefreshTokens = true;
  /** Stricter than Entra: using a refresh token twice ends the session. */
  revokeOnReplay = false;
  /** Seconds between polls that the device code reply asks for. */
  interval = 5;
  /** Answers polls that come sooner with `slow_down` (RFC 8628 section 3.5), which Entra rarely does. */
  slowDownEarlyPolls = false;
  deviceCodeLifetimeSec = 900;
  /** As registered under "Mobile and desktop applications"; the port of a loopback address is ignored. */
  redirectUris: readonly string[] = ['http://127.0.0.1/callback'];
  /** If set, the pages ask who signs in as Entra's do. If not, one page takes any account, which is all that most tests need. */
  browserSession: BrowserSession | undefined;
  /** When the user of that session last entered their password (epoch ms). */
  browserAuthenticatedAt = Date.now();
  /** Conditional Access, "Sign-in frequency": from the user's last password, not from the sign-in. */
  signInFrequencySec: number | undefined;
  /** `refresh_token_expires_in` of the token reply, which Entra sends for single-page applications only. */
  refreshTokenExpiresInSec: number | undefined;
  /** Optional claims of the registration's ID tokens. Entra sends `pwd_exp` shortly before the password expires. */
  readonly optionalClaims: { auth_time?: true; pwd_exp?: number } = {};
  /** "Allow public client flows" of the registration (isFallbackPublicClient), without which Entra redeems no device code. */
  allowPublicClientFlows = true;
  authorizationCodeLifetimeSec = 600;
  /** By resource, the AADSTS number that a refresh for it gets; any other resource is registered and approved. */
  readonly refusedResources = new Map<string, number>();
  /** AADSTS number that the authorization page sends back instead of a code, whatever the user does. */
  authorizationError: number | undefined;

  /** Everything that was ever handed out, for tests that search files for it. */
  readonly issued = {
    accessTokens: [] as string[],
    refreshTokens: [] as string[],
    deviceCodes: [] as string[],
    authorizationCodes: [] as string[],
    userCodes: [] as string[],
  };
  /** How often tokens were issued for each grant. */
  readonly grants = { device_code: 0, authorization_code: 0, refresh_token: 0 };
  /** Polls that came before the interval was over. */
  earlyPolls = 0;

  readonly deviceCodes = new DeviceCodes();
  readonly authorizationCodes = new AuthorizationCodes();
  readonly refreshTokens = new RefreshTokens();
  readonly #accounts: Account[];
  readonly #accessTokens = new Map<
    string,
    { readonly audience: string; readonly expiresAt: number; revoked: boolean }
  >();

  constructor(options: EntraTenantOptions = {}) {
    this.tenantId = options.tenantId ?? randomUUID();
    this.tenantDomain = options.tenantDomain ?? 'contoso.onmicrosoft.com';
    this.clientId = options.clientId ?? randomUUID();
    this.verificationUri = options.verificationUri ?? 'https://login.microsoftonline.com/device';
    this.#accounts = (options.usernames ?? ['ada@contoso.com', 'grace@contoso.com']).map(newAccount);
    this.accounts = this.#accounts;
  }

  /** The user enters the code and continues. @throws Error unless the code waits for its user. */
  approve(userCode: string, username?: string): void {
    const authorization = this.#waiting(userCode);
    authorization.account = this.account(username);
    authorization.state = 'approved';
  }

  /** The user enters the code and cancels. @throws Error unless the code waits for its user. */
  decline(userCode: string): void {
    this.#waiting(userCode).state = 'declined';
  }

  /** Lets the code's time run out now. @throws Error unless the code waits for its user. */
  expire(userCode: string): void {
    this.#waiting(userCode).expiresAt = Date.now() - 1;
  }

  /** Ends all sessions, as a changed password does: refresh tokens are dead, access tokens keep working. */
  revokeAll(): void {
    this.refreshTokens.revokeAll();
  }

  /** Lets resources, or only the one of this audience, refuse all tokens issued so far, although their time isn't over. */
  revokeAccessTokens(audience?: string): void {
    for (const token of this.#accessTokens.values()) {
      if (audience === undefined || token.audience === audience) token.revoked = true;
    }
  }

  /** The user's account, or the default one; a user name not seen before becomes an account. */
  account(username?: string): Account {
    const wanted = username?.toLowerCase();
    const known = this.#accounts.find((account) => wanted === undefined || account.username.toLowerCase() === wanted);
    if (known !== undefined) return known;
    const account = newAccount(username ?? 'ada@contoso.com');
    this.#accounts.push(account);
    return account;
  }

  /** A finished sign-in without the protocol, for tests that begin with a refresh token. */
  signIn(username?: string): IssuedTokens {
    const session = this.newSession(this.account(username));
    return { accessToken: this.issueAccessToken(session), refreshToken: this.issueRefreshToken(session) };
  }

  newSession(account: Account, authenticatedAt = Date.now()): SignInSession {
    return { account, clientId: this.clientId, authenticatedAt, revoked: false };
  }

  /** Whether a policy wants a new password from someone who last entered it then. */
  isTooOld(authenticatedAt: number): boolean {
    return this.signInFrequencySec !== undefined && Date.now() - authenticatedAt > this.signInFrequencySec * 1000;
  }

  /** Makes everyone's last password this much older, in the browser too. */
  letTimePass(ms: number): void {
    this.refreshTokens.age(ms);
    this.browserAuthenticatedAt -= ms;
  }

  /** The newest user code that waits for its user; waits until there is one. @throws Error after `timeoutMs`. */
  async waitForUserCode(timeoutMs = 60_000): Promise<string> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const pending = this.deviceCodes.newestPending();
      if (pending !== undefined) return pending.userCode;
      if (Date.now() > deadline) throw new Error(`no device code was asked for within ${timeoutMs} ms`);
      await sleep(10);
    }
  }

  /** What a resource such as Foundry does with a bearer token that it gets. */
  checkAccessToken(token: string, audience = DEFAULT_AUDIENCE): AccessTokenVerdict {
    const known = this.#accessTokens.get(token);
    if (known === undefined) return 'unknown';
    if (known.audience !== audience) return 'wrong-audience';
    if (known.expiresAt <= Date.now()) return 'expired';
    return known.revoked ? 'revoked' : 'valid';
  }

  /** All secrets handed out so far. User codes aren't among them: they are meant to be seen. */
  secrets(): string[] {
    const { accessTokens, refreshTokens, deviceCodes, authorizationCodes } = this.issued;
    return [...accessTokens, ...refreshTokens, ...deviceCodes, ...authorizationCodes];
  }

  issueAccessToken(session: Omit<SignInSession, 'authenticatedAt'>, audience = DEFAULT_AUDIENCE): string {
    const lifetimeSec = this.accessTokenLifetimeSec;
    const { account, clientId } = session;
    const token = mintAccessToken({ account, tenantId: this.tenantId, clientId, audience, lifetimeSec });
    this.#accessTokens.set(token, { audience, expiresAt: Date.now() + lifetimeSec * 1000, revoked: false });
    this.issued.accessTokens.push(token);
    return token;
  }

  issueRefreshToken(session: SignInSession): string {
    const token = this.refreshTokens.issue(session);
    this.issued.refreshTokens.push(token);
    return token;
  }

  #waiting(userCode: string): DeviceAuthorizationState {
    const authorization = this.deviceCodes.byUserCode(userCode);
    if (authorization === undefined) throw new Error('this user code was never issued');
    if (!isWaiting(authorization)) throw new Error(`this user code does not wait for its user: ${authorization.state}`);
    return authorization;
  }
}

function newAccount(username: string): Account {
  const [localPart = username] = username.split('@');
  return { oid: randomUUID(), username, name: localPart.charAt(0).toUpperCase() + localPart.slice(1) };
}
