// What the calls of Microsoft's runtime become. test/platform/windows/broker.test.ts loads the real one, which can't
// succeed without Windows' own broker.
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../../src/core/secret.ts';
import { BROKER_STATUSES, BrokerFailure, type BrokerRequest } from '../../../../src/entra/broker/broker.ts';
import { openWindowsBroker, WindowsBroker } from '../../../../src/entra/broker/windows/windows-broker.ts';
import { ADA, FakeMsalRuntime, type RuntimeAnswer, runtimeError } from '../../../support/fakes/fake-msal-runtime.ts';

const CLIENT = '66666666-7777-8888-9999-000000000000';
const AUTHORITY = 'https://login.microsoftonline.com/contoso-tenant';
const SCOPE = 'https://cognitiveservices.azure.com/.default';
const REDIRECT = `ms-appx-web://Microsoft.AAD.BrokerPlugin/${CLIENT}`;
const ADA_HERE = {
  brokerAccountId: ADA.accountId,
  homeAccountId: ADA.homeAccountId,
  localAccountId: ADA.localAccountId,
  tenantId: ADA.realm,
  environment: ADA.environment,
  username: ADA.username,
};
const TOKEN = { token: { accessToken: 'at-1', expiresOn: 2_000_000_000, rawIdToken: 'a.b.c' } } as const;
const WINDOW = Buffer.from('0102030405060708', 'hex');

const request = (change: Partial<BrokerRequest> = {}): BrokerRequest => ({
  authority: AUTHORITY,
  clientId: CLIENT,
  scope: SCOPE,
  correlationId: 'c0ffee00-0000-4000-8000-000000000001',
  signal: new AbortController().signal,
  ...change,
});

function brokerOf(...answers: RuntimeAnswer[]) {
  const runtime = new FakeMsalRuntime(...answers);
  const windows = { open: 0, opened: 0 };
  const broker = new WindowsBroker(runtime, async () => {
    windows.open += 1;
    windows.opened += 1;
    const close = () => {
      windows.open -= 1;
    };
    return { handle: WINDOW, close };
  });
  const called = () => runtime.calls.map(({ name }) => name);
  return { broker, runtime, windows, called };
}

const failure = (promise: Promise<unknown>): Promise<BrokerFailure> =>
  promise.then(
    () => expect.fail('it succeeded'),
    (thrown: unknown) => (thrown instanceof BrokerFailure ? thrown : expect.fail(String(thrown))),
  );

describe('a silent renewal', () => {
  it('asks for the account by its name in Windows, with all that the request has', async () => {
    const { broker, runtime, called } = brokerOf(TOKEN);
    const claims = '{"access_token":{"nbf":{"essential":true}}}';
    const token = await broker.acquireSilently(request({ claims }), ADA_HERE);
    expect(called()).toEqual(['ReadAccountById', 'AcquireTokenSilently']);
    expect(runtime.calls[1]).toMatchObject({
      account: ADA,
      correlationId: request().correlationId,
      parameters: {
        AuthParameters: [CLIENT, AUTHORITY],
        RedirectUri: [REDIRECT],
        RequestedScopes: [SCOPE],
        DecodedClaims: [claims],
      },
    });
    expect(token).toMatchObject({ expiresAt: 2_000_000_000_000, account: ADA_HERE });
    expect([token.accessToken.reveal(), token.idToken?.reveal()]).toEqual(['at-1', 'a.b.c']);
  });

  it("names the token that mustn't come back, and only then", async () => {
    const { broker, runtime } = brokerOf(TOKEN);
    await broker.acquireSilently(request(), ADA_HERE);
    await broker.acquireSilently(request(), ADA_HERE, new Secret('at-0'));
    const renewed = runtime.calls.flatMap(({ name, parameters }) =>
      name === 'AcquireTokenSilently' ? [parameters['AccessTokenToRenew']] : [],
    );
    expect(renewed).toEqual([undefined, ['at-0']]);
  });

  it('says so if Windows no longer knows the account', async () => {
    const { broker, called } = brokerOf(TOKEN);
    const thrown = await failure(broker.acquireSilently(request(), { ...ADA_HERE, brokerAccountId: 'gone' }));
    expect(thrown.fault).toBe('AccountNotFound');
    expect(called()).toEqual(['ReadAccountById']);
  });
});

describe('a silent sign-in', () => {
  it("uses the computer's own account", async () => {
    const { broker, called } = brokerOf(TOKEN);
    expect(await broker.signInSilently(request())).toMatchObject({ account: ADA_HERE });
    expect(called()).toEqual(['SignInSilently']);
  });

  it('uses the account of the hint, in any case', async () => {
    const { broker, runtime, called } = brokerOf(TOKEN);
    const grace = { ...ADA, accountId: 'grace-in-windows', username: 'grace@contoso.com' };
    runtime.accounts.push(grace);
    await broker.signInSilently(request(), 'GRACE@contoso.com');
    expect(called()).toEqual(['DiscoverAccounts', 'AcquireTokenSilently']);
    expect(runtime.calls[1]?.account).toBe(grace);
  });

  it("uses the computer's own account if it has none of that name: the caller compares them", async () => {
    const { broker, called } = brokerOf(TOKEN);
    await broker.signInSilently(request(), 'grace@contoso.com');
    expect(called()).toEqual(['DiscoverAccounts', 'SignInSilently']);
  });
});

describe('a sign-in with a dialog', () => {
  it('passes the window, and closes it when the dialog has ended', async () => {
    const { broker, runtime, windows, called } = brokerOf(TOKEN, { error: { errorStatus: 7 } });
    await broker.signInInteractively(request(), 'ada@contoso.com');
    expect(called()).toEqual(['SignIn']);
    expect(runtime.calls[0]).toMatchObject({ window: WINDOW, hint: 'ada@contoso.com' });
    expect((await failure(broker.signInInteractively(request()))).fault).toBe('UserCanceled');
    expect(windows).toEqual({ open: 0, opened: 2 });
  });

  it('starts with the list of accounts if the user is to choose', async () => {
    const { broker, called } = brokerOf(TOKEN);
    await broker.signInInteractively(request(), undefined, true);
    expect(called()).toEqual(['SignInInteractively']);
  });

  it('is closed if its request ends', async () => {
    const { broker, runtime, windows } = brokerOf('hangs');
    const user = new AbortController();
    const signIn = broker.signInInteractively(request({ signal: user.signal }));
    await expect.poll(() => runtime.calls).toHaveLength(1);
    const reason = new Error('no one waits');
    user.abort(reason);
    await expect(signIn).rejects.toBe(reason);
    expect([runtime.canceled, windows.open]).toEqual([1, 0]);
  });

  it("isn't started for a request that has ended", async () => {
    const { broker, called } = brokerOf(TOKEN);
    const signal = AbortSignal.abort(new Error('too late'));
    await expect(broker.signInInteractively(request({ signal }))).rejects.toThrow('too late');
    expect(called()).toEqual([]);
  });
});

it("names the accounts of Windows that are in the authority's cloud", async () => {
  const { broker, runtime } = brokerOf();
  runtime.accounts.push(
    { ...ADA, accountId: 'elsewhere', environment: 'login.microsoftonline.us' },
    { ...ADA, accountId: '' },
  );
  expect(await broker.accounts(request())).toEqual([ADA_HERE]);
  runtime.accountsError = { errorStatus: 5 };
  expect((await failure(broker.accounts(request()))).fault).toBe('ServerTemporarilyUnavailable');
});

describe('a refusal', () => {
  it.each(
    BROKER_STATUSES.map((status, errorStatus) => [status, errorStatus] as const).filter(
      ([status]) => !['UserSwitch', 'AccountSwitch'].includes(status),
    ),
  )('%s keeps its name and what support needs', async (status, errorStatus) => {
    const error = {
      errorStatus,
      errorCode: 50_076,
      errorTag: 0x1e4ff,
      errorContext: 'AADSTS50076 for ada@contoso.com',
    };
    const { broker } = brokerOf({ error });
    const thrown = await failure(broker.signInSilently(request()));
    expect(thrown).toMatchObject({ fault: status, tag: 0x1e4ff, subStatus: 50_076 });
    expect(thrown.context).toBe('AADSTS50076 for ada@contoso.com');
    expect(`${thrown.message} ${thrown.detail}`).not.toContain('ada');
  });

  it.each([12, 18])("doesn't count if only the account is a different one (status %i)", async (errorStatus) => {
    const { broker } = brokerOf({ ...TOKEN, error: { errorStatus } });
    expect((await broker.signInSilently(request())).accessToken.reveal()).toBe('at-1');
  });

  it.each([99, -1, 1.5])('with the unknown status %d is unexpected', async (errorStatus) => {
    const { broker } = brokerOf({ error: { errorStatus } });
    const detail = `the broker answered with the unknown status ${errorStatus}`;
    expect(await failure(broker.signInSilently(request()))).toMatchObject({ fault: 'Unexpected', detail });
  });

  it('that the call throws is the same as one in the result', async () => {
    const throws = runtimeError({ errorStatus: 6, errorContext: 'Caught exception' });
    const { broker, windows } = brokerOf({ throws });
    expect((await failure(broker.signInInteractively(request()))).fault).toBe('ApiContractViolation');
    expect(windows.open).toBe(0);
  });

  it("that isn't one of the runtime's errors is unexpected, with its cause", async () => {
    const cause = new TypeError('a string is expected');
    const { broker } = brokerOf({ throws: cause });
    expect(await failure(broker.signInSilently(request()))).toMatchObject({ fault: 'Unexpected', cause });
  });

  it('says what is missing if Windows has no Web Account Manager', async () => {
    const { broker } = brokerOf({ error: { errorStatus: 0, errorCode: -2_147_221_164 } });
    const thrown = await failure(broker.signInSilently(request()));
    expect(thrown).toMatchObject({ fault: 'Missing', detail: 'this Windows has no Web Account Manager' });
  });
});

it.each<[string, RuntimeAnswer]>([
  ['no token', { token: { expiresOn: 2_000_000_000 } }],
  ['no end', { token: { accessToken: 'at-1' } }],
  ['an end that is no number', { token: { accessToken: 'at-1', expiresOn: Number.NaN } }],
  ['no account', { token: { accessToken: 'at-1', expiresOn: 2_000_000_000, account: undefined as never } }],
  ['an account without a name', { token: { ...TOKEN.token, account: { ...ADA, accountId: '' } } }],
])('refuses an answer with %s, and keeps the token out of the error', async (_, answer) => {
  const { broker } = brokerOf(answer);
  const thrown = await failure(broker.signInSilently(request()));
  expect(thrown.fault).toBe('Malformed');
  expect(`${thrown.message} ${thrown.detail} ${thrown.context} ${String(thrown.cause)}`).not.toContain('at-1');
});

it("can't be opened by a program that was built without Microsoft's runtime", async () => {
  const thrown = await failure(openWindowsBroker());
  expect(thrown).toMatchObject({ fault: 'Missing', detail: "this build doesn't include the Windows broker" });
});
