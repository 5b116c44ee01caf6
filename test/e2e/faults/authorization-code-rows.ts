import { type Row, type RowDetails, rowOf, short, type Verdict } from './row.ts';
import {
  CONSENT,
  DECLINED,
  DEVICE,
  EXPIRED,
  LOST,
  nobody,
  POLICY,
  REFUSED,
  REPLY,
  STEP,
  THROTTLED,
  TIMEOUT,
  TLS,
  WORKS,
} from './sign-in-verdicts.ts';
import { aadsts, changed, html, http, oauthError, retryAtDate, without } from './signals.ts';
import {
  answers,
  certificate,
  lostProxyName,
  nothing,
  proxyIn,
  proxyUnreachable,
  redirectedTwice,
  redirectedWith,
  redirectedWithAadsts,
  strayBefore,
  type Trouble,
} from './troubles.ts';

const row = rowOf('authorization code');

const APP: Verdict & RowDetails = { exit: 3, code: 'ERR_ENTRA_APP_UNKNOWN', ...nobody, names: '"clientId"' };
const PUBLIC_CLIENT: Verdict & RowDetails = {
  exit: 3,
  code: 'ERR_ENTRA_PUBLIC_CLIENT_OFF',
  ...nobody,
  names: '"clientId"',
};
const TENANT: Verdict & RowDetails = { exit: 3, code: 'ERR_ENTRA_TENANT_UNKNOWN', ...nobody, names: '"tenantId"' };
const SCOPE: Verdict & RowDetails = { exit: 3, code: 'ERR_ENTRA_SCOPE', ...nobody, names: '"scope"' };

/** What the browser brings back: nothing is asked of the token endpoint then. */
const redirect = (signal: string, trouble: Trouble, verdict: Verdict & RowDetails, rest: RowDetails = {}): Row =>
  row(`redirect: ${signal}`, trouble, verdict, { requests: 0, ...rest });

const redirects: readonly Row[] = [
  redirect('the user declines', nothing, DECLINED, { ...short, user: 'declines', correlated: true }),
  redirect('AADSTS53003', redirectedWithAadsts(53003), POLICY, short),
  redirect('AADSTS53000', redirectedWithAadsts(53000), DEVICE),
  redirect('AADSTS65001', redirectedWithAadsts(65001), CONSENT),
  redirect('AADSTS50105', redirectedWithAadsts(50105), { exit: 9, code: 'ERR_NOT_ASSIGNED', ...nobody }),
  redirect('AADSTS50020', redirectedWithAadsts(50020), { exit: 9, code: 'ERR_WRONG_TENANT', ...nobody }),
  redirect('AADSTS50057', redirectedWithAadsts(50057), { exit: 9, code: 'ERR_ACCOUNT_DISABLED', ...nobody }),
  redirect('AADSTS50076', redirectedWithAadsts(50076), STEP),
  redirect('AADSTS50079', redirectedWithAadsts(50079), STEP),
  redirect('AADSTS7000218', redirectedWithAadsts(7000218), PUBLIC_CLIENT),
  redirect('AADSTS700016', redirectedWithAadsts(700016), APP),
  redirect('AADSTS90002', redirectedWithAadsts(90002), TENANT),
  redirect('AADSTS70011', redirectedWithAadsts(70011), SCOPE),
  redirect('AADSTS50196 request loop', redirectedWithAadsts(50196), THROTTLED),
  redirect('AADSTS90055', redirectedWithAadsts(90055), THROTTLED),
  redirect('AADSTS999999, unknown', redirectedWithAadsts(999999), REFUSED),
  redirect('access_denied', redirectedWith({ error: 'access_denied' }), DECLINED),
  redirect('consent_required', redirectedWith({ error: 'consent_required' }), CONSENT),
  redirect('interaction_required', redirectedWith({ error: 'interaction_required' }), STEP),
  redirect('login_required', redirectedWith({ error: 'login_required' }), STEP),
  redirect('invalid_scope', redirectedWith({ error: 'invalid_scope' }), SCOPE),
  redirect('unauthorized_client', redirectedWith({ error: 'unauthorized_client' }), APP),
  redirect('server_error', redirectedWith({ error: 'server_error' }), THROTTLED),
  redirect('temporarily_unavailable', redirectedWith({ error: 'temporarily_unavailable' }), THROTTLED, short),
  redirect('an OAuth error of the future', redirectedWith({ error: 'something_new' }), REFUSED),
  redirect('an error that is free text', redirectedWith({ error: '<b>Call 555-0100</b>' }), REPLY, short),
  redirect('an empty code', redirectedWith({ code: '' }), REPLY, short),
  redirect('a code with a line break', redirectedWith({ code: 'two\r\nlines' }), REPLY),
  redirect('a code of 9 KB', redirectedWith({ code: 'x'.repeat(9_000) }), REPLY),
  redirect('a code that Entra does not know', redirectedWith({ code: 'guess' }), REFUSED, {
    requests: 1,
    correlated: true,
  }),
  // Not the answer to this request: refused, and the true one still counts.
  redirect('another state first', strayBefore({ state: 'guess' }), WORKS, { ...short, requests: 1 }),
  redirect('an error with another state first', strayBefore({ state: 'guess', error: 'access_denied' }), WORKS, {
    requests: 1,
  }),
  redirect('neither code nor error first', strayBefore({ code: undefined }), WORKS, { requests: 1 }),
  redirect('no state first', strayBefore({ state: undefined }), WORKS, { requests: 1 }),
  redirect('twice', redirectedTwice, WORKS, { ...short, requests: 1 }),
];

const refusals: readonly Row[] = [
  row('AADSTS53003', aadsts(53003), POLICY),
  row('AADSTS53000', aadsts(53000), DEVICE),
  row('AADSTS65001', aadsts(65001), CONSENT),
  row('AADSTS50105', aadsts(50105), { exit: 9, code: 'ERR_NOT_ASSIGNED', ...nobody }),
  row('AADSTS50020', aadsts(50020), { exit: 9, code: 'ERR_WRONG_TENANT', ...nobody }),
  row('AADSTS50057', aadsts(50057), { exit: 9, code: 'ERR_ACCOUNT_DISABLED', ...nobody }),
  row('AADSTS50076 with claims', aadsts(50076), STEP, short),
  row('AADSTS50079 with claims', aadsts(50079), STEP),
  row('interaction_required without a number', oauthError('interaction_required'), STEP),
  row('AADSTS7000218', aadsts(7000218), PUBLIC_CLIENT),
  row('AADSTS700016', aadsts(700016), APP),
  row('AADSTS90002', aadsts(90002), TENANT),
  row('AADSTS70011', aadsts(70011), SCOPE),
  row('AADSTS54005, the code was used', aadsts(54005), EXPIRED, short),
  row('AADSTS70008, the code is too old', aadsts(70008), EXPIRED),
  row('AADSTS500112, another redirect URI', aadsts(500112), REFUSED),
  row('AADSTS501481, another code verifier', aadsts(501481), REFUSED),
  row('AADSTS70043', aadsts(70043), REFUSED),
  row('AADSTS700082', aadsts(700082), REFUSED),
  row('AADSTS50173', aadsts(50173), REFUSED),
  row('AADSTS999999, unknown', aadsts(999999), REFUSED),
  row('invalid_grant without a number', oauthError('invalid_grant'), REFUSED),
  row('an OAuth error of the future', oauthError('something_new'), REFUSED),
  // An answer of the device code grant: nonsense here, and nothing to poll for.
  row('authorization_pending', aadsts(70016), REFUSED),
  row('slow_down', oauthError('slow_down'), REFUSED),
];

const busy: readonly Row[] = [
  row('AADSTS50196 request loop', aadsts(50196), THROTTLED),
  row('503 JSON', http(503), THROTTLED),
  row('503 HTML', html(503), THROTTLED, short),
  row('500 HTML', html(500), THROTTLED),
  row('503 JSON, Retry-After 3', http(503, { 'retry-after': '3' }), THROTTLED),
  row('503 HTML, Retry-After as a date', retryAtDate(503, 3), THROTTLED),
  row('429 AADSTS90055, Retry-After 3', aadsts(90055, { retryAfterSec: 3 }), THROTTLED),
  row('429 HTML', html(429), THROTTLED),
  row('429, Retry-After as a date', retryAtDate(429, 3), THROTTLED),
];

const replies: readonly Row[] = [
  row('200 HTML, a captive portal', answers({ kind: 'html' }), REPLY, { ...short, names: 'login.microsoftonline.com' }),
  row('403 HTML', html(403), REPLY),
  row('400 with an empty object', answers({ kind: 'http', status: 400, body: {} }), REPLY),
  row('half JSON', answers({ kind: 'half-json' }), REPLY),
  row('empty object', answers({ kind: 'empty-object' }), REPLY, { names: 'access_token' }),
  row('no access_token', without('access_token'), REPLY, { names: 'access_token' }),
  row('no expires_in', without('expires_in'), REPLY, { names: 'expires_in' }),
  row('no token_type', without('token_type'), REPLY, { names: 'token_type' }),
  row('no refresh_token', without('refresh_token'), REPLY, { ...short, names: 'refresh_token' }),
  row('no id_token', without('id_token'), REPLY, { names: 'id_token' }),
  row('no client_info', without('client_info'), WORKS),
  row('access_token is a number', changed('access_token', 42), REPLY, { names: 'access_token' }),
  row('expires_in is text', changed('expires_in', 'soon'), REPLY, { names: 'expires_in' }),
  row('refresh_token is a number', changed('refresh_token', 42), REPLY, { names: 'refresh_token' }),
  row('id_token is no JWT', changed('id_token', 'nonsense'), REPLY),
  row('client_info is a number', changed('client_info', 42), REPLY),
  row('client_info is no base64', changed('client_info', '%%%'), REPLY),
];

const network: readonly Row[] = [
  row('reset', answers({ kind: 'reset' }), LOST, { ...short, names: 'ECONNRESET' }),
  row('answer lost after the code was used', answers({ kind: 'lost-answer' }), LOST),
  row('no answer', answers({ kind: 'no-answer' }), TIMEOUT),
  row('stalled body', answers({ kind: 'stalled-body' }), TIMEOUT),
  row('TLS: unknown issuer', certificate('unknown issuer'), TLS, { ...short, requests: 0, names: 'issuer' }),
  row('TLS: expired certificate', certificate('expired'), TLS, { requests: 0, names: 'expired' }),
  row('TLS: other host', certificate('other host'), TLS, { requests: 0, names: 'another host' }),
  row('DNS', lostProxyName, WORKS),
  row('proxy 407', proxyIn({ refuse: 407 }), { ...LOST, code: 'ERR_NETWORK_PROXY_AUTH' }, { requests: 0 }),
  row('proxy 403', proxyIn({ refuse: 403 }), { ...LOST, code: 'ERR_NETWORK_PROXY' }, { requests: 0 }),
  row('proxy 502', proxyIn({ refuse: 502 }), WORKS),
  row('proxy unreachable', proxyUnreachable, WORKS, short),
  row('proxy silent', proxyIn('silent'), TIMEOUT, { requests: 0, names: 'through the proxy' }),
];

export const authorizationCodeRows: readonly Row[] = [...redirects, ...refusals, ...busy, ...replies, ...network];
