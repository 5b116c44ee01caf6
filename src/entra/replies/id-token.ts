// Checks ID tokens as OpenID Connect Core 1.0, sections 3.1.3.7 and 12.2, requires, except for the signature, which a
// token that comes straight from the token endpoint over TLS doesn't need. MSAL compares the nonce.
import type { Cloud } from '../../core/cloud.ts';
import { AppError } from '../../core/errors.ts';
import { isGuid, tenantOfIssuer } from '../cloud.ts';
import type { AccountRecord } from '../token-source.ts';

/** Whom a reply must be about. */
export interface ExpectedIdentity {
  readonly cloud: Cloud;
  readonly clientId: string;
  /** GUIDs that all must be the token's tenant: the configured one, the redirect's. */
  readonly tenantIds: readonly string[];
  /** The sign-in that is refreshed. */
  readonly record?: AccountRecord | undefined;
}

export type Claims = Readonly<Record<string, unknown>>;

/** As MSAL and doctor's clock check have it. */
const SKEW_MS = 5 * 60_000;
/** Identifiers go into the keystore's record and into headers. Core limits `sub` to 255 ASCII characters. */
const IDENTIFIER = /^[\x21-\x7e]{1,255}$/;

/**
 * @param now epoch milliseconds by the server's clock, so that a wrong clock on this computer doesn't lock anyone out
 * @throws AppError ERR_NETWORK_IDENTITY naming the claims that don't fit
 */
export function checkIdToken(claims: Claims, expected: ExpectedIdentity, now: number, host: string): void {
  refuseFaults({ ...ownerFaults(claims, expected), ...timeFaults(claims, now) }, host);
}

/**
 * The same for an ID token of any age: a broker may return the one that it got with an earlier access token.
 * @throws AppError ERR_NETWORK_IDENTITY naming the claims that don't fit
 */
export function checkIdTokenOwner(claims: Claims, expected: ExpectedIdentity, host: string): void {
  refuseFaults(ownerFaults(claims, expected), host);
}

function refuseFaults(faults: Readonly<Record<string, boolean>>, host: string): void {
  const wrong = Object.keys(faults).filter((name) => faults[name]);
  if (wrong.length > 0) throw identityError(host, `an ID token with another ${wrong.join(', ')}`);
}

export function identityError(host: string, what: string): AppError {
  return new AppError('ERR_NETWORK_IDENTITY', { detail: `${host} sent ${what}` });
}

/** Which claims name another issuer, tenant, application, or user. */
function ownerFaults(
  { iss, tid, aud, azp, sub, oid }: Claims,
  { cloud, clientId, tenantIds, record }: ExpectedIdentity,
): Readonly<Record<string, boolean>> {
  const tenant = isGuid(tid) ? tid.toLowerCase() : undefined;
  const tenants = [...tenantIds, ...(record === undefined ? [] : [record.tenantId])];
  const isClient = (value: unknown): boolean => typeof value === 'string' && value.toLowerCase() === clientId;
  return {
    iss: tenantOfIssuer(cloud, iss) === undefined || tenantOfIssuer(cloud, iss) !== tenant,
    tid: tenant === undefined || tenants.some((id) => id.toLowerCase() !== tenant),
    aud: Array.isArray(aud) ? !aud.some(isClient) || (aud.length > 1 && azp === undefined) : !isClient(aud),
    azp: azp !== undefined && !isClient(azp),
    sub: !isIdentifier(sub) || (record?.subject !== undefined && record.subject !== sub),
    // MSAL's localAccountId is the object ID, or the subject if there's none.
    oid: !isIdentifier(oid ?? sub) || (record !== undefined && record.localAccountId !== (oid ?? sub)),
  };
}

function timeFaults({ exp, iat, nbf }: Claims, now: number): Readonly<Record<string, boolean>> {
  const isLater = (seconds: unknown): boolean => !isTime(seconds) || seconds * 1000 > now + SKEW_MS;
  return {
    exp: !isTime(exp) || exp * 1000 <= now - SKEW_MS,
    iat: isLater(iat),
    nbf: nbf !== undefined && isLater(nbf),
  };
}

const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

const isIdentifier = (value: unknown): boolean => typeof value === 'string' && IDENTIFIER.test(value);
