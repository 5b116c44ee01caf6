// Tokens as Entra makes them: claims, sizes and signature are real enough for a client that looks inside.
import { createHash, createPublicKey, type KeyObject, randomBytes, randomUUID, sign } from 'node:crypto';
import { keptKey } from './kept-key.ts';

/** A user of the tenant. */
export interface Account {
  /** Object id in the tenant. */
  readonly oid: string;
  /** User principal name. */
  readonly username: string;
  readonly name: string;
}

export interface TokenRequest {
  readonly account: Account;
  readonly tenantId: string;
  readonly clientId: string;
  /** What the access token is for, without the scope's last part. */
  readonly audience: string;
  readonly lifetimeSec: number;
  /** Of the authorization request; for the id token only. */
  readonly nonce?: string | undefined;
  /** More claims; for the id token only. */
  readonly optional?: object;
  /** Host of the cloud; for the id token only. Default: the public one. */
  readonly authority?: string;
}

/** Entra dates its tokens back, so that clocks may differ. */
const BACKDATED_SEC = 300;
const KEY_ID = 'test-signing-key';

// One serves all servers of a process.
let signingKey: KeyObject | undefined;

function privateKey(): KeyObject {
  signingKey ??= keptKey('entra');
  return signingKey;
}

/** The public keys as `discovery/v2.0/keys` gives them. */
export function jsonWebKeySet(): object {
  const jwk = createPublicKey(privateKey()).export({ format: 'jwk' });
  return { keys: [{ ...jwk, kid: KEY_ID, use: 'sig', alg: 'RS256' }] };
}

/** An access token for an Azure resource: v1.0 claims, about 1.8 KB, never the same twice. */
export function mintAccessToken(request: TokenRequest): string {
  const { account, tenantId, clientId } = request;
  return signToken({
    aud: request.audience,
    iss: `https://sts.windows.net/${tenantId}/`,
    ...validity(request.lifetimeSec),
    acr: '1',
    aio: randomBytes(60).toString('base64'),
    amr: ['pwd', 'mfa'],
    appid: clientId,
    appidacr: '0',
    groups: Array.from({ length: 6 }, () => randomUUID()),
    idtyp: 'user',
    ipaddr: '203.0.113.7',
    name: account.name,
    oid: account.oid,
    puid: randomBytes(8).toString('hex').toUpperCase(),
    rh: `1.${randomBytes(54).toString('base64url')}.`,
    scp: 'user_impersonation',
    sid: randomUUID(),
    sub: subjectOf(account, request.audience),
    tid: tenantId,
    unique_name: account.username,
    upn: account.username,
    uti: randomBytes(16).toString('base64url'),
    ver: '1.0',
    wids: [randomUUID(), randomUUID()],
  });
}

/** An id token (v2.0) for the application itself. */
export function mintIdToken(request: TokenRequest): string {
  const { account, tenantId, clientId, authority = 'login.microsoftonline.com' } = request;
  return signToken({
    aud: clientId,
    iss: `https://${authority}/${tenantId}/v2.0`,
    ...validity(request.lifetimeSec),
    name: account.name,
    ...(request.nonce === undefined ? {} : { nonce: request.nonce }),
    oid: account.oid,
    preferred_username: account.username,
    ...request.optional,
    rh: `1.${randomBytes(54).toString('base64url')}.`,
    sid: randomUUID(),
    sub: subjectOf(account, clientId),
    tid: tenantId,
    uti: randomBytes(16).toString('base64url'),
    ver: '2.0',
  });
}

/** Opaque, and longer than any field that was made for a password. */
export function mintRefreshToken(): string {
  return `1.${randomBytes(820).toString('base64url')}`;
}

export function mintDeviceCode(): string {
  return `D${randomBytes(165).toString('base64url')}`;
}

export function mintAuthorizationCode(): string {
  return `1.${randomBytes(600).toString('base64url')}`;
}

/** Nine characters that people don't confuse, as Entra's. */
export function mintUserCode(): string {
  const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
  return Array.from(randomBytes(9), (byte) => alphabet[byte % alphabet.length]).join('');
}

/** MSAL makes `homeAccountId` of it. */
export function clientInfo(account: Account, tenantId: string): string {
  return Buffer.from(JSON.stringify({ uid: account.oid, utid: tenantId })).toString('base64url');
}

function validity(lifetimeSec: number): { iat: number; nbf: number; exp: number } {
  const now = Math.floor(Date.now() / 1000);
  return { iat: now - BACKDATED_SEC, nbf: now - BACKDATED_SEC, exp: now + lifetimeSec };
}

function subjectOf(account: Account, audience: string): string {
  return createHash('sha256').update(`${account.oid} ${audience}`).digest('base64url');
}

function signToken(claims: object): string {
  const header = { typ: 'JWT', alg: 'RS256', kid: KEY_ID };
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  const signed = `${encode(header)}.${encode(claims)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), privateKey()).toString('base64url')}`;
}
