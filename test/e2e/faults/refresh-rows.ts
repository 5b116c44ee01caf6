import { type Row, rowOf, short, type Verdict } from './row.ts';
import { aadsts, changed, html, http, oauthError, retryAtDate, without } from './signals.ts';
import { answers, certificate, proxyIn, proxyUnreachable, unknownProxyName, withStrictProvider } from './troubles.ts';

const row = rowOf('refresh');

const living = { refreshToken: 'kept', next: 'succeeds' } as const;

const WORKS: Verdict = { exit: 0, refreshToken: 'replaced', next: 'succeeds' };
const ENDED: Verdict = { exit: 4, code: 'ERR_SIGN_IN_ENDED', refreshToken: 'ended', next: 'asks' };
/** Not accepted now, which may pass. */
const UNKNOWN: Verdict = { exit: 4, code: 'ERR_SIGN_IN_REFUSED', ...living };
const STEP: Verdict = { exit: 4, code: 'ERR_SIGN_IN_STEP_REQUIRED', ...living };
const THROTTLED: Verdict = { exit: 7, code: 'ERR_THROTTLED', ...living };
const REPLY: Verdict = { exit: 7, code: 'ERR_NETWORK_REPLY', ...living };
const TIMEOUT: Verdict = { exit: 7, code: 'ERR_NETWORK_TIMEOUT', ...living };
const LOST: Verdict = { exit: 7, code: 'ERR_NETWORK', ...living };
const TLS: Verdict = { exit: 7, code: 'ERR_NETWORK_TLS', ...living };
const POLICY: Verdict = { exit: 9, code: 'ERR_POLICY_BLOCKED', ...living };
const REFUSED: Verdict = { exit: 9, code: 'ERR_ENTRA_REFUSED', ...living };

/** invalid_grant and its like: who may continue, who must sign in, who needs an admin. */
const grantErrors: readonly Row[] = [
  row('AADSTS70043 token_expired', aadsts(70043), ENDED, { names: 'AADSTS70043' }),
  row('AADSTS700082 bad_token', aadsts(700082), ENDED),
  row('AADSTS50173 bad_token', aadsts(50173), ENDED, short),
  row('AADSTS50173 without a suberror', aadsts(50173, { suberror: null }), ENDED),
  row('AADSTS50133 without a suberror', aadsts(50133), ENDED),
  row('AADSTS999999, unknown', aadsts(999999), UNKNOWN, {
    ...short,
    names: 'documentation does not list; see https://login.microsoftonline.com/error?code=999999',
  }),
  row('AADSTS999999 bad_token', aadsts(999999, { suberror: 'bad_token' }), ENDED),
  row('AADSTS999999 token_expired', aadsts(999999, { suberror: 'token_expired' }), UNKNOWN),
  row('AADSTS70000 without a suberror', aadsts(70000, { suberror: null }), UNKNOWN),
  row('AADSTS50126', aadsts(50126), UNKNOWN),
  row('AADSTS50053', aadsts(50053), { exit: 4, code: 'ERR_ACCOUNT_LOCKED', ...living }, short),
  row('AADSTS530084', aadsts(530084), { exit: 9, code: 'ERR_TOKEN_PROTECTION', ...living }),
  row('AADSTS53005 as unauthorized_client', aadsts(53005), POLICY, short),
  row('AADSTS7000112', aadsts(7000112), { exit: 9, code: 'ERR_ENTRA_APP_DISABLED', ...living }, short),
  row('AADSTS500011', aadsts(500011), { exit: 9, code: 'ERR_ENTRA_SERVICE_MISSING', ...living }),
  row(
    'AADSTS500014 as unauthorized_client',
    aadsts(500014, { error: 'unauthorized_client' }),
    { exit: 9, code: 'ERR_ENTRA_SERVICE_DISABLED', ...living },
    short,
  ),
  row('invalid_grant without a number', oauthError('invalid_grant'), ENDED),
  row(
    'AADSTS530036',
    aadsts(530036),
    { exit: 9, code: 'ERR_DEVICE_CODE_BLOCKED', refreshToken: 'ended', next: 'asks' },
    short,
  ),
  row('AADSTS50076 with claims', aadsts(50076), STEP, short),
  row('AADSTS50079 with claims', aadsts(50079), STEP),
  row('AADSTS50076 as invalid_grant', aadsts(50076, { error: 'invalid_grant' }), STEP),
  row('interaction_required without a number', oauthError('interaction_required'), STEP),
  row('AADSTS53003', aadsts(53003), POLICY, short),
  row('AADSTS53000', aadsts(53000), { exit: 9, code: 'ERR_DEVICE_REQUIRED', ...living }),
  row('AADSTS65001', aadsts(65001), { exit: 9, code: 'ERR_CONSENT_REQUIRED', ...living }),
  row('AADSTS50105', aadsts(50105), { exit: 9, code: 'ERR_NOT_ASSIGNED', ...living }),
  row('AADSTS50020', aadsts(50020), { exit: 9, code: 'ERR_WRONG_TENANT', ...living }),
  row('AADSTS50057', aadsts(50057), { exit: 9, code: 'ERR_ACCOUNT_DISABLED', ...living }),
  row(
    'AADSTS7000218',
    aadsts(7000218),
    { exit: 3, code: 'ERR_ENTRA_PUBLIC_CLIENT_OFF', ...living },
    { names: '"clientId"' },
  ),
  row(
    'AADSTS700016',
    aadsts(700016),
    { exit: 3, code: 'ERR_ENTRA_APP_UNKNOWN', ...living },
    { ...short, names: '"clientId"' },
  ),
  row('AADSTS90002', aadsts(90002), { exit: 3, code: 'ERR_ENTRA_TENANT_UNKNOWN', ...living }, { names: '"tenantId"' }),
  row('AADSTS70011', aadsts(70011), { exit: 3, code: 'ERR_ENTRA_SCOPE', ...living }, { names: '"scope"' }),
  row('AADSTS50196 request loop', aadsts(50196), THROTTLED, { names: 'AADSTS50196' }),
  row('an OAuth error of the future', oauthError('something_new'), REFUSED, short),
  row('status 403 with an OAuth error of the future', oauthError('something_new', 403), REFUSED),
  // Answers of the device code grant: nonsense here, and no reason to forget anything.
  row('authorization_pending', aadsts(70016), REFUSED),
  row('slow_down', oauthError('slow_down'), REFUSED),
  row('authorization_declined', aadsts(65004), { exit: 4, code: 'ERR_SIGN_IN_DECLINED', ...living }),
  row('access_denied', oauthError('access_denied'), { exit: 4, code: 'ERR_SIGN_IN_DECLINED', ...living }),
  row('expired_token', aadsts(70019), { exit: 4, code: 'ERR_SIGN_IN_CODE_EXPIRED', ...living }),
  row('bad_verification_code', aadsts(70018), { exit: 4, code: 'ERR_SIGN_IN_CODE_EXPIRED', ...living }),
];

const ID = '11111111-2222-4333-8444-555555555555';

const busy: readonly Row[] = [
  row('503 JSON', http(503), THROTTLED, short),
  row('503 JSON with its correlation id in a header', http(503, { 'client-request-id': ID }), THROTTLED),
  row('503 HTML', html(503), THROTTLED),
  row('500 HTML', html(500), THROTTLED),
  row('502 HTML', html(502), THROTTLED),
  row('504 HTML', html(504), THROTTLED),
  row('503 JSON, Retry-After 3', http(503, { 'retry-after': '3' }), THROTTLED),
  row('503 HTML, Retry-After as a date', retryAtDate(503, 3), THROTTLED),
  row('429 AADSTS90055', aadsts(90055), THROTTLED),
  row('429 AADSTS90055, Retry-After 3', aadsts(90055, { retryAfterSec: 3 }), THROTTLED),
  row('429 HTML', html(429), THROTTLED),
  row('429 HTML, Retry-After 3', html(429, { 'retry-after': '3' }), THROTTLED, short),
  row('429, Retry-After as a date', retryAtDate(429, 3), THROTTLED),
  row('429, Retry-After beyond reason', http(429, { 'retry-after': '99999999999' }), THROTTLED),
  row('429, Retry-After that is none', http(429, { 'retry-after': 'soon' }), THROTTLED),
];

const replies: readonly Row[] = [
  row('200 HTML, a captive portal', answers({ kind: 'html' }), REPLY, { ...short, names: 'login.microsoftonline.com' }),
  row('403 HTML', html(403), REPLY),
  row(
    '302 without a body',
    answers({ kind: 'http', status: 302, body: '', headers: { location: 'http://portal.test/' } }),
    REPLY,
  ),
  row('204 without a body', answers({ kind: 'http', status: 204, body: '' }), REPLY),
  row('400 with an empty object', answers({ kind: 'http', status: 400, body: {} }), REPLY),
  row('half JSON', answers({ kind: 'half-json' }), REPLY, short),
  row('empty object', answers({ kind: 'empty-object' }), REPLY),
  row('an array', answers({ kind: 'http', status: 200, body: [] }), REPLY),
  row('more than 1 MiB', answers({ kind: 'http', status: 200, body: { access_token: 'x'.repeat(1_100_000) } }), REPLY),
  row('no access_token', without('access_token'), REPLY, { names: 'access_token' }),
  row('no expires_in', without('expires_in'), REPLY, { names: 'expires_in' }),
  row('no token_type', without('token_type'), REPLY, { names: 'token_type' }),
  row('no refresh_token: the old one stays', without('refresh_token'), { ...WORKS, refreshToken: 'kept' }, short),
  row('no id_token: the account is known', without('id_token'), WORKS),
  row('no client_info: the account is known', without('client_info'), WORKS),
  row('no scope', without('scope'), WORKS),
  row('access_token is a number', changed('access_token', 42), REPLY),
  row('access_token holds a line break', changed('access_token', 'two\nlines'), REPLY),
  row('access_token is empty', changed('access_token', ''), REPLY),
  row('expires_in is text', changed('expires_in', 'soon'), REPLY),
  row('expires_in is negative', changed('expires_in', -1), REPLY),
  row('expires_in is a numeric text', changed('expires_in', '4500'), WORKS),
  row('token_type is another', changed('token_type', 'MAC'), REPLY),
  row('refresh_token is an object', changed('refresh_token', {}), REPLY, { names: 'refresh_token' }),
  row('id_token is a number', changed('id_token', 42), REPLY, { names: 'id_token' }),
  row('id_token is no JWT', changed('id_token', 'nonsense'), REPLY),
  row('client_info is a number', changed('client_info', 42), REPLY),
  row('client_info is no base64', changed('client_info', '%%%'), REPLY),
];

const network: readonly Row[] = [
  row('reset', answers({ kind: 'reset' }), LOST, { ...short, names: 'ECONNRESET' }),
  row('no answer', answers({ kind: 'no-answer' }), TIMEOUT, short),
  row('no answer, unattended', answers({ kind: 'no-answer' }), TIMEOUT, { context: 'background' }),
  row('stalled body', answers({ kind: 'stalled-body' }), TIMEOUT),
  row('stalled body, unattended', answers({ kind: 'stalled-body' }), TIMEOUT, { context: 'scheduled-task' }),
  row('answer lost after the token was used', answers({ kind: 'lost-answer' }), LOST, short),
  row('answer lost, strict provider', withStrictProvider(answers({ kind: 'lost-answer' })), { ...LOST, next: 'asks' }),
  row('TLS: unknown issuer', certificate('unknown issuer'), TLS, { ...short, requests: 0, names: 'issuer' }),
  row('TLS: expired certificate', certificate('expired'), TLS, { requests: 0, names: 'expired' }),
  row('TLS: other host', certificate('other host'), TLS, { requests: 0, names: 'another host' }),
  row('DNS', unknownProxyName, { ...LOST, code: 'ERR_NETWORK_DNS' }, { ...short, requests: 0, names: 'proxy.invalid' }),
  row(
    'proxy 407',
    proxyIn({ refuse: 407 }),
    { ...LOST, code: 'ERR_NETWORK_PROXY_AUTH' },
    { ...short, requests: 0, names: '127.0.0.1' },
  ),
  row(
    'proxy 403',
    proxyIn({ refuse: 403 }),
    { ...LOST, code: 'ERR_NETWORK_PROXY' },
    { requests: 0, names: 'login.microsoftonline.com' },
  ),
  row('proxy 502', proxyIn({ refuse: 502 }), LOST, { requests: 0, names: 'HTTP 502' }),
  row('proxy unreachable', proxyUnreachable, LOST, { requests: 0, names: 'ECONNREFUSED' }),
  row('proxy silent', proxyIn('silent'), TIMEOUT, { requests: 0 }),
  row('proxy silent, unattended', proxyIn('silent'), TIMEOUT, {
    requests: 0,
    context: 'background',
    names: 'through the proxy',
  }),
];

export const refreshRows: readonly Row[] = [...grantErrors, ...busy, ...replies, ...network];
