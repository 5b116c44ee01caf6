// Whatever a server answers in Entra's place: a sound grant, or an AppError that doesn't cost the refresh token.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError, describeFailure } from '../../../src/core/errors.ts';
import { createTokenSource } from '../../../src/entra/msal/msal-token-source.ts';
import { EntraNetworkClient } from '../../../src/entra/msal/network-client.ts';
import { parseRecord, serializeRecord } from '../../../src/entra/refresh-token-record.ts';
import { EXPLANATIONS, SUBERRORS } from '../../../src/entra/replies/aadsts.ts';
import { readToken } from '../../../src/entra/replies/entra-reply.ts';
import { isRefreshTokenDead, mapEntraError, mapMsalError } from '../../../src/entra/replies/map-error.ts';
import type { TokenGrant } from '../../../src/entra/token-source.ts';
import type { JsonReply } from '../../../src/entra/transport/https-client.ts';
import { SystemTrustStore } from '../../../src/entra/transport/system-trust-store.ts';
import { mapAbort, mapTransportError } from '../../../src/entra/transport/transport-error.ts';
import { silentLog } from '../../../src/log/event-log.ts';
import { fakeRecord } from '../../support/fakes/fake-token-source.ts';
import { ConnectProxy, createPki, EntraServer, type Pki } from '../../unit/entra/support.ts';
import { check, json, jsonObject, TIMEOUT_MS, text } from './support.ts';

const CANARY = 'c4nary-refresh-token';
const BASE = 'https://login.microsoftonline.com/tenant/oauth2/v2.0';

const numbers = fc.oneof(fc.constantFrom(...EXPLANATIONS.keys()), fc.integer());
const oauthErrors = fc.oneof(
  fc.constantFrom(
    'invalid_grant',
    'interaction_required',
    'login_required',
    'consent_required',
    'invalid_client',
    'invalid_request',
    'unauthorized_client',
    'invalid_scope',
    'temporarily_unavailable',
    'server_error',
    'authorization_pending',
    'slow_down',
    'authorization_declined',
    'expired_token',
    'access_denied',
    'invalid_resource',
  ),
  text,
);
const errorBody = jsonObject({
  error: oauthErrors,
  suberror: fc.oneof(fc.constantFrom(...SUBERRORS.keys()), text),
  error_codes: fc.array(numbers, { maxLength: 3 }),
  error_description: fc.oneof(
    numbers.map((number) => `AADSTS${number}: ada@contoso.com ${CANARY}`),
    text,
  ),
  claims: text,
  correlation_id: fc.oneof(fc.uuid(), text),
});

/** Mostly as it should be: all of it must be, for a grant to come about. */
const mostly = (good: fc.Arbitrary<unknown>, odd: fc.Arbitrary<unknown> = text): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 12, arbitrary: good }, { weight: 1, arbitrary: odd });
const always = fc.constant;

const jwtOf = (claims: object): string =>
  ['{}', JSON.stringify(claims), 'x'].map((part) => Buffer.from(part).toString('base64url')).join('.');

const TENANT = '11111111-2222-3333-4444-555555555555';
const CLIENT = '66666666-7777-8888-9999-000000000000';
const OTHER = '99999999-2222-3333-4444-555555555555';
const NOW = Math.floor(Date.now() / 1000);
const RECORD = { ...fakeRecord(CANARY), tenantId: TENANT };
const SOUND = {
  iss: `https://login.microsoftonline.com/${TENANT}/v2.0`,
  tid: TENANT,
  aud: CLIENT,
  oid: 'oid-1',
  sub: 'sub-1',
  iat: NOW,
  exp: NOW + 3600,
};

/** Unsigned: MSAL reads it and trusts the connection. */
const oddJwt = jsonObject({
  preferred_username: mostly(always('ada@contoso.com')),
  oid: mostly(always(SOUND.oid)),
  sub: mostly(always(SOUND.sub)),
  tid: mostly(always(SOUND.tid), always(OTHER)),
  iss: mostly(always(SOUND.iss), always(SOUND.iss.replace(TENANT, OTHER))),
  aud: mostly(fc.constantFrom<unknown>(CLIENT, [CLIENT]), fc.constantFrom<unknown>(OTHER, [CLIENT, OTHER])),
  iat: mostly(always(SOUND.iat), fc.double()),
  exp: mostly(always(SOUND.exp), fc.double()),
  ver: text,
}).map(jwtOf);
const jwt = fc.oneof(always(jwtOf({ ...SOUND, preferred_username: 'ada@contoso.com' })), oddJwt);
const clientInfo = jsonObject({ uid: mostly(always('oid-1')), utid: mostly(always('tid-1')) }).map((info) =>
  Buffer.from(JSON.stringify(info)).toString('base64url'),
);

const oddBody = jsonObject({
  access_token: mostly(
    always('an.access.token'),
    fc.oneof(text, fc.constantFrom('{"token":"x","headers":{"X-Evil":"1"}}', 'a b', 'a\nX-Evil:1', 'a"', 'a,b', 'a=b')),
  ),
  token_type: mostly(fc.constantFrom('Bearer', 'bearer'), always('pop')),
  expires_in: mostly(fc.constantFrom(3600, '3599', 1e300), fc.oneof(fc.integer(), fc.double(), text)),
  refresh_in: fc.oneof(fc.integer(), always('1800')),
  refresh_token: mostly(always('a-refresh-token')),
  id_token: mostly(jwt),
  client_info: mostly(clientInfo),
  scope: text,
  foci: text,
});
const tokenBody: fc.Arbitrary<Readonly<Record<string, unknown>>> = fc.oneof(
  { weight: 3, arbitrary: oddBody },
  {
    weight: 1,
    arbitrary: jwt.map((idToken) => ({
      access_token: 'an.access.token',
      token_type: 'Bearer',
      expires_in: 3600,
      refresh_token: 'a-refresh-token',
      id_token: idToken,
    })),
  },
);

const status = fc.oneof(
  { weight: 6, arbitrary: always(200) },
  { weight: 3, arbitrary: fc.constantFrom(400, 401, 403, 404, 429, 500, 502, 503, 504, 302) },
  { weight: 1, arbitrary: fc.integer({ min: 200, max: 599 }) },
);
const headers = fc.oneof(
  always({}),
  fc.record({
    'retry-after': fc.oneof(fc.nat().map(String), text, always('Wed, 21 Oct 2026 07:28:00 GMT')),
    date: text,
  }),
);
const reply = fc.tuple(
  status,
  headers,
  fc.oneof(
    { weight: 6, arbitrary: tokenBody },
    { weight: 3, arbitrary: errorBody },
    { weight: 1, arbitrary: jsonObject({}) },
  ),
);

/** Grants that came about: a property over failures alone would show little. */
let sound = 0;

/** @throws Error unless the grant can be handed out, dated, and kept. */
function assertSound(grant: TokenGrant): void {
  // RFC 6750 section 2.1.
  expect(grant.accessToken.reveal()).toMatch(/^[A-Za-z0-9._~+/-]+=*$/);
  expect(grant.record).toMatchObject({ tenantId: TENANT, localAccountId: SOUND.oid });
  expect(grant.lifetimeMs).toBeGreaterThan(0);
  expect(() => new Date(Date.now() + grant.lifetimeMs).toISOString()).not.toThrow();
  if (grant.refreshInMs !== undefined) expect(grant.refreshInMs).toBeGreaterThan(0);
  expect(parseRecord(serializeRecord(grant.record))).toEqual({ kind: 'active', record: grant.record });
  sound += 1;
}

/** What may be said of a failure: never a token or an account, whatever the server's own words are. */
function assertPublic(thrown: unknown): AppError {
  if (!(thrown instanceof AppError)) throw thrown;
  const { text: printed } = describeFailure(thrown);
  expect(printed).not.toContain(CANARY);
  expect(printed).not.toContain('ada@contoso.com');
  if (thrown.retryAfterMs !== undefined) expect(thrown.retryAfterMs).toBeGreaterThanOrEqual(0);
  return thrown;
}

function isListedAsEnded({ detail = '' }: AppError): boolean {
  return EXPLANATIONS.get(Number(/^AADSTS(\d+)$/.exec(detail)?.[1]))?.end !== undefined;
}

describe('an error reply', { timeout: TIMEOUT_MS }, () => {
  it('maps to one public error, and ends a sign-in only by an invalid_grant that says so', () =>
    check(
      fc.property(
        status,
        headers,
        errorBody,
        fc.constantFrom('refresh_token' as const, 'device_code' as const),
        (code, head, body, grant) => {
          const error = assertPublic(mapEntraError({ status: code, headers: head, body }, grant, 'host', Date.now()));
          if (error.code !== 'ERR_SIGN_IN_ENDED') return;
          expect(body['error']).toBe('invalid_grant');
          expect(body['suberror'] === 'bad_token' || isListedAsEnded(error) || error.detail === 'invalid_grant').toBe(
            true,
          );
          expect(grant).toBe('refresh_token');
          expect(code).toBeLessThan(500);
          expect(code).not.toBe(429);
        },
      ),
    ));

  it("quotes no person or token from Entra's own sentence, and is one line", () =>
    check(
      fc.property(
        text,
        text,
        fc.constantFrom('ada.lovelace@contoso.com', 'ada_lovelace.com#EXT#@contoso.onmicrosoft.com', CANARY),
        fc.integer({ min: 9_000_000, max: 999_999_999 }),
        (before, after, secret, number) => {
          const words = `AADSTS${number}: ${before} ${secret} ${after}. Trace ID: x`;
          const body = { error: 'invalid_grant', error_codes: [number], error_description: words };
          const error = mapEntraError({ status: 400, headers: {}, body }, 'refresh_token', 'host', 0);
          const { text: printed } = describeFailure(error);
          expect(printed).not.toMatch(/lovelace|c4nary/);
          expect(printed.split('\n')).toHaveLength(3);
          expect(error.reason).toContain(`https://login.microsoftonline.com/error?code=${number}`);
        },
      ),
    ));

  it("thrown as anything else maps to a public error that doesn't end a sign-in", () =>
    check(
      fc.property(
        fc.oneof(
          json,
          jsonObject({ code: text, errorCode: text, statusCode: fc.integer(), name: text }),
          text.map((message) => new Error(`${message}${CANARY}`)),
        ),
        (thrown) => {
          for (const error of [mapTransportError(thrown, { host: 'host' }), mapAbort(thrown), mapMsalError(thrown)]) {
            expect(isRefreshTokenDead(assertPublic(error))).toBe(false);
          }
        },
      ),
    ));
});

describe('a reply that was once misread', () => {
  it("530036 without invalid_grant doesn't end a sign-in", () => {
    const body = { error: 'invalid_request', error_codes: [530_036] };
    const error = mapEntraError({ status: 400, headers: {}, body }, 'refresh_token', 'host', 0);
    expect(isRefreshTokenDead(error)).toBe(false);
  });

  it('a lifetime that no date can hold is cut', () => {
    const body = { access_token: 'a', token_type: 'Bearer', expires_in: 1e300 };
    expect(() => new Date(readToken(body, 'refresh_token', 'host').times.lifetimeMs).toISOString()).not.toThrow();
  });

  it('a token type that is an object is a bad reply like any other', () => {
    const body = { access_token: 'a', token_type: { toString: 1 }, expires_in: 1 };
    expect(() => readToken(body, 'refresh_token', 'host')).toThrow(AppError);
  });
});

describe('a reply to the network client', { timeout: TIMEOUT_MS }, () => {
  let ms = 0;
  const clientFor = (replies: readonly (readonly [number, Record<string, string>, Record<string, unknown>])[]) => {
    const queue = [...replies];
    const clock = { now: () => ms, monotonic: () => ms };
    const send = async (): Promise<JsonReply> => {
      const [code, head, body] = queue.shift() ?? [400, {}, { error: 'authorization_declined' }];
      return { status: code, headers: head, body };
    };
    const sleep = async (wait: number): Promise<void> => {
      expect(Number.isFinite(wait) && wait >= 0).toBe(true);
      ms += wait;
    };
    return new EntraNetworkClient({ send, log: silentLog, clock, sleep });
  };
  type Replies = Parameters<typeof clientFor>[0];
  const replies = fc.array(reply, { minLength: 1, maxLength: 4 }) as fc.Arbitrary<unknown> as fc.Arbitrary<Replies>;

  it.each(['refresh_token', 'device_code'])('for %s is a token or an AppError, and polling ends', (grant) =>
    check(
      fc.asyncProperty(
        jsonObject({
          device_code: text,
          user_code: text,
          verification_uri: fc.oneof(
            always('https://microsoft.com/devicelogin'),
            fc.webUrl({ validSchemes: ['https'] }),
          ),
          interval: fc.double(),
          expires_in: fc.double(),
        }),
        replies,
        async (device, answers) => {
          const isPolling = grant === 'device_code';
          const client = clientFor(
            isPolling
              ? [
                  [200, {}, { device_code: 'd', user_code: 'u', verification_uri: 'https://aka.ms/', ...device }],
                  ...answers,
                ]
              : answers,
          );
          try {
            if (isPolling) await client.sendPostRequestAsync(`${BASE}/devicecode`, { body: 'client_id=x' });
            const { body } = await client.sendPostRequestAsync<Record<string, unknown>>(`${BASE}/token`, {
              body: `grant_type=${grant}&device_code=d`,
            });
            expect(body['access_token']).toMatch(/^[A-Za-z0-9._~+/-]+=*$/);
            expect(client.times?.lifetimeMs).toBeGreaterThan(0);
            if (isPolling) expect(body['refresh_token']).toMatch(/^[\x21-\x7e]+$/);
          } catch (thrown) {
            assertPublic(thrown);
          }
        },
      ),
    ),
  );
});

describe('a reply through TLS, proxy and MSAL', { timeout: TIMEOUT_MS }, () => {
  let pki: Pki;
  let server: EntraServer;
  let proxy: ConnectProxy;
  let source: ReturnType<typeof createTokenSource>;

  beforeAll(async () => {
    pki = createPki();
    server = await new EntraServer(pki).start();
    proxy = await new ConnectProxy(server.port).start();
    source = createTokenSource({
      cloud: 'public',
      tenantId: TENANT,
      clientId: CLIENT,
      scope: 'https://cognitiveservices.azure.com/.default',
      proxy: `http://${proxy.host}`,
      caFile: pki.caFile,
      log: silentLog,
      systemRoots: new SystemTrustStore({ log: silentLog }),
    });
  });

  afterAll(() => {
    proxy.stop();
    server.stop();
    pki.remove();
  });

  const printable = (head: object): Record<string, string> =>
    Object.fromEntries(Object.entries(head).filter(([, value]) => /^[\x20-\x7e]*$/.test(String(value)))) as Record<
      string,
      string
    >;

  it('to a refresh results in a sound grant or an AppError, and only invalid_grant ends the sign-in', async () => {
    sound = 0;
    await check(
      fc.asyncProperty(reply, async ([code, head, body]) => {
        server.answer = () => ({ status: code, headers: printable(head), body });
        try {
          assertSound(await source.refresh(RECORD));
        } catch (thrown) {
          const error = assertPublic(thrown);
          if (error.code === 'ERR_SIGN_IN_ENDED') expect(body['error']).toBe('invalid_grant');
        }
      }),
      { costly: 2 },
    );
    expect(sound).toBeGreaterThan(0);
  });

  it("an ID token without `tid` isn't an answer to a refresh, but no ID token is", async () => {
    const body = { access_token: 'a', token_type: 'Bearer', expires_in: 3600 };
    server.answer = () => ({ body: { ...body, id_token: jwtOf({ ...SOUND, tid: undefined }) } });
    await expect(source.refresh(RECORD)).rejects.toMatchObject({ code: 'ERR_NETWORK_IDENTITY' });
    server.answer = () => ({ body });
    expect(parseRecord(serializeRecord((await source.refresh(RECORD)).record)).kind).toBe('active');
  });

  it('to a sign-in results in a sound grant or an AppError', async () => {
    sound = 0;
    await check(
      fc.asyncProperty(reply, async ([code, head, body]) => {
        const device = {
          device_code: 'd',
          user_code: 'ABCD',
          verification_uri: 'https://microsoft.com/devicelogin',
          interval: 0.001,
          expires_in: 0.2,
        };
        server.answer = ({ path }) =>
          path.endsWith('/devicecode') ? { body: device } : { status: code, headers: printable(head), body };
        try {
          assertSound(
            await source.signInWithDeviceCode({
              signal: AbortSignal.timeout(10_000),
              onAuthorization: () => undefined,
            }),
          );
        } catch (thrown) {
          assertPublic(thrown);
        }
      }),
      { costly: 8 },
    );
    expect(sound).toBeGreaterThan(0);
  });
});
