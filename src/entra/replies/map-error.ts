// The only place that turns errors from Entra and MSAL into an AppError. What they mean is in aadsts.ts.
import { AppError, type ErrorCode, errorCatalog } from '../../core/errors.ts';
import { parseObject } from '../../core/json.ts';
import { isDefaultScope } from '../cloud.ts';
import { EXPLANATIONS, type Explanation, errorPage, OAUTH_ERRORS, SUBERRORS, UNLISTED } from './aadsts.ts';
import { entraSentence } from './entra-sentence.ts';

export interface EntraReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * The OAuth 2.0 grant that a request belongs to. `device_code` begins with the device authorization request,
 * `authorization_code` with the redirect that brings the code.
 */
export type Grant = 'device_code' | 'authorization_code' | 'refresh_token';

/**
 * Whether a failed refresh means that its refresh token will never work again. Everything else keeps it: what Entra
 * requires or forbids may change, and MSAL too forgets a refresh token for the suberror `bad_token` only
 * (https://github.com/AzureAD/microsoft-authentication-library-for-dotnet/pull/1720).
 */
export function isRefreshTokenDead({ code }: Pick<AppError, 'code'>): boolean {
  return code === 'ERR_SIGN_IN_ENDED' || code === 'ERR_DEVICE_CODE_BLOCKED';
}

/** What one error reply says. */
interface Signal {
  /** The OAuth error name. */
  readonly error: string;
  readonly suberror: string | undefined;
  readonly number: number | undefined;
  readonly grant: Grant;
  /** What the request asked for; `undefined` counts as the default. */
  readonly scope: string | undefined;
}

/**
 * Maps an error reply of the token or device authorization endpoint (RFC 6749 section 5.2, RFC 8628 section 3.5).
 * `now` is epoch milliseconds, needed if Retry-After is a date. `scope` is what the request asked for.
 */
export function mapEntraError(reply: EntraReply, grant: Grant, host: string, now: number, scope?: string): AppError {
  const error = identifier(reply.body['error']);
  const number = aadstsNumber(reply.body);
  const correlationId = correlationIdOf(reply);
  if (isBusy(reply.status, error, number)) {
    const detail = number === undefined ? `${host} (HTTP ${reply.status})` : `${host} (AADSTS${number})`;
    return new AppError('ERR_THROTTLED', { detail, correlationId, retryAfterMs: retryAfterMs(reply.headers, now) });
  }
  if (error === undefined) {
    const detail = `${host} (HTTP ${reply.status} without an OAuth error)`;
    return new AppError('ERR_NETWORK_REPLY', { detail, correlationId });
  }
  const suberror = identifier(reply.body['suberror']);
  const { code, key, reason } = meaningOf({ error, suberror, number, grant, scope });
  const name = number === undefined ? error : `AADSTS${number}`;
  return new AppError(code, {
    detail: key === undefined ? name : `${name} ("${key}")`,
    reason: isUnknown(number) ? wordsOfEntra(number, reply.body) : reason,
    correlationId,
    claims: claimsChallenge(reply.body),
  });
}

/**
 * Maps the error that the browser brought instead of a code (RFC 6749 section 4.1.2.1). Anyone who knows `state` can
 * send it, so it may explain this sign-in but must not decide anything else.
 */
export function mapAuthorizationError(parameters: EntraReply['body'], host: string, scope?: string): AppError {
  return mapEntraError({ status: 400, headers: {}, body: parameters }, 'authorization_code', host, 0, scope);
}

function isBusy(status: number, error: string | undefined, number: number | undefined): boolean {
  if (status === 429 || status >= 500) return true;
  return entryOf(number)?.code === 'ERR_THROTTLED' || OAUTH_ERRORS.get(error ?? '')?.code === 'ERR_THROTTLED';
}

/**
 * The number decides, then the suberror, then the OAuth error name, which Entra uses for many different things. A vague
 * number comes after them.
 */
function meaningOf({ error, suberror = '', number, grant, scope }: Signal): Explanation {
  const entry = entryOf(number);
  if (error === 'invalid_grant' && suberror === 'bad_token' && grant === 'refresh_token') return endedBy(entry);
  const clear = entry?.isVague === true ? undefined : entry;
  const found = clear ?? SUBERRORS.get(suberror) ?? byName(error, number, grant);
  return forScope(grant === 'refresh_token' ? forRefresh(found, error) : forSignIn(found), scope);
}

/** A policy or a setting that refuses the sign-in may change, so it counts more than a refresh token called bad. */
function endedBy(entry: Explanation | undefined): Explanation {
  if (entry?.end !== undefined) return entry;
  const ended: Explanation = { ...SUBERRORS.get('bad_token'), code: 'ERR_SIGN_IN_ENDED' };
  if (entry === undefined || entry.isVague === true) return ended;
  return errorCatalog[entry.code].category === 'sign-in' ? { ...ended, ...entry, code: ended.code } : entry;
}

/** Only invalid_grant is about the refresh token itself, so nothing else ends a sign-in. */
function forRefresh(found: Explanation, error: string): Explanation {
  if (error === 'invalid_grant' || !isRefreshTokenDead(found)) return found;
  if (found.code === 'ERR_DEVICE_CODE_BLOCKED') return { ...found, code: 'ERR_POLICY_BLOCKED' };
  const byError = OAUTH_ERRORS.get(error)?.code;
  return { ...found, code: byError === 'ERR_SIGN_IN_STEP_REQUIRED' ? byError : 'ERR_SIGN_IN_REFUSED' };
}

function forSignIn({ code, atSignIn, ...rest }: Explanation): Explanation {
  return { ...rest, code: atSignIn ?? code };
}

/** The default scope is always right, so the resource is to blame; any other may be a mistake in the settings. */
function forScope(found: Explanation, scope: string | undefined): Explanation {
  const own = OWN_RESOURCE[found.code];
  return own === undefined || isDefaultScope(scope) ? found : { ...found, ...own };
}

const OWN_RESOURCE: Readonly<Partial<Record<ErrorCode, Explanation>>> = {
  ERR_ENTRA_SERVICE_MISSING: { code: 'ERR_ENTRA_RESOURCE_MISSING', key: 'scope' },
  ERR_ENTRA_SERVICE_DISABLED: { code: 'ERR_ENTRA_RESOURCE_DISABLED', key: 'scope' },
};

function byName(error: string, number: number | undefined, grant: Grant): Explanation {
  const named = OAUTH_ERRORS.get(error);
  if (number === undefined) return named ?? REFUSED;
  // With a number, invalid_grant may mean anything, and to blame the client would be a guess.
  if (error === 'invalid_grant') return grant === 'refresh_token' ? (entryOf(number) ?? UNLISTED) : REFUSED;
  if (error === 'unauthorized_client' || error === 'invalid_client') return entryOf(number) ?? REFUSED;
  return named ?? entryOf(number) ?? REFUSED;
}

const REFUSED: Explanation = { code: 'ERR_ENTRA_REFUSED' };

function entryOf(number: number | undefined): Explanation | undefined {
  return number === undefined ? undefined : EXPLANATIONS.get(number);
}

function isUnknown(number: number | undefined): number is number {
  return number !== undefined && !EXPLANATIONS.has(number);
}

/** Microsoft's own sentence and where it says more. */
function wordsOfEntra(number: number, body: EntraReply['body']): string {
  const sentence = entraSentence(body['error_description']);
  const more = `see ${errorPage(number)}`;
  return sentence === undefined ? more : `${sentence.replace(/\.$/, '')}; ${more}`;
}

const UNREADABLE_REPLY = new Set([
  'token_parsing_error',
  'null_or_empty_token',
  'client_info_decoding_error',
  'nonce_mismatch',
]);

/** Maps MSAL's own errors. Network and server errors don't get here: `EntraNetworkClient` keeps them. */
export function mapMsalError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const errorCode = identifier(stringProperty(thrown, 'errorCode'));
  const code = UNREADABLE_REPLY.has(errorCode ?? '') ? 'ERR_NETWORK_REPLY' : 'ERR_INTERNAL';
  return new AppError(code, { detail: errorCode === undefined ? undefined : `MSAL ${errorCode}`, cause: thrown });
}

/**
 * The reply's number, by its list or its description; if there are several, the first one that's listed in aadsts.ts.
 */
function aadstsNumber(body: EntraReply['body']): number | undefined {
  const codes: unknown = body['error_codes'];
  const described = /AADSTS(\d{4,9})/.exec(stringProperty(body, 'error_description') ?? '')?.[1];
  const numbers = [...(Array.isArray(codes) ? (codes as unknown[]) : []), described && Number(described)].filter(
    (number): number is number => Number.isSafeInteger(number) && Number(number) > 0,
  );
  const saysMore = (number: number): boolean => entryOf(number) !== undefined && entryOf(number)?.isVague !== true;
  return numbers.find(saysMore) ?? numbers.find((number) => EXPLANATIONS.has(number)) ?? numbers[0];
}

const GUID = /^[\da-f-]{36}$/i;

function correlationIdOf({ headers, body }: EntraReply): string | undefined {
  const candidates = [body['correlation_id'], headers['client-request-id'], headers['x-ms-correlation-id']];
  const found = candidates.find((value): value is string => typeof value === 'string' && GUID.test(value));
  // A redirect carries it only in the description.
  return found ?? /Correlation ID: ([\da-f-]{36})\b/i.exec(stringProperty(body, 'error_description') ?? '')?.[1];
}

/**
 * RFC 9110 section 10.2.3: seconds, or a date. If the reply has a Date header, the wait is measured from that, not from
 * this computer's clock.
 */
function retryAfterMs(headers: EntraReply['headers'], now: number): number | undefined {
  const value = headers['retry-after'];
  if (typeof value !== 'string') return undefined;
  if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1000;
  const until = Date.parse(value);
  if (Number.isNaN(until)) return undefined;
  const serverNow = Date.parse(String(headers['date']));
  return Math.max(0, until - (Number.isNaN(serverNow) ? now : serverNow));
}

/** An OAuth error name. Anything else is free text and is dropped. */
function identifier(value: unknown): string | undefined {
  return typeof value === 'string' && /^[a-z][a-z\d_]{0,63}$/.test(value) ? value : undefined;
}

function stringProperty(value: unknown, key: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const property: unknown = Reflect.get(value, key);
  return typeof property === 'string' && property !== '' ? property : undefined;
}

/** Maximum length of a claims challenge, in characters. Entra's have a few hundred. */
const MAX_CLAIMS = 8 * 1024;

/** The reply's claims challenge if it's usable: anything but a JSON object would make every later sign-in fail. */
function claimsChallenge(body: unknown): string | undefined {
  const claims = stringProperty(body, 'claims');
  if (claims === undefined || claims.length > MAX_CLAIMS) return undefined;
  return parseObject(claims) === undefined ? undefined : claims;
}
