// The open device codes, the authorization codes and the refresh tokens of the Entra server, with the rules of either.
import { createHash } from 'node:crypto';
import { type Account, mintAuthorizationCode, mintDeviceCode, mintRefreshToken, mintUserCode } from './entra-tokens.ts';

export interface DeviceAuthorizationState {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly clientId: string;
  readonly scope: string;
  expiresAt: number;
  state: 'pending' | 'approved' | 'declined' | 'redeemed';
  account?: Account;
  lastPollAt?: number;
}

/** RFC 8628, seen from the server. */
export class DeviceCodes {
  readonly #all: DeviceAuthorizationState[] = [];

  open(clientId: string, scope: string, lifetimeSec: number): DeviceAuthorizationState {
    const authorization: DeviceAuthorizationState = {
      deviceCode: mintDeviceCode(),
      userCode: mintUserCode(),
      clientId,
      scope,
      expiresAt: Date.now() + lifetimeSec * 1000,
      state: 'pending',
    };
    this.#all.push(authorization);
    return authorization;
  }

  byDeviceCode(deviceCode: string): DeviceAuthorizationState | undefined {
    return this.#all.find((authorization) => authorization.deviceCode === deviceCode);
  }

  /** As typed: upper and lower case are the same, blanks around it don't matter. */
  byUserCode(typed: string): DeviceAuthorizationState | undefined {
    const userCode = typed.trim().toUpperCase();
    return this.#all.find((authorization) => authorization.userCode === userCode);
  }

  /** The newest code that still waits for its user. */
  newestPending(): DeviceAuthorizationState | undefined {
    return this.#all.findLast(isWaiting);
  }
}

export function isWaiting(authorization: DeviceAuthorizationState): boolean {
  return authorization.state === 'pending' && authorization.expiresAt > Date.now();
}

export interface AuthorizationCodeGrant {
  readonly clientId: string;
  readonly redirectUri: string;
  /** S256 (RFC 7636 section 4.2). */
  readonly codeChallenge: string;
  readonly scope: string;
  readonly nonce: string | undefined;
  readonly account: Account;
  /** When the user last entered their password (epoch ms). */
  readonly authenticatedAt: number;
  readonly expiresAt: number;
}

export interface CodeRedemption {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly codeVerifier: string;
}

/** RFC 6749 section 4.1 with RFC 7636, seen from the server. */
export class AuthorizationCodes {
  readonly #all = new Map<string, AuthorizationCodeGrant & { used: boolean }>();

  issue(grant: AuthorizationCodeGrant): string {
    const code = mintAuthorizationCode();
    this.#all.set(code, { ...grant, used: false });
    return code;
  }

  /** What the code stands for, once; or the AADSTS number of the refusal. */
  redeem(code: string, { clientId, redirectUri, codeVerifier }: CodeRedemption): AuthorizationCodeGrant | number {
    const grant = this.#all.get(code);
    if (grant === undefined || grant.clientId !== clientId) return 70000;
    if (grant.used) return 54005;
    if (grant.expiresAt <= Date.now()) return 70008;
    if (grant.redirectUri !== redirectUri) return 500112;
    if (createHash('sha256').update(codeVerifier).digest('base64url') !== grant.codeChallenge) return 501481;
    grant.used = true;
    return grant;
  }
}

/** One sign-in; all refresh tokens that come of it fall together. */
export interface SignInSession {
  readonly account: Account;
  readonly clientId: string;
  /** When the user last entered their password (epoch ms). Policies count from then. */
  authenticatedAt: number;
  revoked: boolean;
}

interface RefreshTokenState {
  readonly session: SignInSession;
  used: boolean;
}

export class RefreshTokens {
  readonly #all = new Map<string, RefreshTokenState>();

  issue(session: SignInSession): string {
    const token = mintRefreshToken();
    this.#all.set(token, { session, used: false });
    return token;
  }

  /**
   * The session that the token belongs to, or the AADSTS number of the refusal. `strict` isn't Entra's way: there a
   * used token ends the whole session (OAuth 2.0 Security BCP, RFC 9700 section 4.14.2).
   */
  redeem(token: string, clientId: string, strict: boolean): SignInSession | number {
    const state = this.#all.get(token);
    if (state === undefined || state.session.clientId !== clientId) return 70000;
    if (strict && state.used) state.session.revoked = true;
    if (state.session.revoked) return 50173;
    state.used = true;
    return state.session;
  }

  revokeAll(): void {
    for (const { session } of this.#all.values()) session.revoked = true;
  }

  /** Makes all sessions this much older. */
  age(ms: number): void {
    for (const session of new Set([...this.#all.values()].map((state) => state.session))) session.authenticatedAt -= ms;
  }
}
