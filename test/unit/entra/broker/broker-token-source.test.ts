import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../../src/core/clock.ts';
import { AppError } from '../../../../src/core/errors.ts';
import { Secret } from '../../../../src/core/secret.ts';
import { BrokerFailure } from '../../../../src/entra/broker/broker.ts';
import {
  type BrokerTokenSourceOptions,
  createBrokerTokenSource,
} from '../../../../src/entra/broker/broker-token-source.ts';
import type { BrokerSignInOptions } from '../../../../src/entra/token-source.ts';
import {
  CLIENT,
  claimsAbout,
  FakeBroker,
  fakeAccount,
  fakeBrokerRecord,
  fakeIdToken,
  TENANT,
} from '../../../support/fakes/fake-broker.ts';

const SCOPE = 'https://cognitiveservices.azure.com/.default';

function create(overrides: Partial<BrokerTokenSourceOptions> = {}) {
  const broker = new FakeBroker();
  const source = createBrokerTokenSource({
    cloud: 'public',
    tenantId: TENANT,
    clientId: CLIENT,
    scope: SCOPE,
    clock: systemClock,
    openBroker: async () => broker,
    ...overrides,
  });
  const prompts: string[] = [];
  const signIn = (options: Partial<BrokerSignInOptions> = {}) =>
    source.signInWithBroker({
      signal: new AbortController().signal,
      mayPrompt: () => true,
      onPrompt: () => void prompts.push('dialog'),
      ...options,
    });
  return { broker, source, signIn, prompts };
}

describe('signing in with the broker', () => {
  it("uses the computer's account without a dialog, and keeps no refresh token", async () => {
    const { signIn, broker, prompts } = create();
    const { record, accessToken, lifetimeMs } = await signIn();
    expect(accessToken.reveal()).toBe('access-1');
    expect(record).toEqual(fakeBrokerRecord());
    expect(lifetimeMs).toBeGreaterThan(3_590_000);
    expect(lifetimeMs).toBeLessThanOrEqual(3_600_000);
    expect(broker.methods).toEqual(['signInSilently']);
    expect(prompts).toEqual([]);
    expect(broker.calls[0]?.request).toMatchObject({
      authority: `https://login.microsoftonline.com/${TENANT}`,
      clientId: CLIENT,
      scope: SCOPE,
    });
  });

  it('opens the dialog if the silent sign-in needs the user', async () => {
    const { signIn, broker, prompts } = create();
    broker.script.push(new BrokerFailure('InteractionRequired'));
    await signIn({ loginHint: 'ada@contoso.example', claims: '{"access_token":{}}' });
    expect(broker.methods).toEqual(['signInSilently', 'signInInteractively']);
    expect(prompts).toEqual(['dialog']);
    expect(broker.calls[1]).toMatchObject({
      args: ['ada@contoso.example', undefined],
      request: { claims: '{"access_token":{}}' },
    });
  });

  it('never opens the dialog if it may not', async () => {
    const { signIn, broker, prompts } = create();
    broker.script.push(new BrokerFailure('InteractionRequired'));
    await expect(signIn({ mayPrompt: () => false })).rejects.toMatchObject({ code: 'ERR_SIGN_IN_STEP_REQUIRED' });
    expect([broker.methods, prompts]).toEqual([['signInSilently'], []]);
  });

  it("never opens the dialog if it can't help", async () => {
    const { signIn, broker, prompts } = create();
    broker.script.push(new BrokerFailure('NoNetwork'));
    await expect(signIn()).rejects.toMatchObject({ code: 'ERR_NETWORK' });
    expect(prompts).toEqual([]);
  });

  it('goes straight to the dialog after a silent sign-in that failed just now', async () => {
    const { signIn, broker } = create();
    await signIn({ failedSilently: new AppError('ERR_SIGN_IN_STEP_REQUIRED') });
    expect(broker.methods).toEqual(['signInInteractively']);
    await expect(signIn({ failedSilently: new AppError('ERR_BROKER_MISSING') })).rejects.toMatchObject({
      code: 'ERR_BROKER_MISSING',
    });
    expect(broker.methods).toEqual(['signInInteractively']);
  });

  it('lets the user choose the account', async () => {
    const { signIn, broker } = create();
    await signIn({ selectAccount: true });
    expect(broker.calls).toMatchObject([{ method: 'signInInteractively', args: [undefined, true] }]);
  });

  it('uses the configured account of several', async () => {
    const bob = fakeAccount('bob@contoso.example', '0a1b2c3d-0000-4000-8000-000000000002');
    const byId = create({ accountHint: bob.localAccountId.toUpperCase() });
    byId.broker.known = [fakeAccount(), bob];
    expect((await byId.signIn()).record.username).toBe('bob@contoso.example');
    expect(byId.broker.methods).toEqual(['accounts', 'acquireSilently']);

    const byName = create({ accountHint: 'bob@contoso.example' });
    byName.broker.known = [bob];
    await byName.signIn();
    expect(byName.broker.calls).toMatchObject([{ method: 'signInSilently', args: ['bob@contoso.example'] }]);
  });

  it("asks the user if the computer doesn't have the configured account", async () => {
    const { signIn, broker } = create({ accountHint: '0a1b2c3d-0000-4000-8000-00000000000f' });
    await signIn();
    expect(broker.methods).toEqual(['accounts', 'signInInteractively']);
    await expect(signIn({ mayPrompt: () => false })).rejects.toMatchObject({ code: 'ERR_SIGN_IN_REQUIRED' });
  });

  it("refuses another tenant's account", async () => {
    const { signIn, broker } = create();
    const account = { ...fakeAccount(), tenantId: '99999999-2222-4333-8444-555555555555' };
    broker.script.push({ account, idToken: fakeIdToken(claimsAbout(account)) });
    await expect(signIn({ mayPrompt: () => false })).rejects.toMatchObject({ code: 'ERR_WRONG_TENANT' });
  });

  it("takes a guest's tenant from the ID token", async () => {
    const { signIn, broker } = create();
    const home = { ...fakeAccount(), tenantId: '99999999-2222-4333-8444-555555555555' };
    broker.script.push({ account: home, idToken: fakeIdToken(claimsAbout(fakeAccount())) });
    expect((await signIn()).record.tenantId).toBe(TENANT);
  });

  it.each(['aud', 'iss', 'oid'])('refuses an ID token with another "%s"', async (name) => {
    const { signIn, broker } = create();
    broker.script.push({ idToken: fakeIdToken({ ...claimsAbout(fakeAccount()), [name]: 'other value' }) });
    await expect(signIn({ mayPrompt: () => false })).rejects.toMatchObject({ code: 'ERR_NETWORK_IDENTITY' });
  });

  it.each([
    ['a token that has expired', { expiresAt: Date.now() - 1_000 }, 'a token that has expired'],
    ['no time', { expiresAt: Number.NaN }, 'a token that has expired'],
    ['a token with a line break', { accessToken: new Secret('access\nx') }, 'no usable access token'],
    ['an ID token that is none', { idToken: new Secret('not-one') }, 'no usable ID token'],
    ['an account without identifiers', { account: { ...fakeAccount(), homeAccountId: '' } }, 'an account without'],
  ])('refuses %s', async (_, answer, detail) => {
    const { signIn, broker } = create();
    broker.script.push(answer);
    await expect(signIn()).rejects.toMatchObject({
      code: 'ERR_BROKER',
      detail: expect.stringContaining(detail) as string,
    });
  });

  it('cuts a lifetime that makes no sense', async () => {
    const { signIn, broker } = create();
    broker.script.push({ expiresAt: Date.now() + 365 * 24 * 3_600_000 });
    expect((await signIn()).lifetimeMs).toBe(7 * 24 * 3_600_000);
  });

  it('passes on when the password expires', async () => {
    const { signIn, broker } = create();
    broker.script.push({ account: { ...fakeAccount(), passwordExpiresAt: 1_800_000_000_000 } });
    expect((await signIn()).endsAt).toEqual({ at: 1_800_000_000_000, reason: 'password' });
  });

  it("stops immediately when it's canceled, even if the broker doesn't answer", async () => {
    const { signIn, broker } = create();
    const abort = new AbortController();
    broker.script.push(() => new Promise(() => undefined));
    const outcome = signIn({ signal: abort.signal });
    await expect.poll(() => broker.methods).toEqual(['signInSilently']);
    abort.abort();
    await expect(outcome).rejects.toMatchObject({ code: 'ERR_SIGN_IN_CANCELLED' });
    expect(broker.calls[0]?.request.signal.aborted).toBe(true);
  });

  it("says that there's no broker", async () => {
    const { signIn } = create({
      openBroker: async () => Promise.reject(new BrokerFailure('Missing', { detail: 'nothing on the bus' })),
    });
    await expect(signIn()).rejects.toMatchObject({ code: 'ERR_BROKER_MISSING', detail: 'nothing on the bus' });
  });
});

describe('renewing with the broker', () => {
  it("asks for the account's token, for any scope, and names the token that it replaces", async () => {
    const { source, broker } = create();
    const replaces = new Secret('old');
    const { record } = await source.refresh(fakeBrokerRecord(), { scope: 'api://gateway/.default', replaces });
    expect(record).toEqual(fakeBrokerRecord());
    expect(broker.calls).toMatchObject([
      { method: 'acquireSilently', request: { scope: 'api://gateway/.default' }, args: [fakeBrokerRecord(), replaces] },
    ]);
  });

  it('refuses the token that was to be replaced', async () => {
    const { source, broker } = create();
    broker.script.push({ accessToken: new Secret('old') });
    await expect(source.refresh(fakeBrokerRecord(), { replaces: new Secret('old') })).rejects.toMatchObject({
      code: 'ERR_BROKER',
      detail: 'Malformed, the same token again',
    });
  });

  it('finds the account again under another name', async () => {
    const { source, broker } = create();
    broker.known = [{ ...fakeAccount(), brokerAccountId: 'renamed' }];
    broker.script.push(new BrokerFailure('AccountNotFound'));
    expect((await source.refresh(fakeBrokerRecord())).record.brokerAccountId).toBe('renamed');
    expect(broker.methods).toEqual(['acquireSilently', 'accounts', 'acquireSilently']);
  });

  it("never takes another account's token", async () => {
    const { source, broker } = create();
    broker.known = [];
    broker.script.push(new BrokerFailure('AccountNotFound'));
    await expect(source.refresh(fakeBrokerRecord())).rejects.toMatchObject({ code: 'ERR_SIGN_IN_REQUIRED' });
    const bob = fakeAccount('bob@contoso.example', '0a1b2c3d-0000-4000-8000-000000000002');
    broker.script.push({ account: bob, idToken: fakeIdToken(claimsAbout(bob)) });
    await expect(source.refresh(fakeBrokerRecord())).rejects.toMatchObject({ code: 'ERR_NETWORK_IDENTITY' });
    // Not even with an ID token of the right one.
    broker.script.push({ account: bob });
    await expect(source.refresh(fakeBrokerRecord())).rejects.toMatchObject({ code: 'ERR_NETWORK_IDENTITY' });
  });
});
