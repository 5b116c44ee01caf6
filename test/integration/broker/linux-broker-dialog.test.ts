// The dialog of the Linux broker, over a real bus.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BrokerConnection } from '../../../src/entra/broker/linux/broker-connection.ts';
import { type BrokerSession, failureOf, SCOPE, startBrokerSession } from './broker-session.ts';

const ADA = 'ada@contoso.com';
const GRACE = 'grace@contoso.com';

let session: BrokerSession;
beforeEach(async () => {
  if (process.platform === 'linux') session = await startBrokerSession();
});
afterEach(() => session?.dispose());

const signIn = (loginHint?: string, selectAccount?: boolean) =>
  session.broker.signInInteractively(session.request(), loginHint, selectAccount);
const dialogs = () => session.service.callsOf('acquireTokenInteractively');
const cancels = () => session.service.callsOf('cancelInteractiveFlow');

describe.runIf(process.platform === 'linux')('the dialog of the Linux broker', () => {
  it('is for the only account, and brings a token', async () => {
    const token = await signIn();
    expect(session.tenant.checkAccessToken(token.accessToken.reveal())).toBe('valid');
    expect(token.account.username).toBe(ADA);
    const { oid } = session.tenant.account(ADA);
    expect(dialogs()).toMatchObject([
      {
        parameters: {
          account: { username: ADA, localAccountId: oid, realm: session.tenant.tenantId },
          clientId: session.tenant.clientId,
          requestedScopes: [SCOPE],
          username: ADA,
        },
      },
    ]);
  });

  it('is for the account that is asked for, in other letters too', async () => {
    session.service.accounts = [{ username: ADA }, { username: GRACE }];
    expect((await signIn('Grace@Contoso.com')).account.username).toBe(GRACE);
    expect(dialogs()).toMatchObject([{ parameters: { account: { username: GRACE } } }]);
  });

  it.each([
    ['there are several accounts', [ADA, GRACE], undefined, false, ''],
    ['there is no account', [], undefined, false, ''],
    ['the account that is asked for is not on the computer', [ADA], GRACE, false, GRACE],
    ['it is to choose another account', [ADA], ADA, true, ''],
  ])('lets the user choose if %s', async (_, usernames, hint, selectAccount, suggested) => {
    session.service.accounts = usernames.map((username) => ({ username }));
    session.service.chosen = { username: GRACE };
    expect((await signIn(hint, selectAccount)).account.username).toBe(GRACE);
    expect(dialogs()).toMatchObject([{ parameters: { account: null, username: suggested, isSignIn: true } }]);
  });

  it("may end with a different account from the one that it's for", async () => {
    session.service.chosen = { username: GRACE };
    expect((await signIn(ADA)).account.username).toBe(GRACE);
  });

  it("names the account for himmelblau, which doesn't return it", async () => {
    session.service.maker = 'himmelblau';
    expect((await signIn()).account.username).toBe(ADA);
  });

  it.each([
    ['the user closes it', 'canceledByUser', 'UserCanceled'],
    ['a policy blocks the user', 'blocked', 'InteractionRequired'],
    ['the computer is offline', 'offline', 'NoNetwork'],
    ['the broker ends', 'gone', 'Gone'],
  ] as const)('fails if %s', async (_, outcome, fault) => {
    session.service.interactively = outcome;
    expect(await failureOf(signIn())).toMatchObject({ fault });
    expect(cancels()).toEqual([]);
  });

  it('closes when its request is aborted, which ends immediately', async () => {
    session.service.interactively = 'never';
    const controller = new AbortController();
    const call = session.broker.signInInteractively(session.request({ signal: controller.signal }));
    await expect.poll(() => session.service.openDialogs).toBe(1);
    const reason = new Error('not needed any more');
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
    await expect.poll(() => session.service.openDialogs).toBe(0);
    expect(cancels()).toMatchObject([{ correlationId: session.request().correlationId }]);
  });

  it("isn't canceled if it never opened", async () => {
    session.service.listing = 'never';
    const controller = new AbortController();
    const call = session.broker.signInInteractively(session.request({ signal: controller.signal }));
    await expect.poll(() => session.service.callsOf('getAccounts')).toHaveLength(1);
    controller.abort();
    await expect(call).rejects.toThrow();
    session.service.listing = 'token';
    await session.broker.accounts(session.request());
    expect(cancels()).toEqual([]);
  });

  it("closes if it isn't answered in time", async () => {
    session.service.interactively = 'never';
    const connection = BrokerConnection.open({ ...session.env }, session.request(), 500);
    const call = connection.call('acquireTokenInteractively', { authParameters: {} });
    expect(await failureOf(call)).toMatchObject({ fault: 'TimedOut' });
    connection.close();
    await expect.poll(cancels).toHaveLength(1);
    expect(dialogs()).toHaveLength(1);
    expect(session.service.openDialogs).toBe(0);
  });
});
