// The Linux broker over a real bus: accounts, and tokens without a dialog.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../src/core/secret.ts';
import type { SignedInAccount } from '../../support/servers/identity-broker-replies.ts';
import { type BrokerSession, failureOf, SCOPE, startBrokerSession } from './broker-session.ts';

const ADA = 'ada@contoso.com';
const OTHER_TENANT = '99999999-0000-4000-8000-000000000000';

let session: BrokerSession;
beforeEach(async () => {
  if (process.platform === 'linux') session = await startBrokerSession();
});
afterEach(() => session?.dispose());

const accounts = (...list: (SignedInAccount | string)[]) => {
  session.service.accounts = list.map((one) => (typeof one === 'string' ? { username: one } : one));
};
const signIn = (loginHint?: string) => session.broker.signInSilently(session.request(), loginHint);
const account = async () => {
  const [first] = await session.broker.accounts(session.request());
  if (first === undefined) throw new Error('no account');
  return first;
};

describe.runIf(process.platform === 'linux')('the accounts of the Linux broker', () => {
  it('have identifiers of Entra, and the day on which a password expires', async () => {
    accounts({ username: ADA, passwordExpiry: 1_900_000_000 });
    const { oid } = session.tenant.account(ADA);
    const { tenantId } = session.tenant;
    expect(await session.broker.accounts(session.request())).toEqual([
      {
        brokerAccountId: `${oid}.${tenantId}`,
        homeAccountId: `${oid}.${tenantId}`,
        localAccountId: oid,
        tenantId,
        environment: 'login.microsoftonline.com',
        username: ADA,
        passwordExpiresAt: 1_900_000_000_000,
      },
    ]);
  });

  it('are those of the cloud, the members of the tenant first', async () => {
    accounts(
      { username: 'guest@fabrikam.com', tenantId: OTHER_TENANT },
      { username: 'spy@contoso.us', environment: 'login.microsoftonline.us' },
      { username: ADA, environment: 'login.windows.net' },
    );
    const found = await session.broker.accounts(session.request());
    expect(found.map(({ username }) => username)).toEqual([ADA, 'guest@fabrikam.com']);
  });

  it('are all of the cloud if the tenant is named by its domain', async () => {
    accounts('one@contoso.com', { username: 'two@fabrikam.com', tenantId: OTHER_TENANT });
    const authority = 'https://login.microsoftonline.com/contoso.com';
    expect(await session.broker.accounts(session.request({ authority }))).toHaveLength(2);
  });

  it('lack passwords that expire if the broker has no date for them', async () => {
    accounts({ username: ADA, passwordExpiry: 86_400 });
    expect(await account()).not.toHaveProperty('passwordExpiresAt');
  });

  it("leave out what can't be used", async () => {
    const usable = { homeAccountId: `o.${session.tenant.tenantId}`, localAccountId: 'o', username: 'ö@contoso.com' };
    const list = [
      { ...usable, realm: session.tenant.tenantId },
      { ...usable, realm: '' },
      { ...usable, realm: session.tenant.tenantId, homeAccountId: 'a b' },
      { ...usable, realm: session.tenant.tenantId, localAccountId: `x${'y'.repeat(300)}` },
      { ...usable, realm: session.tenant.tenantId, username: 7 },
      {},
    ];
    session.service.listing = { text: JSON.stringify({ accounts: list }) };
    expect(await session.broker.accounts(session.request())).toMatchObject([
      { username: 'ö@contoso.com', environment: 'login.microsoftonline.com' },
    ]);
  });
});

describe.runIf(process.platform === 'linux')('a silent sign-in with the Linux broker', () => {
  it('brings a token of the only account', async () => {
    const before = Date.now();
    const token = await signIn();
    expect(session.tenant.checkAccessToken(token.accessToken.reveal())).toBe('valid');
    expect(token.account).toEqual(await account());
    expect(token.expiresAt).toBeGreaterThanOrEqual(before + 4_500_000);
    expect(token.expiresAt).toBeLessThanOrEqual(Date.now() + 4_500_000);
    expect(token.idToken?.reveal().split('.')).toHaveLength(3);
  });

  it('makes one request of two calls, which Entra logs under one ID', async () => {
    await session.broker.signInSilently(session.request({ claims: '{"access_token":{}}' }));
    const { correlationId } = session.request();
    expect(session.service.calls).toMatchObject([
      { method: 'getAccounts', protocolVersion: '0.0', correlationId },
      {
        method: 'acquireTokenSilently',
        protocolVersion: '0.0',
        correlationId,
        parameters: {
          authority: `https://login.microsoftonline.com/${session.tenant.tenantId}`,
          clientId: session.tenant.clientId,
          requestedScopes: [SCOPE],
          decodedClaims: '{"access_token":{}}',
          username: ADA,
        },
      },
    ]);
  });

  it.each([
    ['the account that is asked for', ['grace@contoso.com', ADA], 'ADA@contoso.com', ADA],
    ['the only account of the tenant', [{ username: 'x@fabrikam.com', tenantId: OTHER_TENANT }, ADA], undefined, ADA],
    ['a guest who is alone', [{ username: 'x@fabrikam.com', tenantId: OTHER_TENANT }], undefined, 'x@fabrikam.com'],
  ])('uses %s', async (_, list, hint, username) => {
    accounts(...list);
    expect((await signIn(hint)).account.username).toBe(username);
  });

  it.each([
    ['no account', [], undefined, 'AccountNotFound'],
    ['another account than the one that is asked for', ['grace@contoso.com'], ADA, 'AccountNotFound'],
    ['several accounts', [ADA, 'grace@contoso.com'], undefined, 'InteractionRequired'],
  ])('needs its user if the computer has %s', async (_, list, hint, fault) => {
    accounts(...list);
    const failure = await failureOf(signIn(hint));
    expect(failure).toMatchObject({ fault, detail: expect.any(String) });
    expect(String(failure.detail)).not.toContain('@');
    expect(session.service.callsOf('acquireTokenSilently')).toEqual([]);
  });

  it('works with himmelblau, which leaves fields out and miscounts the lifetime', async () => {
    session.service.maker = 'himmelblau';
    const token = await signIn();
    expect(session.tenant.checkAccessToken(token.accessToken.reveal())).toBe('valid');
    expect(token.account).toMatchObject({ username: ADA, environment: 'login.windows.net' });
    expect(Math.abs(token.expiresAt - Date.now() - 4_500_000)).toBeLessThan(60_000);
  });
});

describe.runIf(process.platform === 'linux')('a renewal with the Linux broker', () => {
  it('may bring the same token again, and brings another one instead of the one that it replaces', async () => {
    const who = await account();
    const acquire = async (replaces?: Secret) =>
      (await session.broker.acquireSilently(session.request(), who, replaces)).accessToken.reveal();
    const first = await acquire();
    expect(await acquire()).toBe(first);
    const second = await acquire(new Secret(first));
    expect(second).not.toBe(first);
    expect(session.tenant.checkAccessToken(second)).toBe('valid');
  });

  it('brings a token for another resource', async () => {
    const request = session.request({ scope: 'https://ai.azure.com/.default' });
    const { accessToken } = await session.broker.acquireSilently(request, await account());
    expect(session.tenant.checkAccessToken(accessToken.reveal(), 'https://ai.azure.com')).toBe('valid');
  });

  it('asks only for the token', async () => {
    const who = await account();
    session.service.calls.length = 0;
    await session.broker.acquireSilently(session.request(), who);
    expect(session.service.calls.map(({ method }) => method)).toEqual(['acquireTokenSilently']);
  });

  it('refuses a token of another account', async () => {
    const who = await account();
    accounts('grace@contoso.com');
    const { tenantId } = session.tenant;
    const other = {
      homeAccountId: `o.${tenantId}`,
      localAccountId: 'o',
      realm: tenantId,
      username: 'grace@contoso.com',
    };
    const brokerTokenResponse = { accessToken: 'a.b.c', expiresOn: Date.now() + 3_600_000, account: other };
    session.service.silently = { text: JSON.stringify({ brokerTokenResponse }) };
    expect(await failureOf(session.broker.acquireSilently(session.request(), who))).toMatchObject({
      fault: 'UserSwitch',
    });
  });
});
