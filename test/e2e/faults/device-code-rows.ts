import { type Row, rowOf, short } from './row.ts';
import {
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
import { answers, certificate, proxyIn, proxyUnreachable, unknownProxyName } from './troubles.ts';

const row = rowOf('device code');

const refusals: readonly Row[] = [
  row(
    'AADSTS7000218',
    aadsts(7000218),
    { exit: 3, code: 'ERR_ENTRA_PUBLIC_CLIENT_OFF', ...nobody },
    { ...short, names: '"clientId"' },
  ),
  row('AADSTS700016', aadsts(700016), { exit: 3, code: 'ERR_ENTRA_APP_UNKNOWN', ...nobody }, { names: '"clientId"' }),
  row('AADSTS90002', aadsts(90002), { exit: 3, code: 'ERR_ENTRA_TENANT_UNKNOWN', ...nobody }, { names: '"tenantId"' }),
  row('AADSTS70011', aadsts(70011), { exit: 3, code: 'ERR_ENTRA_SCOPE', ...nobody }, { names: '"scope"' }),
  row('AADSTS530036', aadsts(530036), { exit: 9, code: 'ERR_DEVICE_CODE_BLOCKED', ...nobody }, short),
  row('AADSTS53003', aadsts(53003), POLICY),
  row('AADSTS53000', aadsts(53000), DEVICE),
  row('AADSTS65001', aadsts(65001), { exit: 9, code: 'ERR_CONSENT_REQUIRED', ...nobody }),
  row('AADSTS50105', aadsts(50105), { exit: 9, code: 'ERR_NOT_ASSIGNED', ...nobody }),
  row('AADSTS50020', aadsts(50020), { exit: 9, code: 'ERR_WRONG_TENANT', ...nobody }),
  row('AADSTS50057', aadsts(50057), { exit: 9, code: 'ERR_ACCOUNT_DISABLED', ...nobody }),
  row('AADSTS50076 with claims', aadsts(50076), STEP),
  row('AADSTS50079 with claims', aadsts(50079), STEP),
  row('interaction_required without a number', oauthError('interaction_required'), STEP),
  row('AADSTS70043', aadsts(70043), REFUSED),
  row('AADSTS700082', aadsts(700082), REFUSED),
  row('AADSTS50173', aadsts(50173), REFUSED),
  row('AADSTS999999, unknown', aadsts(999999), REFUSED),
  row('an OAuth error of the future', oauthError('something_new'), REFUSED, short),
  row('authorization_pending', aadsts(70016), REFUSED),
  row('authorization_declined', aadsts(65004), DECLINED),
  row('access_denied', oauthError('access_denied'), DECLINED),
  row('expired_token', aadsts(70019), EXPIRED),
  row('bad_verification_code', aadsts(70018), EXPIRED),
];

const busy: readonly Row[] = [
  row('AADSTS50196 request loop', aadsts(50196), THROTTLED),
  row('503 JSON', http(503), THROTTLED, short),
  row('503 HTML', html(503), THROTTLED),
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
  row('empty object', answers({ kind: 'empty-object' }), REPLY, { names: 'device_code' }),
  row('no device_code', without('device_code'), REPLY, { names: 'device_code' }),
  row('no user_code', without('user_code'), REPLY, { ...short, names: 'user_code' }),
  row('no verification_uri', without('verification_uri'), REPLY, { names: 'verification_uri' }),
  row('no interval: five seconds', without('interval'), WORKS),
  row('no expires_in', without('expires_in'), WORKS, short),
  row('device_code is a number', changed('device_code', 42), REPLY, { names: 'device_code' }),
  row('user_code is an object', changed('user_code', {}), REPLY, { names: 'user_code' }),
  row('user_code holds control characters', changed('user_code', '\u001b[2JABC'), REPLY, { names: 'user_code' }),
  row('verification_uri is plain http', changed('verification_uri', 'http://example.com/device'), REPLY),
  row('verification_uri is a script', changed('verification_uri', 'javascript:alert(1)'), REPLY, {
    ...short,
    names: 'verification_uri',
  }),
  row('interval is a text', changed('interval', 'often'), WORKS),
  row('interval is negative', changed('interval', -1), WORKS),
  row('expires_in is a text', changed('expires_in', 'never'), WORKS),
];

const network: readonly Row[] = [
  row('reset', answers({ kind: 'reset' }), LOST, short),
  row('answer lost', answers({ kind: 'lost-answer' }), LOST),
  row('no answer', answers({ kind: 'no-answer' }), TIMEOUT),
  row('stalled body', answers({ kind: 'stalled-body' }), TIMEOUT),
  row('TLS: unknown issuer', certificate('unknown issuer'), TLS, { requests: 0, names: 'issuer' }),
  row('TLS: expired certificate', certificate('expired'), TLS, { requests: 0, names: 'expired' }),
  row('TLS: other host', certificate('other host'), TLS, { requests: 0, names: 'another host' }),
  row('DNS', unknownProxyName, { ...LOST, code: 'ERR_NETWORK_DNS' }, { requests: 0, names: 'proxy.invalid' }),
  row('proxy 407', proxyIn({ refuse: 407 }), { ...LOST, code: 'ERR_NETWORK_PROXY_AUTH' }, { requests: 0 }),
  row('proxy 403', proxyIn({ refuse: 403 }), { ...LOST, code: 'ERR_NETWORK_PROXY' }, { requests: 0 }),
  row('proxy 502', proxyIn({ refuse: 502 }), LOST, { requests: 0, names: 'HTTP 502' }),
  row('proxy unreachable', proxyUnreachable, LOST, { requests: 0, names: 'ECONNREFUSED' }),
  row('proxy silent', proxyIn('silent'), TIMEOUT, { requests: 0, names: 'through the proxy' }),
];

export const deviceCodeRows: readonly Row[] = [...refusals, ...busy, ...replies, ...network];
