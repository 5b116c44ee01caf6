// The only place that turns errors from Entra and MSAL into an AppError. It never passes on a server's text, because
// descriptions contain account names.
import { AppError, type ErrorCode } from '../../core/errors.ts';
import { parseObject } from '../../core/json.ts';
import { EXPLANATIONS, REQUEST_LOOP, SPENT_CODE, STEP_REQUIRED } from './aadsts.ts';

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
 * Whether a failed refresh means that its refresh token will never work again. If Entra requires another step, or a
 * policy blocks it for now, it isn't dead: it works again once the step is done or the policy is lifted.
 */
export function isRefreshTokenDead({ code }: AppError): boolean {
  return code === 'ERR_SIGN_IN_ENDED' || code === 'ERR_DEVICE_CODE_BLOCKED';
}

/**
 * Maps an error reply of the token or device authorization endpoint (RFC 6749 section 5.2, RFC 8628 section 3.5).
 * `now` is epoch milliseconds, needed if Retry-After is a date.
 */
export function mapEntraError(reply: EntraReply, grant: Grant, host: string, now: number): AppError {
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
  const known = number === undefined ? undefined : EXPLANATIONS.get(number);
  const name = number === undefined ? error : `AADSTS${number}`;
  const suberror = identifier(reply.body['suberror']);
  const claims = claimsChallenge(reply.body);
  if (known === undefined && needsStep(error, suberror, number)) {
    return new AppError('ERR_SIGN_IN_STEP_REQUIRED', { detail: name, correlationId, claims });
  }
  // Only invalid_grant is about the refresh token itself.
  const isAboutRequest = grant === 'refresh_token' && error !== 'invalid_grant';
  if (known?.code === 'ERR_DEVICE_CODE_BLOCKED' && isAboutRequest) {
    return new AppError('ERR_POLICY_BLOCKED', { detail: name, correlationId, claims });
  }
  const { code, key } = known ?? explainError(error, { suberror, number, grant });
  return new AppError(code, { detail: key === undefined ? name : `${name} ("${key}")`, correlationId, claims });
}

/**
 * Maps the error that the browser brought instead of a code (RFC 6749 section 4.1.2.1). Anyone who knows `state` can
 * send it, so it may explain this sign-in but must not decide anything else.
 */
export function mapAuthorizationError(parameters: EntraReply['body'], host: string): AppError {
  return mapEntraError({ status: 400, headers: {}, body: parameters }, 'authorization_code', host, 0);
}

function isBusy(status: number, error: string | undefined, number: number | undefined): boolean {
  if (status === 429 || status >= 500 || number === REQUEST_LOOP) return true;
  return error === 'temporarily_unavailable' || error === 'server_error';
}

function needsStep(error: string, suberror: string | undefined, number: number | undefined): boolean {
  if (error === 'interaction_required' || error === 'login_required') return true;
  if (number !== undefined && STEP_REQUIRED.has(number)) return true;
  return suberror === 'basic_action' || suberror === 'additional_action' || suberror === 'user_password_expired';
}

interface Circumstances {
  readonly suberror: string | undefined;
  readonly number: number | undefined;
  readonly grant: Grant;
}

function explainError(
  error: string,
  circumstances: Circumstances,
): { readonly code: ErrorCode; readonly key?: string } {
  const { suberror } = circumstances;
  if (suberror === 'consent_required') return { code: 'ERR_CONSENT_REQUIRED' };
  switch (error) {
    case 'authorization_declined':
    case 'access_denied':
      return { code: 'ERR_SIGN_IN_DECLINED' };
    case 'expired_token':
    case 'code_expired':
    case 'bad_verification_code':
      return { code: 'ERR_SIGN_IN_CODE_EXPIRED' };
    case 'consent_required':
      return { code: 'ERR_CONSENT_REQUIRED' };
    case 'unauthorized_client':
      return { code: 'ERR_ENTRA_APP_UNKNOWN', key: 'clientId' };
    case 'invalid_client':
      return { code: 'ERR_ENTRA_PUBLIC_CLIENT_OFF', key: 'clientId' };
    case 'invalid_scope':
    case 'invalid_resource':
      return { code: 'ERR_ENTRA_SCOPE', key: 'scope' };
    case 'invalid_grant':
      return { code: explainInvalidGrant(circumstances) };
    default:
      return { code: 'ERR_ENTRA_REFUSED' };
  }
}

function explainInvalidGrant({ suberror, number, grant }: Circumstances): ErrorCode {
  if (suberror === 'protection_policy_required') return 'ERR_POLICY_BLOCKED';
  if (grant !== 'refresh_token') {
    return number !== undefined && SPENT_CODE.has(number) ? 'ERR_SIGN_IN_CODE_EXPIRED' : 'ERR_ENTRA_REFUSED';
  }
  // message_only: a condition that can't be met now, such as a location. The refresh token stays valid.
  if (suberror === 'message_only') return 'ERR_ENTRA_REFUSED';
  return 'ERR_SIGN_IN_ENDED';
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

function aadstsNumber(body: EntraReply['body']): number | undefined {
  const codes: unknown = body['error_codes'];
  const first: unknown = Array.isArray(codes) ? codes[0] : undefined;
  if (typeof first === 'number' && Number.isSafeInteger(first)) return first;
  const match = /AADSTS(\d{4,9})/.exec(stringProperty(body, 'error_description') ?? '');
  return match?.[1] === undefined ? undefined : Number(match[1]);
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
 * our clock.
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
