// The Entra server as MSAL sees it, and its faults as a plain HTTPS client sees them.
import { createPublicKey, verify } from 'node:crypto';
import { Agent } from 'node:https';
import type { NetworkResponse } from '@azure/msal-node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CertificateAuthority, createCertificateAuthority } from '../../support/servers/certificate-authority.ts';
import { type ConnectProxy, startConnectProxy } from '../../support/servers/connect-proxy.ts';
import { type EntraServer, startEntraServer } from '../../support/servers/entra-server.ts';
import { submitForms } from '../../support/servers/page-visitor.ts';
import { MsalClient, SCOPES, send } from './msal-client.ts';

type Json = Readonly<Record<string, unknown>>;

let ca: CertificateAuthority;
let entra: EntraServer;
let proxy: ConnectProxy;

beforeEach(async () => {
  ca = await createCertificateAuthority();
  entra = await startEntraServer({ ca });
  entra.interval = 0.05;
  proxy = await startConnectProxy({ routes: { 'login.microsoftonline.com:443': entra.port } });
});

afterEach(async () => {
  await proxy.close();
  await entra.close();
});

const newClient = () => new MsalClient({ ...entra, proxyUrl: proxy.url, ca: ca.pem });

/** A form to an endpoint of the tenant, past the proxy. */
function post(path: string, fields: Record<string, string>, tenant = entra.tenantId): Promise<NetworkResponse<Json>> {
  const agent = new Agent({ ca: ca.pem });
  const body = new URLSearchParams({ client_id: entra.clientId, ...fields }).toString();
  return send('POST', `https://localhost:${entra.port}/${tenant}/oauth2/v2.0/${path}`, agent, { body });
}

const askForCode = (fields = {}) => post('devicecode', { scope: SCOPES.join(' '), ...fields });
const refresh = (refreshToken: string) =>
  post('token', {
    grant_type: 'refresh_token',
    refresh_token: refreshToken,
    scope: `${SCOPES.join(' ')} offline_access openid`,
  });

function claimsOf(token: string): Json {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Json;
}

describe('with MSAL', () => {
  it('signs in by device code and refreshes', async () => {
    const client = newClient();
    const { account, accessToken } = await client.signIn((userCode) => entra.approve(userCode, 'grace@contoso.com'));
    const grace = entra.account('grace@contoso.com');
    expect(account).toMatchObject({
      username: 'grace@contoso.com',
      homeAccountId: `${grace.oid}.${entra.tenantId}`,
      tenantId: entra.tenantId,
    });
    if (account === null) throw new Error('no account');
    const firstRefreshToken = client.refreshToken();
    const refreshed = await client.refresh(account);

    expect(entra.issued.accessTokens).toEqual([accessToken, refreshed.accessToken]);
    expect(entra.issued.refreshTokens).toEqual([firstRefreshToken, client.refreshToken()]);
    expect(firstRefreshToken.length).toBeGreaterThan(1000);
    expect(entra.grants).toMatchObject({ device_code: 1, refresh_token: 1 });
    expect(proxy.hosts).toContain('login.microsoftonline.com:443');
    expect(entra.requests.at(-1)).toMatchObject({
      endpoint: 'refresh',
      tenant: entra.tenantId,
      status: 200,
      parameters: { client_id: entra.clientId, grant_type: 'refresh_token' },
      clientRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it('says that the user canceled on the page', async () => {
    const page = { port: entra.port, host: 'login.microsoftonline.com', ca: ca.pem };
    const cancel = async (otc: string) => {
      expect((await submitForms(page, '/device', { otc, decision: 'cancel' })).body).toContain('not been signed in');
    };
    await expect(newClient().signIn(cancel)).rejects.toThrow(/authorization_declined/);
  });

  it('signs in the user who continues on the page, however the code is typed', async () => {
    const page = { port: entra.port, host: 'login.microsoftonline.com', ca: ca.pem };
    const { account } = await newClient().signIn(async (code) => {
      const fields = { otc: ` ${code.toLowerCase()} `, account: 'new@contoso.com', decision: 'continue' };
      expect((await submitForms(page, '/device', fields)).body).toContain('You have signed in');
    });
    expect(account?.username).toBe('new@contoso.com');
  });
});

describe('tokens', () => {
  it('are signed by the key of the metadata and say for whom and how long they are', async () => {
    entra.accessTokenLifetimeSec = 600;
    const token = entra.signIn('ada@contoso.com').accessToken;
    const agent = new Agent({ ca: ca.pem });
    const base = `https://localhost:${entra.port}/${entra.tenantId}`;
    const metadata = await send<Json>('GET', `${base}/v2.0/.well-known/openid-configuration`, agent);
    expect(metadata.body).toMatchObject({ issuer: `${base}/v2.0`, token_endpoint: `${base}/oauth2/v2.0/token` });
    const { body } = await send<{ keys: JsonWebKey[] }>('GET', String(metadata.body['jwks_uri']), agent);

    const [header, payload, signature = ''] = token.split('.');
    const key = createPublicKey({ key: body.keys[0] ?? {}, format: 'jwk' });
    expect(verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url'))).toBe(true);
    const claims = claimsOf(token);
    expect(claims).toMatchObject({
      aud: 'https://cognitiveservices.azure.com',
      tid: entra.tenantId,
      upn: 'ada@contoso.com',
      oid: entra.account('ada@contoso.com').oid,
    });
    expect(Number(claims['exp']) - Date.now() / 1000).toBeCloseTo(600, -1);
  });

  it('are judged by a resource as Entra issued them', async () => {
    const { accessToken } = entra.signIn();
    expect(entra.checkAccessToken(accessToken)).toBe('valid');
    expect(entra.checkAccessToken(accessToken, 'https://graph.microsoft.com')).toBe('wrong-audience');
    expect(entra.checkAccessToken(`${accessToken}x`)).toBe('unknown');
    entra.revokeAccessTokens();
    expect(entra.checkAccessToken(accessToken)).toBe('revoked');
    entra.accessTokenLifetimeSec = 0;
    expect(entra.checkAccessToken(entra.signIn().accessToken)).toBe('expired');
  });

  it('of a refresh rotate, but the old one stays good, unless the server is strict', async () => {
    const { refreshToken } = entra.signIn();
    const second = await refresh(refreshToken);
    expect(second.body['refresh_token']).not.toBe(refreshToken);
    expect((await refresh(refreshToken)).status).toBe(200);

    entra.revokeOnReplay = true;
    expect((await refresh(refreshToken)).body).toMatchObject({ error: 'invalid_grant', error_codes: [50173] });
    expect((await refresh(String(second.body['refresh_token']))).status).toBe(400);
  });

  it("don't rotate if that is switched off, and end when all are revoked", async () => {
    entra.rotateRefreshTokens = false;
    const { refreshToken } = entra.signIn();
    expect((await refresh(refreshToken)).body).not.toHaveProperty('refresh_token');
    entra.revokeAll();
    expect((await refresh(refreshToken)).body).toMatchObject({ error: 'invalid_grant', suberror: 'bad_token' });
  });
});

describe('refusals', () => {
  it.each([
    ['an unknown tenant', () => post('devicecode', {}, '00000000-0000-0000-0000-000000000000'), 90002],
    ['common', () => post('devicecode', {}, 'common'), 50194],
    ['consumers', () => post('token', {}, 'consumers'), 70002],
    ['an unknown client', () => askForCode({ client_id: '00000000-0000-0000-0000-000000000000' }), 700016],
    ['a scope of no resource', () => askForCode({ scope: 'openid profile' }), 70011],
    ['an unknown grant', () => post('token', { grant_type: 'password' }), 70003],
    ['an unknown device code', () => post('token', { grant_type: 'device_code', device_code: 'x' }), 70018],
    ['an unknown refresh token', () => refresh('x'), 70000],
  ])('of %s have Entra’s shape', async (_, ask, code) => {
    const { status, body } = await ask();
    expect(status).toBe(400);
    expect(body).toMatchObject({
      error: expect.any(String),
      error_codes: [code],
      error_description: expect.stringMatching(
        new RegExp(`^AADSTS${code}: .+ Trace ID: \\S+ Correlation ID: \\S+ Timestamp: [-\\d]+ [:\\d]+Z$`),
      ),
      trace_id: expect.any(String),
      correlation_id: expect.any(String),
    });
  });

  it('accept the tenant by its domain', async () => {
    expect((await post('devicecode', { scope: SCOPES.join(' ') }, entra.tenantDomain)).status).toBe(200);
  });
});

describe('device codes', () => {
  const poll = (deviceCode: unknown) =>
    post('token', {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: String(deviceCode),
    });

  it('wait, expire, and can be redeemed once', async () => {
    const { body } = await askForCode();
    expect(body).toMatchObject({ verification_uri: 'https://login.microsoftonline.com/device', expires_in: 900 });
    expect((await poll(body['device_code'])).body).toMatchObject({ error: 'authorization_pending' });
    entra.expire(String(body['user_code']));
    expect((await poll(body['device_code'])).body).toMatchObject({ error: 'expired_token' });
    expect(() => entra.approve(String(body['user_code']))).toThrow(/does not wait/);

    const second = await askForCode();
    expect(await entra.waitForUserCode()).toBe(second.body['user_code']);
    entra.approve(String(second.body['user_code']));
    expect((await poll(second.body['device_code'])).status).toBe(200);
    expect((await poll(second.body['device_code'])).body).toMatchObject({ error_codes: [54005] });
  });

  it('count early polls, and slow them down on demand', async () => {
    entra.interval = 5;
    const { body } = await askForCode();
    await poll(body['device_code']);
    await poll(body['device_code']);
    expect(entra.earlyPolls).toBe(1);
    entra.slowDownEarlyPolls = true;
    expect((await poll(body['device_code'])).body).toEqual({ error: 'slow_down' });
  });
});

describe('faults', () => {
  const ask = () => refresh(entra.signIn().refreshToken);

  it('are an Entra error by number, a status, or a field that lacks or differs', async () => {
    entra.failNext('refresh', { kind: 'aadsts', code: 53003 });
    expect((await ask()).body).toMatchObject({ suberror: 'message_only', claims: expect.stringContaining('capolids') });
    entra.failNext('refresh', { kind: 'aadsts', code: 70043, suberror: null, retryAfterSec: 7 });
    const refused = await ask();
    expect(refused.body).not.toHaveProperty('suberror');
    expect(refused.headers).toMatchObject({ 'retry-after': '7' });
    entra.failNext('token', { kind: 'http', status: 503, body: { error: 'x' }, headers: { 'retry-after': '3' } });
    expect(await ask()).toMatchObject({ status: 503, headers: { 'retry-after': '3' }, body: { error: 'x' } });
    entra.failNext('refresh', { kind: 'missing-field', field: 'access_token' });
    expect((await ask()).body).not.toHaveProperty('access_token');
    entra.failNext('refresh', { kind: 'changed-field', field: 'expires_in', value: 'soon' });
    expect((await ask()).body).toMatchObject({ expires_in: 'soon' });
    entra.failNext('refresh', { kind: 'empty-object' });
    expect((await ask()).body).toEqual({});
    entra.failNext('refresh', { kind: 'oauth-error', error: 'slow_down' });
    expect((await ask()).body).toEqual({ error: 'slow_down' });
    expect((await ask()).status).toBe(200);
  });

  it("aren't JSON", async () => {
    entra.failNext('refresh', { kind: 'html' });
    await expect(ask()).rejects.toThrow(/JSON/);
    entra.failNext('refresh', { kind: 'half-json' });
    await expect(ask()).rejects.toThrow(/JSON/);
  });

  it('are connections that break, before or after the token is used up', async () => {
    entra.failNext('refresh', { kind: 'reset' });
    await expect(ask()).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(entra.grants.refresh_token).toBe(0);
    entra.failNext('refresh', { kind: 'lost-answer' });
    await expect(ask()).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(entra.grants.refresh_token).toBe(1);
  });

  it.each(['no-answer', 'stalled-body'] as const)("are answers that don't end: %s", async (kind) => {
    entra.failNext('refresh', { kind });
    let answer: unknown = 'nothing';
    const asked = ask().then(
      (reply) => (answer = reply),
      (error: unknown) => (answer = error),
    );
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(answer).toBe('nothing');
    await entra.close();
    await asked;
    expect(answer).toBeInstanceOf(Error);
  });

  it('come late, continue until they are withdrawn, and stay with their endpoint', async () => {
    entra.setFault('poll', { kind: 'html' });
    entra.setFault('refresh', { kind: 'delay', ms: 80, answerWith: { kind: 'empty-object' } });
    const startedAt = performance.now();
    expect((await ask()).body).toEqual({});
    expect(performance.now() - startedAt).toBeGreaterThan(75);
    expect((await ask()).body).toEqual({});
    entra.setFault('refresh', undefined);
    expect((await ask()).status).toBe(200);
    expect(entra.count('refresh')).toBe(3);
    expect(entra.requests.map(({ status }) => status)).toEqual([200, 200, 200]);
  });
});
