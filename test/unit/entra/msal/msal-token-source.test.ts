import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { Cloud } from '../../../../src/core/cloud.ts';
import type { AppError } from '../../../../src/core/errors.ts';
import type { TokenSourceOptions } from '../../../../src/entra/msal/msal-token-source.ts';
import { parseRecord, serializeRecord } from '../../../../src/entra/refresh-token-record.ts';
import { isRefreshTokenDead } from '../../../../src/entra/replies/map-error.ts';
import type { DeviceAuthorization, RefreshTokenSource } from '../../../../src/entra/token-source.ts';
import { withRefreshToken } from '../../../support/fakes/fake-token-source.ts';
import { type Received, type Reply, rejection } from '../support.ts';
import {
  base64,
  createSource,
  HOME_TENANT,
  idToken,
  OID,
  plain,
  record,
  SCOPE,
  TENANT,
  tokenReply,
  usePeers,
} from './msal-fixture.ts';

const peers = usePeers();
const source = (overrides?: Partial<TokenSourceOptions>): RefreshTokenSource => createSource(peers, overrides);

function deviceReply(fields: object = {}): Reply {
  const body = {
    device_code: 'device-1',
    user_code: 'ABCD-EFGH',
    verification_uri: 'https://microsoft.com/devicelogin',
    expires_in: 900,
    interval: 0.05,
    message: 'text',
    ...fields,
  };
  return { body };
}

/** Answers the device authorization request itself and each token request by `token`. */
function onToken(token: (request: Received, attempt: number) => Reply): void {
  let attempt = 0;
  peers.server.answer = (request) => {
    if (request.path.endsWith('/devicecode')) return deviceReply();
    attempt += 1;
    return token(request, attempt);
  };
}

function signIn(tokens: RefreshTokenSource, options: { signal?: AbortSignal; claims?: string } = {}) {
  const shown: DeviceAuthorization[] = [];
  const grant = tokens.signInWithDeviceCode({
    signal: options.signal ?? new AbortController().signal,
    claims: options.claims,
    onAuthorization: (authorization) => void shown.push(authorization),
  });
  return { shown, grant };
}

describe('signing in', () => {
  it('shows the code, polls and returns token, times and record', async () => {
    onToken((_, attempt) =>
      attempt < 3
        ? { status: 400, body: { error: 'authorization_pending' } }
        : { body: tokenReply({ refresh_in: 1800, foci: '1' }) },
    );
    const { shown, grant } = signIn(source());
    const { accessToken, lifetimeMs, refreshInMs, record: kept } = await grant;
    expect(shown).toEqual([
      { userCode: 'ABCD-EFGH', verificationUri: 'https://microsoft.com/devicelogin', expiresInMs: 900_000 },
    ]);
    expect(accessToken.reveal()).toBe('access-1');
    expect({ lifetimeMs, refreshInMs }).toEqual({ lifetimeMs: 3_600_000, refreshInMs: 1_800_000 });
    expect(plain(kept)).toEqual({ ...plain(record), refreshToken: 'refresh-1' });
    expect(new Set(peers.proxy.received.map(({ target }) => target))).toEqual(
      new Set(['login.microsoftonline.com:443']),
    );
    const [device, poll] = peers.server.received;
    expect(device?.path).toBe(`/${TENANT}/oauth2/v2.0/devicecode`);
    expect(device?.form.get('scope')).toBe(`${SCOPE} openid profile offline_access`);
    expect(device?.form.has('claims')).toBe(false);
    expect(poll?.form.get('device_code')).toBe('device-1');
  });

  it('passes a claims challenge on', async () => {
    onToken(() => ({ body: tokenReply() }));
    const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
    await signIn(source(), { claims }).grant;
    // MSAL adds its own claims requests for the ID token.
    const sent = peers.server.received.map(({ form }) => JSON.parse(form.get('claims') ?? '{}').access_token);
    expect(sent).toEqual([{ acrs: { essential: true, value: 'c1' } }, { acrs: { essential: true, value: 'c1' } }]);
  });

  it('survives throttling, a reset and a gateway page', async () => {
    const troubles: Reply[] = [
      { status: 429, headers: { 'retry-after': '0' }, body: { error: 'temporarily_unavailable' } },
      'reset',
      { status: 502, headers: { 'content-type': 'text/html' }, body: '<html>' },
    ];
    onToken((_, attempt) => troubles[attempt - 1] ?? { body: tokenReply() });
    expect((await signIn(source()).grant).accessToken.reveal()).toBe('access-1');
  });

  it('keeps what Entra said when it is refused', async () => {
    const correlationId = '66666666-0000-4000-8000-000000000000';
    const body = { error: 'invalid_grant', error_codes: [53003], correlation_id: correlationId };
    onToken(() => ({ status: 400, body }));
    expect(await rejection(signIn(source()).grant)).toMatchObject({
      code: 'ERR_POLICY_BLOCKED',
      detail: 'AADSTS53003',
      correlationId,
    });
  });

  it('shows no code when the client is unknown', async () => {
    peers.server.answer = () => ({ status: 400, body: { error: 'unauthorized_client', error_codes: [700016] } });
    const { shown, grant } = signIn(source());
    expect(await rejection(grant)).toMatchObject({
      code: 'ERR_ENTRA_APP_UNKNOWN',
      detail: 'AADSTS700016 ("clientId")',
    });
    expect(shown).toEqual([]);
    expect(peers.server.received).toHaveLength(1);
  });

  it('stops immediately when canceled', async () => {
    const abort = new AbortController();
    // Without the abort it would pause for longer than this test may take.
    peers.server.answer = () => deviceReply({ interval: 300 });
    const { shown, grant } = signIn(source(), { signal: abort.signal });
    const pending = rejection(grant);
    await expect.poll(() => shown.length).toBe(1);
    abort.abort();
    expect(await pending).toMatchObject({ code: 'ERR_SIGN_IN_CANCELLED' });
    expect(peers.server.received).toHaveLength(1);
  });

  it("reports an account that MSAL can't read", async () => {
    onToken(() => ({ body: tokenReply({ id_token: 'not-a-jwt' }) }));
    expect(await rejection(signIn(source()).grant)).toMatchObject({ code: 'ERR_NETWORK_REPLY' });
  });

  it.each<[Cloud, string]>([
    ['usgovernment', 'login.microsoftonline.us:443'],
    ['china', 'login.partner.microsoftonline.cn:443'],
  ])('goes to the %s cloud and can refresh there', async (cloud, target) => {
    const id_token = idToken({ iss: `https://${target.replace(':443', '')}/${TENANT}/v2.0` });
    onToken((_, attempt) => ({ body: tokenReply({ refresh_token: `refresh-${attempt}`, id_token }) }));
    const tokens = source({ cloud });
    const { record: kept } = await signIn(tokens).grant;
    const refreshed = await tokens.refresh(kept);
    expect(refreshed.record.refreshToken.reveal()).toBe('refresh-2');
    expect(new Set(peers.proxy.received.map((connect) => connect.target))).toEqual(new Set([target]));
    expect(peers.server.received.map(({ method }) => method)).toEqual(['POST', 'POST', 'POST']);
  });
});

describe('refreshing', () => {
  it('sends one request with the stored token and returns the rotated record', async () => {
    onToken(() => ({ body: tokenReply({ access_token: 'access-2', refresh_token: 'refresh-2', refresh_in: 900 }) }));
    const stored = parseRecord(serializeRecord(record));
    if (stored.kind !== 'active') throw new Error(stored.kind);
    const grant = await source().refresh(withRefreshToken(stored.record));
    expect(grant.accessToken.reveal()).toBe('access-2');
    expect(grant.refreshInMs).toBe(900_000);
    expect(plain(grant.record)).toEqual({ ...plain(record), refreshToken: 'refresh-2' });
    expect(peers.server.received).toHaveLength(1);
    const [request] = peers.server.received;
    expect(request?.form.get('grant_type')).toBe('refresh_token');
    expect(request?.form.get('refresh_token')).toBe('refresh-0');
    expect(request?.form.get('scope')).toBe(`${SCOPE} openid profile offline_access`);
    expect(request?.form.get('claims') ?? '').not.toContain('xms_cc');
    expect(request?.headers['x-anchormailbox']).toBe(`Oid:${OID}@${HOME_TENANT}`);
  });

  it.each(['login.microsoftonline.com', 'login.windows.net'])('understands a record of %s', async (environment) => {
    onToken(() => ({ body: tokenReply() }));
    const grant = await source().refresh({ ...record, environment });
    expect(grant.record.refreshToken.reveal()).toBe('refresh-1');
  });

  it('takes a tenant by its domain name', async () => {
    onToken(() => ({ body: tokenReply() }));
    const grant = await source({ tenantId: 'contoso.onmicrosoft.com' }).refresh(record);
    expect(grant.record.tenantId).toBe(TENANT);
    expect(peers.server.received[0]?.path).toContain('/contoso.onmicrosoft.com/oauth2/v2.0/token');
  });

  it.each([
    ['user', { oid: 'other', sub: 'other' }],
    ['subject', { sub: 'other' }],
    ['tenant', { tid: HOME_TENANT }],
    ['application', { aud: HOME_TENANT }],
  ])('takes no token of another %s', async (_, claims) => {
    onToken(() => ({ body: tokenReply({ id_token: idToken(claims) }) }));
    expect(await rejection(source().refresh(record))).toMatchObject({ code: 'ERR_NETWORK_IDENTITY' });
  });

  it('adds the subject to a record without one', async () => {
    const { subject: _, ...old } = record;
    onToken(() => ({ body: tokenReply({ refresh_token: 'refresh-0' }) }));
    expect(plain((await source().refresh(old)).record)).toEqual(plain(record));
  });

  it("measures the ID token's times by Microsoft's clock, so a wrong one here doesn't lock anyone out", async () => {
    const hours = 12 * 3_600_000;
    onToken(() => ({ body: tokenReply() }));
    for (const offset of [-hours, hours]) {
      const clock = { now: () => Date.now() + offset, monotonic: () => performance.now() };
      expect((await source({ clock }).refresh(record)).accessToken.reveal()).toBe('access-1');
    }
    onToken(() => ({ body: tokenReply({ id_token: idToken({ exp: Date.now() / 1000 - 3600 }) }) }));
    expect(await rejection(source().refresh(record))).toMatchObject({ code: 'ERR_NETWORK_IDENTITY' });
  });

  it('keeps the old refresh token and account if the reply has none', async () => {
    const { refresh_token: _, id_token: __, client_info: ___, ...rest } = tokenReply();
    onToken(() => ({ body: rest }));
    expect(plain((await source().refresh(record)).record)).toEqual(plain(record));
  });

  it('takes a rotated refresh token from a reply without an account', async () => {
    const { id_token: _, client_info: __, ...rest } = tokenReply();
    onToken(() => ({ body: rest }));
    expect(plain((await source().refresh(record)).record)).toEqual({ ...plain(record), refreshToken: 'refresh-1' });
  });

  it.each<[string, Reply]>([
    ['429', { status: 429, headers: { 'retry-after': '3600' }, body: { error: 'temporarily_unavailable' } }],
    ['503 with JSON', { status: 503, body: { error: 'server_error', error_codes: [90055] } }],
    [
      '400 with Retry-After',
      { status: 400, headers: { 'retry-after': '60' }, body: { error: 'invalid_grant', error_codes: [50196] } },
    ],
  ])("isn't blocked locally after %s", async (_, busy) => {
    onToken((_request, attempt) => (attempt === 1 ? busy : { body: tokenReply() }));
    const tokens = source();
    expect(await rejection(tokens.refresh(record))).toMatchObject({ code: 'ERR_THROTTLED' });
    expect((await tokens.refresh(record)).accessToken.reveal()).toBe('access-1');
    expect(peers.server.received).toHaveLength(2);
  });

  it('tells a dead token from a blocked one, after one request each', async () => {
    onToken((_, attempt) => ({
      status: 400,
      body: { error: 'invalid_grant', error_codes: [attempt === 1 ? 700082 : 53003], suberror: 'bad_token' },
    }));
    const dead = await rejection(source().refresh(record));
    expect(dead).toMatchObject({ code: 'ERR_SIGN_IN_ENDED', detail: 'AADSTS700082' });
    expect(isRefreshTokenDead(dead as AppError)).toBe(true);
    const blocked = await rejection(source().refresh(record));
    expect(blocked).toMatchObject({ code: 'ERR_POLICY_BLOCKED' });
    expect(isRefreshTokenDead(blocked as AppError)).toBe(false);
    expect(peers.server.received).toHaveLength(2);
  });

  it("doesn't treat an empty object as a token", async () => {
    onToken(() => ({ body: {} }));
    expect(await rejection(source().refresh(record))).toMatchObject({ code: 'ERR_NETWORK_REPLY' });
  });

  it('ends at its deadline', async () => {
    onToken(() => 'stalled-body');
    const error = await rejection(source({ timeoutMs: 300 }).refresh(record));
    // On a busy computer, the proxy may be what's being waited for.
    expect(error).toMatchObject({
      code: 'ERR_NETWORK_TIMEOUT',
      detail: expect.stringMatching(/^login\.microsoftonline\.com/),
    });
  });

  it('reports a proxy that wants other credentials', async () => {
    peers.proxy.status = 407;
    const error = await rejection(source({ proxy: `http://u:hunter2@${peers.proxy.host}` }).refresh(record));
    expect(error).toMatchObject({ code: 'ERR_NETWORK_PROXY_AUTH' });
    expect(String(error)).not.toContain('hunter2');
  });

  it("doesn't mix with a sign-in of another account at the same time", async () => {
    const other = '77777777-0000-4000-8000-000000000000';
    onToken((request, attempt) => {
      if (request.form.get('grant_type') === 'refresh_token')
        return { body: tokenReply({ refresh_token: 'refreshed' }) };
      if (attempt < 3) return { status: 400, body: { error: 'authorization_pending' } };
      const client_info = base64({ uid: other, utid: TENANT });
      return { body: tokenReply({ access_token: 'signed-in', refresh_token: 'signed-in-refresh', client_info }) };
    });
    const tokens = source();
    const [signedIn, ...refreshed] = await Promise.all([
      signIn(tokens).grant,
      tokens.refresh(record),
      tokens.refresh(record),
    ]);
    expect(signedIn.accessToken.reveal()).toBe('signed-in');
    expect(signedIn.record.homeAccountId).toBe(`${other}.${TENANT}`);
    expect(signedIn.record.refreshToken.reveal()).toBe('signed-in-refresh');
    for (const { record: kept } of refreshed)
      expect(plain(kept)).toEqual({ ...plain(record), refreshToken: 'refreshed' });
  });
});

it('loads MSAL only when a call needs it', () => {
  const module = new URL('../../../../src/entra/msal/msal-token-source.ts', import.meta.url).href;
  const script = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ resolve(specifier, context, next) { loaded.push(specifier); return next(specifier, context); } });
    const { createTokenSource } = await import(${JSON.stringify(module)});
    const source = createTokenSource({ cloud: 'public', tenantId: 't', clientId: 'c', scope: 's', proxy: 'http://127.0.0.1:1', systemRoots: {} });
    const before = loaded.some((name) => name.startsWith('@azure/'));
    await source.refresh({ homeAccountId: 'a.b' }).catch(() => undefined);
    const after = loaded.some((name) => name.startsWith('@azure/'));
    process.stdout.write(JSON.stringify({ before, after }));`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(JSON.parse(output)).toEqual({ before: false, after: true });
});
