// Checks successful replies before MSAL sees them. MSAL accepts an empty object as a token, and polls every millisecond
// if a device code has no interval.
import { AppError } from '../../core/errors.ts';
import { isTokenText } from '../../core/token-text.ts';
import { verificationAddress } from '../cloud.ts';
import type { Grant } from './map-error.ts';

type Body = Readonly<Record<string, unknown>>;

/** Milliseconds, counted from the reply; `refreshInMs` is Entra's advice (`refresh_in`). `refreshTokenMs`: of the refresh token. */
export interface TokenTimes {
  readonly lifetimeMs: number;
  readonly refreshInMs?: number;
  readonly refreshTokenMs?: number;
}

/** RFC 8628 section 3.2: the default is 5 s. Entra's codes live 15 minutes. */
const DEFAULT_INTERVAL_SECONDS = 5;
const DEFAULT_CODE_LIFETIME_SECONDS = 900;
/** Only a broken server asks for longer waits, and a Node timer of 24.8 days or more fires immediately. */
const MAX_INTERVAL_SECONDS = 300;
const MAX_CODE_LIFETIME_SECONDS = 24 * 3600;
/** Entra's longest-lived tokens, those for continuous access evaluation, live 28 hours. */
const MAX_TOKEN_LIFETIME_SECONDS = 7 * 24 * 3600;

/** Printable ASCII without spaces: device codes and refresh tokens (RFC 6749 appendix A.17) are only ever sent in a form. */
const OPAQUE = /^[\x21-\x7e]{1,16384}$/;
/** RFC 7519: header, claims, and signature. */
const JWT = /^[\w-]+\.[\w-]+\.[\w-]*$/;
const BEARER = /^bearer$/i;
/** Letters and digits, in groups (RFC 8628 section 6.1): no code can read as an instruction. */
const USER_CODE = /^[a-z\d]+(?:[ -][a-z\d]+){0,3}$/i;

/**
 * Checks a device authorization reply (RFC 8628 section 3.2) of the authority `host`, normalizes its address, and fills in
 * `interval` and `expires_in`.
 * @throws AppError ERR_NETWORK_REPLY naming the missing field
 */
export function readDeviceAuthorization(
  body: Body,
  host: string,
): { readonly body: Body; readonly intervalMs: number; readonly expiresInMs: number } {
  const address = verificationAddress(body['verification_uri'], host);
  requireFields(host, 'device code', {
    device_code: isMatch(body['device_code'], OPAQUE),
    user_code: isMatch(body['user_code'], USER_CODE),
    verification_uri: address !== undefined,
  });
  const interval = Math.min(positive(body['interval']) ?? DEFAULT_INTERVAL_SECONDS, MAX_INTERVAL_SECONDS);
  const lifetime = positive(body['expires_in']) ?? DEFAULT_CODE_LIFETIME_SECONDS;
  const expiresIn = Math.min(lifetime, MAX_CODE_LIFETIME_SECONDS);
  return {
    // Nothing else of the reply is used: neither its `message` nor an address with the code in it.
    body: {
      device_code: body['device_code'],
      user_code: body['user_code'],
      verification_uri: address,
      interval,
      expires_in: expiresIn,
    },
    intervalMs: interval * 1000,
    expiresInMs: expiresIn * 1000,
  };
}

/**
 * Checks a token reply (RFC 6749 section 5.1). The returned body is safe for MSAL. It lacks `refresh_in`, because MSAL
 * would keep a caller waiting who has a valid token, and `foci`, because MSAL would file the refresh token under
 * another key.
 * @throws AppError ERR_NETWORK_REPLY naming the missing field
 */
export function readToken(body: Body, grant: Grant, host: string): { readonly body: Body; readonly times: TokenTimes } {
  const lifetime = positive(body['expires_in']);
  requireFields(host, 'token', {
    access_token: isTokenText(body['access_token']),
    token_type: isMatch(body['token_type'], BEARER),
    expires_in: lifetime !== undefined,
    // A refresh reply may omit these and keep the old ones. A sign-in without them could never be refreshed.
    refresh_token: optional(body['refresh_token'], grant) || isMatch(body['refresh_token'], OPAQUE),
    id_token: optional(body['id_token'], grant) || isMatch(body['id_token'], JWT),
  });
  const { refresh_in: refreshIn, foci, ...rest } = body;
  const refreshInSeconds = positive(refreshIn);
  const refreshTokenSeconds = positive(body['refresh_token_expires_in']);
  return {
    body: rest,
    times: {
      lifetimeMs: toLifetimeMs(lifetime ?? 0),
      ...(refreshInSeconds === undefined ? {} : { refreshInMs: toLifetimeMs(refreshInSeconds) }),
      ...(refreshTokenSeconds === undefined ? {} : { refreshTokenMs: refreshTokenSeconds * 1000 }),
    },
  };
}

function toLifetimeMs(seconds: number): number {
  return Math.min(seconds, MAX_TOKEN_LIFETIME_SECONDS) * 1000;
}

function requireFields(host: string, what: string, fields: Readonly<Record<string, boolean>>): void {
  const wrong = Object.keys(fields).filter((name) => !fields[name]);
  if (wrong.length === 0) return;
  throw new AppError('ERR_NETWORK_REPLY', { detail: `${host} (${what} reply without a usable ${wrong.join(', ')})` });
}

function optional(value: unknown, grant: Grant): boolean {
  return grant === 'refresh_token' && value === undefined;
}

function isMatch(value: unknown, pattern: RegExp): boolean {
  return typeof value === 'string' && pattern.test(value);
}

/** Seconds, as a number or, as Entra v1 sent them, a numeric string. */
function positive(value: unknown): number | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  const seconds = Number(value);
  return Number.isFinite(seconds) && seconds > 0 ? seconds : undefined;
}
