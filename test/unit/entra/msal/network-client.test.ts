import { beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../../../src/core/clock.ts';
import { AppError } from '../../../../src/core/errors.ts';
import { EntraNetworkClient } from '../../../../src/entra/msal/network-client.ts';
import type { JsonReply, JsonRequest } from '../../../../src/entra/transport/https-client.ts';
import type { EventLog } from '../../../../src/log/event-log.ts';
import type { LogFields } from '../../../../src/log/public-fields.ts';
import { rejection } from '../support.ts';

const BASE = 'https://login.microsoftonline.com/tenant/oauth2/v2.0';
const POLL = 'grant_type=device_code&device_code=secret-device-code';
const DEVICE = {
  device_code: 'secret-device-code',
  user_code: 'ABCD-EFGH',
  verification_uri: 'https://microsoft.com/devicelogin',
  expires_in: 900,
  interval: 5,
};
const TOKEN = {
  token_type: 'Bearer',
  access_token: 'at',
  refresh_token: 'rt',
  id_token: 'a.b.c',
  expires_in: 3600,
};

type Step = { readonly status?: number; readonly headers?: Record<string, string>; readonly body: object } | AppError;

const PENDING: Step = { status: 400, body: { error: 'authorization_pending' } };
const SLOW_DOWN: Step = { status: 400, body: { error: 'slow_down' } };

/** Time that moves by sleeping only, with a note of each sleep in seconds. */
class ScriptedTime implements Clock {
  readonly sleeps: number[] = [];
  #ms = 1_000_000;
  now = () => this.#ms;
  monotonic = () => this.#ms;
  sleep = async (ms: number): Promise<void> => {
    this.sleeps.push(ms / 1000);
    this.#ms += ms;
  };
}

let time: ScriptedTime;
let requests: JsonRequest[];
/** What the page was told about the connection. */
let reachable: boolean[];
let logged: [string, LogFields | undefined][];

beforeEach(() => {
  time = new ScriptedTime();
  requests = [];
  logged = [];
  reachable = [];
});

function client(steps: readonly Step[], last: Step = PENDING): EntraNetworkClient {
  const queue = [...steps];
  const send = async (request: JsonRequest): Promise<JsonReply> => {
    requests.push(request);
    const step = queue.shift() ?? last;
    if (step instanceof AppError) throw step;
    return { status: step.status ?? 200, headers: step.headers ?? {}, body: { ...step.body } };
  };
  const note = (event: string, fields?: LogFields) => void logged.push([event, fields]);
  const log: EventLog = { debug: note, info: note, warn: note, error: note };
  const onReachable = (isReachable: boolean) => void reachable.push(isReachable);
  return new EntraNetworkClient({ send, log, clock: time, sleep: time.sleep, onReachable });
}

/** Asks for a code, then polls with it. */
async function signIn(network: EntraNetworkClient) {
  await network.sendPostRequestAsync(`${BASE}/devicecode`, { body: 'client_id=x' });
  return network.sendPostRequestAsync<Record<string, unknown>>(`${BASE}/token`, { body: POLL });
}

function refresh(network: EntraNetworkClient) {
  return network.sendPostRequestAsync<Record<string, unknown>>(`${BASE}/token?client-request-id=1`, {
    body: 'grant_type=refresh_token&refresh_token=rt',
  });
}

describe('the device authorization request', () => {
  const request = (body: object, status = 200) =>
    client([{ status, body }]).sendPostRequestAsync<Record<string, unknown>>(`${BASE}/devicecode`, { body: '' });

  it.each([
    [400, 'unauthorized_client', 700016, 'ERR_ENTRA_APP_UNKNOWN'],
    [400, 'invalid_request', 90002, 'ERR_ENTRA_TENANT_UNKNOWN'],
    [400, 'invalid_scope', 70011, 'ERR_ENTRA_SCOPE'],
    [401, 'invalid_client', 7000218, 'ERR_ENTRA_PUBLIC_CLIENT_OFF'],
  ])('is refused with HTTP %i %s %i', async (status, error, number, code) => {
    expect(await rejection(request({ error, error_codes: [number] }, status))).toMatchObject({ code });
  });

  it.each([
    ['nothing', {}, 'device_code, user_code, verification_uri'],
    ['no user code', { ...DEVICE, user_code: undefined }, 'user_code'],
    ['a code of control characters', { ...DEVICE, user_code: 'A\nB' }, 'user_code'],
    ['a sentence for a code', { ...DEVICE, user_code: 'call 555 0100 and say yes' }, 'user_code'],
    ["somebody else's page", { ...DEVICE, verification_uri: 'https://evil.example/devicelogin' }, 'verification_uri'],
    ['plain http', { ...DEVICE, verification_uri: 'http://microsoft.com/devicelogin' }, 'verification_uri'],
  ])("isn't answered by %s", async (_, body, fields) => {
    expect(await rejection(request(body))).toMatchObject({
      code: 'ERR_NETWORK_REPLY',
      detail: `login.microsoftonline.com (device code reply without a usable ${fields})`,
    });
  });

  it.each([
    [{}, { interval: 5, expires_in: 900 }],
    [
      { interval: 0, expires_in: -1 },
      { interval: 5, expires_in: 900 },
    ],
    [
      { interval: '7', expires_in: '600' },
      { interval: 7, expires_in: 600 },
    ],
    [
      { interval: 1e12, expires_in: 1e12 },
      { interval: 300, expires_in: 86_400 },
    ],
  ])('with times %j is completed to %j', async (times, expected) => {
    const { interval: _, expires_in: __, ...rest } = DEVICE;
    expect((await request({ ...rest, ...times })).body).toMatchObject(expected);
  });
});

describe('the exchange of an authorization code', () => {
  const exchange = (steps: readonly Step[], last?: Step) =>
    client(steps, last).sendPostRequestAsync<Record<string, unknown>>(`${BASE}/token`, {
      body: 'grant_type=authorization_code&code=c',
    });
  const refused = () => new AppError('ERR_NETWORK', { cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }) });

  it('waits until the network is back', async () => {
    const reply = await exchange([new AppError('ERR_NETWORK_DNS'), refused(), refused(), { body: TOKEN }]);
    expect(reply.body['access_token']).toBe('at');
    expect(time.sleeps).toEqual([1, 2, 4]);
    expect(reachable).toEqual([false, true]);
  });

  it('ends with the code', async () => {
    expect(await rejection(exchange([], refused()))).toMatchObject({ code: 'ERR_NETWORK' });
    const seconds = time.sleeps.reduce((sum, pause) => sum + pause, 0);
    expect(seconds).toBeGreaterThan(9 * 60);
    expect(seconds).toBeLessThanOrEqual(10 * 60);
  });

  it.each<[string, Step]>([
    ['a reset', new AppError('ERR_NETWORK', { cause: Object.assign(new Error(), { code: 'ECONNRESET' }) })],
    ['a timeout', new AppError('ERR_NETWORK_TIMEOUT')],
    ['a busy server', { status: 503, body: {} }],
    ['a refusal by the proxy', new AppError('ERR_NETWORK_PROXY')],
    ['an untrusted certificate', new AppError('ERR_NETWORK_TLS')],
  ])('sends the code only once if Entra may have seen it, or waiting is of no use: %s', async (_, step) => {
    await rejection(exchange([step]));
    expect(requests).toHaveLength(1);
  });
});

describe('polling', () => {
  it('waits the interval before each request until the token comes', async () => {
    const reply = await signIn(client([{ body: DEVICE }, PENDING, PENDING, { body: TOKEN }]));
    expect(reply.body['access_token']).toBe('at');
    expect(time.sleeps).toEqual([5, 5, 5]);
    expect(requests.slice(1).map(({ body }) => body)).toEqual([POLL, POLL, POLL]);
  });

  it('adds 5 s permanently at each slow_down', async () => {
    await signIn(client([{ body: DEVICE }, SLOW_DOWN, PENDING, SLOW_DOWN, PENDING, { body: TOKEN }]));
    expect(time.sleeps).toEqual([5, 10, 10, 15, 15]);
  });

  it('uses 5 s if the server names no interval', async () => {
    await signIn(client([{ body: { ...DEVICE, interval: undefined } }, PENDING, { body: TOKEN }]));
    expect(time.sleeps).toEqual([5, 5]);
  });

  it.each<[string, Step]>([
    ['HTTP 503', { status: 503, body: {} }],
    ['a request loop', { status: 400, body: { error: 'invalid_grant', error_codes: [50196] } }],
    ['a reset', new AppError('ERR_NETWORK')],
    ['a timeout', new AppError('ERR_NETWORK_TIMEOUT')],
    ['a failing DNS', new AppError('ERR_NETWORK_DNS')],
    ['a captive portal', new AppError('ERR_NETWORK_REPLY')],
    ['another network, whose proxy refuses', new AppError('ERR_NETWORK_PROXY')],
    ['another network, whose certificate is its own', new AppError('ERR_NETWORK_TLS')],
  ])('backs off after %s, keeps the code and returns to the interval', async (_, failure) => {
    const steps = [{ body: DEVICE }, failure, failure, failure, PENDING, { body: TOKEN }];
    await signIn(client(steps));
    expect(time.sleeps).toEqual([5, 10, 15, 15, 5]);
    expect(new Set(requests.slice(1).map(({ body }) => body))).toEqual(new Set([POLL]));
    expect(logged.map(([event, fields]) => [event, fields?.attempt, fields?.delayMs])).toEqual([
      ['poll-failed', 1, 10_000],
      ['poll-failed', 2, 15_000],
      ['poll-failed', 3, 15_000],
    ]);
  });

  it.each([
    ['60', 60],
    ['1', 5],
  ])('honors Retry-After %s, but is never faster than the interval', async (retryAfter, wait) => {
    const busy: Step = { status: 429, headers: { 'retry-after': retryAfter }, body: {} };
    await signIn(client([{ body: DEVICE }, busy, { body: TOKEN }]));
    expect(time.sleeps).toEqual([5, wait]);
  });

  it('tells once when Microsoft stops answering, and when it answers again, even if it is only busy', async () => {
    const busy: Step = { status: 503, body: {} };
    const lost = new AppError('ERR_NETWORK_TIMEOUT');
    await signIn(client([{ body: DEVICE }, PENDING, lost, lost, PENDING, lost, busy, SLOW_DOWN, { body: TOKEN }]));
    expect(reachable).toEqual([false, true, false, true]);
  });

  it('ends with the code', async () => {
    const network = client([{ body: { ...DEVICE, expires_in: 12 } }]);
    expect(await rejection(signIn(network))).toMatchObject({ code: 'ERR_SIGN_IN_CODE_EXPIRED', detail: undefined });
    expect(time.sleeps).toEqual([5, 5, 2]);
    expect(requests).toHaveLength(3);
  });

  it('says what failed last when the code ended meanwhile', async () => {
    const network = client([{ body: { ...DEVICE, expires_in: 12 } }], new AppError('ERR_NETWORK_DNS'));
    expect(await rejection(signIn(network))).toMatchObject({
      code: 'ERR_SIGN_IN_CODE_EXPIRED',
      detail: 'the last attempt failed with ERR_NETWORK_DNS',
      cause: { code: 'ERR_NETWORK_DNS' },
    });
  });

  it.each<[string, Step, string]>([
    ['declined', { status: 400, body: { error: 'authorization_declined' } }, 'ERR_SIGN_IN_DECLINED'],
    ['denied', { status: 400, body: { error: 'access_denied' } }, 'ERR_SIGN_IN_DECLINED'],
    ['expired', { status: 400, body: { error: 'expired_token' } }, 'ERR_SIGN_IN_CODE_EXPIRED'],
    ['unknown', { status: 400, body: { error: 'bad_verification_code' } }, 'ERR_SIGN_IN_CODE_EXPIRED'],
    ['blocked', { status: 400, body: { error: 'invalid_grant', error_codes: [53003] } }, 'ERR_POLICY_BLOCKED'],
    ['asked for proxy credentials', new AppError('ERR_NETWORK_PROXY_AUTH'), 'ERR_NETWORK_PROXY_AUTH'],
    ['answered by an empty object', { body: {} }, 'ERR_NETWORK_REPLY'],
  ])('stops when %s', async (_, step, code) => {
    const network = client([{ body: DEVICE }, step]);
    const error = await rejection(signIn(network));
    expect(error).toMatchObject({ code });
    expect(network.failure).toBe(error);
    expect(requests).toHaveLength(2);
  });

  it('needs a refresh token and an account to be of use', async () => {
    const { refresh_token: _, id_token: __, ...rest } = TOKEN;
    expect(await rejection(signIn(client([{ body: DEVICE }, { body: rest }])))).toMatchObject({
      detail: 'login.microsoftonline.com (token reply without a usable refresh_token, id_token)',
    });
  });

  it("stops immediately when it's aborted in a pause", async () => {
    const abort = new AbortController();
    const network = new EntraNetworkClient({
      // Without the abort it would pause for longer than this test may take.
      send: async () => ({ status: 200, headers: {}, body: { ...DEVICE, interval: 300 } }),
      log: { debug() {}, info() {}, warn() {}, error() {} },
      signal: abort.signal,
    });
    const pending = rejection(signIn(network));
    setTimeout(() => abort.abort(), 20);
    expect(await pending).toMatchObject({ code: 'ERR_SIGN_IN_CANCELLED' });
  });
});

describe('a refresh', () => {
  it('keeps refresh_in for the agent and hides it, and foci, from MSAL', async () => {
    const network = client([{ body: { ...TOKEN, refresh_in: '1800', foci: '1' } }]);
    const { body } = await refresh(network);
    expect(network.times).toEqual({ lifetimeMs: 3_600_000, refreshInMs: 1_800_000 });
    expect(body).toEqual(TOKEN);
  });

  it('may bring neither a refresh token nor an account', async () => {
    const { refresh_token: _, id_token: __, ...rest } = TOKEN;
    const network = client([{ body: { ...rest, expires_in: '600' } }]);
    await refresh(network);
    expect(network.times).toEqual({ lifetimeMs: 600_000 });
  });

  it.each([
    ['an empty object', {}, 'access_token, token_type, expires_in'],
    ['an empty token', { ...TOKEN, access_token: '' }, 'access_token'],
    ['a token of two lines', { ...TOKEN, access_token: 'a\nb' }, 'access_token'],
    ['a number for a token', { ...TOKEN, access_token: 5 }, 'access_token'],
    ['no lifetime', { ...TOKEN, expires_in: 0 }, 'expires_in'],
    ['another type', { ...TOKEN, token_type: 'pop' }, 'token_type'],
    ['an empty refresh token', { ...TOKEN, refresh_token: '' }, 'refresh_token'],
  ])("isn't answered by %s", async (_, body, fields) => {
    expect(await rejection(refresh(client([{ body }])))).toMatchObject({
      code: 'ERR_NETWORK_REPLY',
      detail: `login.microsoftonline.com (token reply without a usable ${fields})`,
    });
  });

  it.each<[string, Step, string]>([
    ['a dead token', { status: 400, body: { error: 'invalid_grant' } }, 'ERR_SIGN_IN_ENDED'],
    ['throttling', { status: 429, body: {} }, 'ERR_THROTTLED'],
    ['a reset', new AppError('ERR_NETWORK'), 'ERR_NETWORK'],
  ])('is tried once: %s', async (_, step, code) => {
    expect(await rejection(refresh(client([step])))).toMatchObject({ code });
    expect(requests).toHaveLength(1);
    expect(time.sleeps).toEqual([]);
  });
});
