import { type Row, type RowDetails, rowOf, short, type Verdict } from './row.ts';
import { DECLINED, DEVICE, EXPIRED, nobody, POLICY, REFUSED, REPLY, STEP } from './sign-in-verdicts.ts';
import { aadsts, changed, html, http, oauthError, retryAtDate, without } from './signals.ts';
import { answers, certificate, lostProxyName, nothing, proxyIn, proxyUnreachable } from './troubles.ts';

const row = rowOf('poll');

/** The code is kept, and the next poll gets the tokens. */
const GOES_ON: Verdict & RowDetails = { exit: 0, refreshToken: 'replaced', next: 'succeeds', requests: 2 };
/** Nothing reached Entra until the trouble was over. */
const RETURNS: Verdict & RowDetails = { ...GOES_ON, requests: 1 };
/** The code was used up by the answer that didn't arrive. */
const USED_UP: Verdict & RowDetails = { ...EXPIRED, requests: 2, correlated: true };

const answersOfTheUser: readonly Row[] = [
  row('authorization_pending', aadsts(70016), GOES_ON, short),
  row('authorization_pending with Retry-After', aadsts(70016, { retryAfterSec: 1 }), GOES_ON),
  row('slow_down', oauthError('slow_down'), GOES_ON, { ...short, pauseMs: 5_000 }),
  row('the user declines', nothing, DECLINED, { ...short, user: 'declines', correlated: true }),
  row('access_denied', oauthError('access_denied'), DECLINED),
  row('the code expires', nothing, EXPIRED, { user: 'lets it expire', correlated: true }),
  row('expired_token', aadsts(70019), EXPIRED, short),
  row('bad_verification_code', aadsts(70018), EXPIRED),
];

const refusals: readonly Row[] = [
  row('AADSTS53003', aadsts(53003), POLICY),
  row('AADSTS53000', aadsts(53000), DEVICE),
  row('AADSTS530036', aadsts(530036), { exit: 9, code: 'ERR_DEVICE_CODE_BLOCKED', ...nobody }, short),
  row('AADSTS65001', aadsts(65001), { exit: 9, code: 'ERR_CONSENT_REQUIRED', ...nobody }),
  row('AADSTS50105', aadsts(50105), { exit: 9, code: 'ERR_NOT_ASSIGNED', ...nobody }),
  row('AADSTS50020', aadsts(50020), { exit: 9, code: 'ERR_WRONG_TENANT', ...nobody }),
  row('AADSTS50057', aadsts(50057), { exit: 9, code: 'ERR_ACCOUNT_DISABLED', ...nobody }),
  row('AADSTS50076 with claims', aadsts(50076), STEP),
  row('AADSTS50079 with claims', aadsts(50079), STEP),
  row('interaction_required without a number', oauthError('interaction_required'), STEP),
  row(
    'AADSTS7000218',
    aadsts(7000218),
    { exit: 3, code: 'ERR_ENTRA_PUBLIC_CLIENT_OFF', ...nobody },
    { names: '"clientId"' },
  ),
  row('AADSTS700016', aadsts(700016), { exit: 3, code: 'ERR_ENTRA_APP_UNKNOWN', ...nobody }, { names: '"clientId"' }),
  row('AADSTS90002', aadsts(90002), { exit: 3, code: 'ERR_ENTRA_TENANT_UNKNOWN', ...nobody }, { names: '"tenantId"' }),
  row('AADSTS70011', aadsts(70011), { exit: 3, code: 'ERR_ENTRA_SCOPE', ...nobody }, { names: '"scope"' }),
  row('AADSTS70043', aadsts(70043), REFUSED),
  row('AADSTS700082', aadsts(700082), REFUSED),
  row('AADSTS50173', aadsts(50173), REFUSED),
  row('AADSTS999999, unknown', aadsts(999999), REFUSED),
  row('an OAuth error of the future', oauthError('something_new'), REFUSED),
];

const passing: readonly Row[] = [
  row('AADSTS50196 request loop', aadsts(50196), GOES_ON),
  row('503 JSON', http(503), GOES_ON, short),
  row('503 HTML', html(503), GOES_ON),
  row('500 HTML', html(500), GOES_ON),
  row('503 JSON, Retry-After 3', http(503, { 'retry-after': '3' }), GOES_ON, { pauseMs: 3_000 }),
  row('503 HTML, Retry-After as a date', retryAtDate(503, 2), GOES_ON, { pauseMs: 2_000 }),
  row('429 AADSTS90055, Retry-After 3', aadsts(90055, { retryAfterSec: 3 }), GOES_ON, { ...short, pauseMs: 3_000 }),
  row('429 HTML', html(429), GOES_ON),
  row('429, Retry-After as a date', retryAtDate(429, 2), GOES_ON, { pauseMs: 2_000 }),
  row('200 HTML, a captive portal', answers({ kind: 'html' }), GOES_ON),
  row('403 HTML', html(403), GOES_ON),
  row('400 with an empty object', answers({ kind: 'http', status: 400, body: {} }), GOES_ON),
  row('reset', answers({ kind: 'reset' }), GOES_ON, short),
  row('no answer', answers({ kind: 'no-answer' }), GOES_ON),
  row('DNS', lostProxyName, RETURNS),
  row('proxy 502', proxyIn({ refuse: 502 }), RETURNS),
  row('proxy 403', proxyIn({ refuse: 403 }), RETURNS),
  row('TLS: unknown issuer', certificate('unknown issuer'), RETURNS, short),
  row('TLS: expired certificate', certificate('expired'), RETURNS),
  row('TLS: other host', certificate('other host'), RETURNS),
  row('proxy unreachable', proxyUnreachable, RETURNS, short),
  row('proxy silent', proxyIn('silent'), RETURNS),
];

const final: readonly Row[] = [
  row('half JSON', answers({ kind: 'half-json' }), USED_UP),
  row('answer lost after the code was used', answers({ kind: 'lost-answer' }), USED_UP, short),
  row('stalled body', answers({ kind: 'stalled-body' }), USED_UP),
  row('empty object', answers({ kind: 'empty-object' }), REPLY),
  row('no access_token', without('access_token'), REPLY, { ...short, names: 'access_token' }),
  row('no expires_in', without('expires_in'), REPLY, { names: 'expires_in' }),
  row('no token_type', without('token_type'), REPLY, { names: 'token_type' }),
  row('no refresh_token', without('refresh_token'), REPLY, { names: 'refresh_token' }),
  row('no id_token', without('id_token'), REPLY, { names: 'id_token' }),
  row('no client_info', without('client_info'), GOES_ON, { requests: 1 }),
  row('access_token is a number', changed('access_token', 42), REPLY),
  row('expires_in is text', changed('expires_in', 'soon'), REPLY),
  row('refresh_token is a number', changed('refresh_token', 42), REPLY, { names: 'refresh_token' }),
  row('id_token is no JWT', changed('id_token', 'nonsense'), REPLY),
  row('client_info is a number', changed('client_info', 42), REPLY),
  row('client_info is no base64', changed('client_info', '%%%'), REPLY),
  row('proxy 407', proxyIn({ refuse: 407 }), { ...nobody, exit: 7, code: 'ERR_NETWORK_PROXY_AUTH' }, { requests: 0 }),
];

export const pollRows: readonly Row[] = [...answersOfTheUser, ...refusals, ...passing, ...final];
