// The authorization code grant, from the address that the user is sent to up to the record that is kept.
import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Cloud } from '../../../../src/core/cloud.ts';
import type { TokenSourceOptions } from '../../../../src/entra/msal/msal-token-source.ts';
import type {
  AuthorizationRequest,
  AuthorizationResponse,
  BrowserSignInOptions,
} from '../../../../src/entra/token-source.ts';
import { type Reply, rejection } from '../support.ts';
import { CLIENT, createSource, idToken, plain, record, SCOPE, TENANT, tokenReply, usePeers } from './msal-fixture.ts';

const peers = usePeers();
const redirectUri = 'http://127.0.0.1:40123/callback';

/** Entra puts the nonce of the request into the id token. */
const idTokenFor = ({ url }: AuthorizationRequest): string =>
  idToken({ nonce: new URL(url).searchParams.get('nonce') });

function signInWithBrowser(
  answer: (request: AuthorizationRequest) => AuthorizationResponse | Promise<AuthorizationResponse>,
  options: Partial<BrowserSignInOptions & TokenSourceOptions> = {},
) {
  const asked: AuthorizationRequest[] = [];
  const grant = createSource(peers, options).signInWithBrowser({
    signal: new AbortController().signal,
    redirectUri,
    ...options,
    authorize: async (request) => {
      asked.push(request);
      return answer(request);
    },
  });
  const parameters = () => new URL(asked[0]?.url ?? '').searchParams;
  return { asked, grant, parameters };
}

const withCode = ({ state }: AuthorizationRequest): AuthorizationResponse => ({ state, code: 'code-1' });

it('sends the user out with PKCE, state and nonce, redeems the code and returns token, times and record', async () => {
  let request: AuthorizationRequest | undefined;
  peers.server.answer = () => ({ body: tokenReply({ id_token: request && idTokenFor(request), refresh_in: 1800 }) });
  const { grant, asked, parameters } = signInWithBrowser((asking) => {
    request = asking;
    return { ...withCode(asking), session_state: 'x' };
  });
  const { accessToken, lifetimeMs, refreshInMs, record: kept } = await grant;
  expect(accessToken.reveal()).toBe('access-1');
  expect({ lifetimeMs, refreshInMs }).toEqual({ lifetimeMs: 3_600_000, refreshInMs: 1_800_000 });
  expect(plain(kept)).toEqual({ ...plain(record), refreshToken: 'refresh-1' });

  expect(asked[0]?.url).toMatch(new RegExp(`^https://login.microsoftonline.com/${TENANT}/oauth2/v2.0/authorize\\?`));
  const sent = Object.fromEntries(parameters());
  expect(sent).toMatchObject({
    client_id: CLIENT,
    redirect_uri: redirectUri,
    response_type: 'code',
    response_mode: 'query',
    scope: `${SCOPE} openid profile offline_access`,
    state: asked[0]?.state,
    code_challenge_method: 'S256',
  });
  expect(sent).not.toHaveProperty('prompt');
  expect(sent).not.toHaveProperty('login_hint');
  for (const name of ['state', 'nonce', 'code_challenge']) expect(sent[name]).toMatch(/^[\w-]{43}$/);

  expect(peers.server.received).toHaveLength(1);
  const form = peers.server.received[0]?.form;
  expect(Object.fromEntries(form ?? [])).toMatchObject({
    grant_type: 'authorization_code',
    code: 'code-1',
    redirect_uri: redirectUri,
    client_id: CLIENT,
  });
  const verifier = form?.get('code_verifier') ?? '';
  expect(createHash('sha256').update(verifier).digest('base64url')).toBe(sent['code_challenge']);
  expect(peers.proxy.received.map(({ target }) => target)).toEqual(['login.microsoftonline.com:443']);
});

it('never uses state, nonce or verifier twice', async () => {
  peers.server.answer = () => ({ status: 400, body: { error: 'invalid_grant' } });
  const attempts = [signInWithBrowser(withCode), signInWithBrowser(withCode)];
  for (const { grant } of attempts) await rejection(grant);
  for (const name of ['state', 'nonce', 'code_challenge']) {
    expect(new Set(attempts.map(({ parameters }) => parameters().get(name))).size).toBe(2);
  }
});

it('hints at the account, unless the user is to choose one', async () => {
  const hinted = signInWithBrowser(withCode, { loginHint: 'zoe@contoso.com' });
  await rejection(hinted.grant);
  expect(hinted.parameters().get('login_hint')).toBe('zoe@contoso.com');
  const choosing = signInWithBrowser(withCode, { loginHint: 'zoe@contoso.com', selectAccount: true });
  await rejection(choosing.grant);
  expect(choosing.parameters().get('prompt')).toBe('select_account');
  expect(choosing.parameters().has('login_hint')).toBe(false);
});

it('has the user enter their credentials again for a fresh sign-in, with the suggested account', async () => {
  const fresh = signInWithBrowser(withCode, { loginHint: 'zoe@contoso.com', selectAccount: true, fresh: true });
  await rejection(fresh.grant);
  expect(fresh.parameters().get('prompt')).toBe('login');
  expect(fresh.parameters().get('login_hint')).toBe('zoe@contoso.com');
});

it('says what the reply says about the end of the sign-in', async () => {
  let request: AuthorizationRequest | undefined;
  const iat = Math.floor(Date.now() / 1000);
  peers.server.answer = () => ({
    body: tokenReply({
      id_token:
        request &&
        idToken({ nonce: new URL(request.url).searchParams.get('nonce'), iat, pwd_exp: 7_200, auth_time: iat - 600 }),
      refresh_token_expires_in: 86_400,
    }),
  });
  const { grant } = signInWithBrowser((asking) => {
    request = asking;
    return withCode(asking);
  });
  const { endsAt, authenticatedAt, ...rest } = await grant;
  expect(endsAt?.reason).toBe('password');
  // By this computer's clock; the server's has whole seconds.
  expect(Math.abs((endsAt?.at ?? 0) - (iat + 7_200) * 1000)).toBeLessThan(120_000);
  expect(Math.abs((authenticatedAt ?? 0) - (iat - 600) * 1000)).toBeLessThan(120_000);
  expect(rest).not.toHaveProperty('refreshTokenMs');
});

it('passes a claims challenge on, to the page and with the code', async () => {
  const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
  const { grant, parameters } = signInWithBrowser(withCode, { claims });
  await rejection(grant);
  for (const sent of [parameters().get('claims'), peers.server.received[0]?.form.get('claims')]) {
    expect(JSON.parse(sent ?? '{}')).toMatchObject({ access_token: { acrs: { essential: true, value: 'c1' } } });
  }
});

it.each<[string, (request: AuthorizationRequest) => AuthorizationResponse, string]>([
  ['another state', () => ({ state: 'other', code: 'code-1' }), 'ERR_NETWORK_REPLY'],
  ['no state', () => ({ code: 'code-1' }), 'ERR_NETWORK_REPLY'],
  ['no code', ({ state }) => ({ state }), 'ERR_NETWORK_REPLY'],
  ['a code with a line break', ({ state }) => ({ state, code: 'a\nb' }), 'ERR_NETWORK_REPLY'],
  ['a decline', ({ state }) => ({ state, error: 'access_denied' }), 'ERR_SIGN_IN_DECLINED'],
  ['a decline of another sign-in', () => ({ state: 'other', error: 'access_denied' }), 'ERR_NETWORK_REPLY'],
  [
    'a policy',
    ({ state }) => ({ state, error: 'access_denied', error_description: 'AADSTS53003: zoe@contoso.com' }),
    'ERR_POLICY_BLOCKED',
  ],
])('asks for no token when the redirect brings %s', async (_, answer, code) => {
  const error = await rejection(signInWithBrowser(answer).grant);
  expect(error).toMatchObject({ code });
  expect(String(error)).not.toContain('zoe');
  expect(peers.server.received).toEqual([]);
});

const ISSUER = `https://login.microsoftonline.com/${TENANT}/v2.0`;

it.each([
  ['another host', 'https://login.example/v2.0'],
  ['another cloud', ISSUER.replace('.com', '.us')],
  ['nobody', ''],
])('redeems no code whose redirect names %s as its issuer (RFC 9207)', async (_, iss) => {
  const error = await rejection(signInWithBrowser((asking) => ({ ...withCode(asking), iss })).grant);
  expect(error).toMatchObject({ code: 'ERR_NETWORK_IDENTITY' });
  expect(peers.server.received).toEqual([]);
});

it('takes no token if redirect and ID token name different tenants, even if a domain name is configured', async () => {
  let nonce: string | null = null;
  peers.server.answer = () => ({ body: tokenReply({ id_token: idToken({ nonce }) }) });
  const signInAs = (iss: string) =>
    signInWithBrowser(
      (asking) => {
        nonce = new URL(asking.url).searchParams.get('nonce');
        return { ...withCode(asking), iss };
      },
      { tenantId: 'contoso.com' },
    ).grant;
  expect((await signInAs(ISSUER)).record.tenantId).toBe(TENANT);
  const other = ISSUER.replace(TENANT, '99999999-0000-4000-8000-000000000000');
  expect(await rejection(signInAs(other))).toMatchObject({ code: 'ERR_NETWORK_IDENTITY' });
});

it('takes no token for another request', async () => {
  peers.server.answer = () => ({ body: tokenReply() });
  expect(await rejection(signInWithBrowser(withCode).grant)).toMatchObject({ code: 'ERR_NETWORK_REPLY' });
  peers.server.answer = () => ({ body: tokenReply({ id_token: idToken({ nonce: 'other' }) }) });
  expect(await rejection(signInWithBrowser(withCode).grant)).toMatchObject({ detail: 'MSAL nonce_mismatch' });
});

it.each<[string, Reply, string]>([
  ['a used code', { status: 400, body: { error: 'invalid_grant', error_codes: [54005] } }, 'ERR_SIGN_IN_CODE_EXPIRED'],
  ['no refresh token', { body: tokenReply({ refresh_token: undefined }) }, 'ERR_NETWORK_REPLY'],
  ['an empty object', { body: {} }, 'ERR_NETWORK_REPLY'],
  ['a reset', 'reset', 'ERR_NETWORK'],
  ['a throttle', { status: 429, headers: { 'retry-after': '5' }, body: {} }, 'ERR_THROTTLED'],
])('says what Entra made of the code, after one request: %s', async (_, reply, code) => {
  peers.server.answer = () => reply;
  expect(await rejection(signInWithBrowser(withCode).grant)).toMatchObject({ code });
  expect(peers.server.received).toHaveLength(1);
});

it('stops immediately when canceled while the code is redeemed', async () => {
  const abort = new AbortController();
  peers.server.answer = () => 'silence';
  const pending = rejection(signInWithBrowser(withCode, { signal: abort.signal }).grant);
  await expect.poll(() => peers.server.received.length).toBe(1);
  abort.abort();
  expect(await pending).toMatchObject({ code: 'ERR_SIGN_IN_CANCELLED' });
});

it.each<[Cloud, string]>([
  ['usgovernment', 'login.microsoftonline.us'],
  ['china', 'login.partner.microsoftonline.cn'],
])('goes to the page of the %s cloud', async (cloud, host) => {
  const { grant, asked } = signInWithBrowser(withCode, { cloud });
  await rejection(grant);
  expect(new URL(asked[0]?.url ?? '').host).toBe(host);
  expect(peers.proxy.received.map(({ target }) => target)).toEqual([`${host}:443`]);
});
