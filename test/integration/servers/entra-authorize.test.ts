// The Entra server's authorization code grant: its page, its redirects, and the rules of its codes.
import { createHash, randomBytes } from 'node:crypto';
import { Agent } from 'node:https';
import type { NetworkResponse } from '@azure/msal-node';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CertificateAuthority, createCertificateAuthority } from '../../support/servers/certificate-authority.ts';
import { authorizePage, submitAuthorizePage } from '../../support/servers/entra-authorize.ts';
import { type EntraServer, startEntraServer } from '../../support/servers/entra-server.ts';
import { submitForms } from '../../support/servers/page-visitor.ts';
import { SCOPES, send } from './msal-client.ts';

type Json = Readonly<Record<string, unknown>>;

const redirectUri = 'http://127.0.0.1:40123/callback';
const verifier = randomBytes(32).toString('base64url');
const challenge = createHash('sha256').update(verifier).digest('base64url');

let ca: CertificateAuthority;
let entra: EntraServer;

beforeAll(async () => {
  ca = await createCertificateAuthority();
});

beforeEach(async () => {
  entra = await startEntraServer({ ca });
});

afterEach(() => entra.close());

/** The request as the product makes it; a field set to undefined is left out. */
function authorizationUrl(changes: Readonly<Record<string, string | undefined>> = {}): string {
  const url = new URL(`https://login.microsoftonline.com/${entra.tenantId}/oauth2/v2.0/authorize`);
  const fields = {
    client_id: entra.clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    response_mode: 'query',
    scope: [...SCOPES, 'openid', 'profile', 'offline_access'].join(' '),
    state: 'state-1',
    nonce: 'nonce-1',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...changes,
  };
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) url.searchParams.set(name, value);
  return url.href;
}

const parametersOf = (location: string): Json => Object.fromEntries(new URL(location).searchParams);
const newCode = (): string => String(parametersOf(entra.authorize(authorizationUrl()))['code']);

function redeem(code: string, changes: Readonly<Record<string, string>> = {}): Promise<NetworkResponse<Json>> {
  const fields = {
    client_id: entra.clientId,
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
    scope: [...SCOPES, 'openid', 'offline_access'].join(' '),
    ...changes,
  };
  const url = `https://localhost:${entra.port}/${entra.tenantId}/oauth2/v2.0/token`;
  return send('POST', url, new Agent({ ca: ca.pem }), { body: new URLSearchParams(fields).toString() });
}

describe('the page', () => {
  const visit = (url: string, values: Readonly<Record<string, string>>) => {
    const { pathname, search } = new URL(url);
    const page = { port: entra.port, host: 'login.microsoftonline.com', ca: ca.pem };
    return submitForms(page, pathname + search, values, (body) => body.includes('id="error"'));
  };

  it.each([
    ['an unknown application', { client_id: '00000000-0000-4000-8000-000000000000' }, 'AADSTS700016'],
    ['another path', { redirect_uri: 'http://127.0.0.1:40123/other' }, 'AADSTS50011'],
    ['another name of loopback', { redirect_uri: 'http://localhost:40123/callback' }, 'AADSTS50011'],
    ['another host', { redirect_uri: 'http://127.0.0.1.evil.example/callback' }, 'AADSTS50011'],
    ['no PKCE', { code_challenge: undefined }, 'AADSTS9002325'],
    ['plain PKCE', { code_challenge_method: 'plain' }, 'AADSTS9002325'],
  ])('sends no one back for %s', async (_, changes, number) => {
    const { status, body } = await visit(authorizationUrl(changes), { decision: 'continue' });
    expect(status).toBe(400);
    expect(body).toContain(number);
    expect(() => entra.authorize(authorizationUrl(changes))).toThrow(number);
    expect(entra.issued.authorizationCodes).toEqual([]);
  });

  it('begins with the account of the hint', async () => {
    const { body } = await visit(authorizationUrl({ login_hint: 'zoe@contoso.com' }), { account: '' });
    expect(body).toContain('Enter the name of your account.');
    expect(body).toContain('value="zoe@contoso.com"');
    expect(entra.count('authorize')).toBe(2);
  });
});

describe('the redirect', () => {
  it('brings code and state, on any port', () => {
    const location = entra.authorize(authorizationUrl({ redirect_uri: 'http://127.0.0.1:1/callback' }));
    expect(location).toMatch(/^http:\/\/127\.0\.0\.1:1\/callback\?/);
    expect(parametersOf(location)).toMatchObject({ state: 'state-1', code: entra.issued.authorizationCodes[0] });
  });

  it('brings the decline', () => {
    expect(parametersOf(entra.authorize(authorizationUrl(), { cancel: true }))).toMatchObject({
      error: 'access_denied',
      error_subcode: 'cancel',
      error_description: expect.stringContaining('AADSTS65004'),
      state: 'state-1',
    });
  });

  it('brings the error that the tenant is set to', () => {
    entra.authorizationError = 65001;
    const { code, error_description } = parametersOf(entra.authorize(authorizationUrl()));
    expect(code).toBeUndefined();
    expect(error_description).toContain('AADSTS65001');
  });
});

describe('a code', () => {
  it('can be redeemed for tokens once, with the nonce in the ID token', async () => {
    const code = newCode();
    const { status, body } = await redeem(code);
    expect(status).toBe(200);
    expect(entra.checkAccessToken(String(body['access_token']))).toBe('valid');
    const [, claims = ''] = String(body['id_token']).split('.');
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({ nonce: 'nonce-1' });
    expect(entra.grants).toMatchObject({ authorization_code: 1 });
    expect((await redeem(code)).body).toMatchObject({ error: 'invalid_grant', error_codes: [54005] });
    expect(entra.count('code')).toBe(2);
    expect(entra.count('token')).toBe(2);
    expect(entra.secrets()).toContain(code);
  });

  it.each([
    ['another verifier', { code_verifier: 'x'.repeat(43) }, 501481],
    ['no verifier', { code_verifier: '' }, 501481],
    ['another redirect', { redirect_uri: 'http://127.0.0.1:40124/callback' }, 500112],
    ['another code', { code: 'x' }, 70000],
  ])("can't be redeemed with %s, and stays good", async (_, changes, number) => {
    const code = newCode();
    expect((await redeem(code, changes)).body).toMatchObject({ error_codes: [number] });
    expect((await redeem(code)).status).toBe(200);
  });

  it('is over after its time', async () => {
    entra.authorizationCodeLifetimeSec = 0;
    expect((await redeem(newCode())).body).toMatchObject({ error_codes: [70008] });
  });

  it('meets faults by its own name', async () => {
    entra.failNext('code', { kind: 'aadsts', code: 53003 });
    const code = newCode();
    expect((await redeem(code)).body).toMatchObject({ error_codes: [53003] });
    expect((await redeem(code)).status).toBe(200);
  });
});

describe('a policy that wants a new password every day', () => {
  const HOUR_MS = 3_600_000;
  const refresh = async (refreshToken: unknown) =>
    redeem('', { grant_type: 'refresh_token', refresh_token: String(refreshToken) });

  async function tokensOf(url: string, values: Readonly<Record<string, string>>): Promise<Json> {
    const query = new URL(url).searchParams;
    const asked = authorizePage(entra, query);
    const form = new URLSearchParams(values);
    const { location } = (asked.status === 302 ? asked : submitAuthorizePage(entra, query, form)).headers ?? {};
    return (await redeem(String(parametersOf(String(location))['code']))).body;
  }

  beforeEach(() => {
    entra.signInFrequencySec = 24 * 3600;
    entra.browserSession = 'present';
    entra.optionalClaims.auth_time = true;
  });

  it('counts from the last password, not from a sign-in in a signed-in browser', async () => {
    entra.letTimePass(20 * HOUR_MS);
    const { refresh_token } = await tokensOf(authorizationUrl(), {});
    expect((await refresh(refresh_token)).status).toBe(200);
    entra.letTimePass(5 * HOUR_MS);
    expect((await refresh(refresh_token)).body).toMatchObject({ error: 'invalid_grant', error_codes: [70043] });
  });

  it('counts anew after prompt=login, which asks for it even in a signed-in browser', async () => {
    entra.letTimePass(20 * HOUR_MS);
    const url = authorizationUrl({ prompt: 'login', login_hint: 'ada@contoso.com' });
    const { refresh_token, id_token } = await tokensOf(url, { passwd: 'secret' });
    const claims = JSON.parse(Buffer.from(String(id_token).split('.')[1] ?? '', 'base64url').toString()) as Json;
    expect(Number(claims['auth_time'])).toBeGreaterThan(Date.now() / 1000 - 600);
    entra.letTimePass(23 * HOUR_MS);
    expect((await refresh(refresh_token)).status).toBe(200);
  });

  it('asks for it when the browser comes back later than that', async () => {
    entra.letTimePass(30 * HOUR_MS);
    const values = { loginfmt: 'ada@contoso.com', passwd: 'secret' };
    const { refresh_token } = await tokensOf(authorizationUrl(), values);
    expect((await refresh(refresh_token)).status).toBe(200);
  });
});
