// The tests' identity broker, called over the bus as a client calls it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SessionBus } from '../../../src/platform/session-bus.ts';
import { startWithoutSecretService } from '../../support/harness/secret-service.ts';
import { EntraTenant } from '../../support/servers/entra-tenant.ts';
import { type IdentityBroker, startIdentityBroker } from '../../support/servers/identity-broker.ts';

type Json = Readonly<Record<string, Record<string, unknown>>>;

const REDIRECT_URI = 'https://login.microsoftonline.com/common/oauth2/nativeclient';

let folder: string;
let session: Awaited<ReturnType<typeof startWithoutSecretService>>;
let tenant: EntraTenant;
let broker: IdentityBroker;
let bus: SessionBus;

describe.runIf(process.platform === 'linux')("the tests' identity broker", () => {
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'broker-'));
    session = await startWithoutSecretService({ root: folder });
    tenant = new EntraTenant();
    broker = await startIdentityBroker(session.env['DBUS_SESSION_BUS_ADDRESS'] ?? '', { tenant });
    const opened = SessionBus.open(session.env, 60_000);
    if (opened === undefined) throw new Error('no bus');
    bus = opened;
  });

  afterEach(async () => {
    bus.close();
    broker.stop();
    await session.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function call(member: string, request: object, correlationId = 'c-1'): Promise<Json> {
    const text = await bus.call({
      destination: 'com.microsoft.identity.broker1',
      path: '/com/microsoft/identity/broker1',
      interface: 'com.microsoft.identity.Broker1',
      member,
      signature: 'sss',
      body: ['0.0', correlationId, JSON.stringify(request)],
    });
    return JSON.parse(String(text)) as Json;
  }

  function parameters(changes: object = {}): object {
    const username = tenant.account().username;
    const requestedScopes = ['https://cognitiveservices.azure.com/.default'];
    const fields = { clientId: tenant.clientId, redirectUri: REDIRECT_URI, requestedScopes, username, ...changes };
    return { authParameters: fields };
  }

  const token = async (changes?: object) =>
    String((await call('acquireTokenSilently', parameters(changes)))['brokerTokenResponse']?.['accessToken']);

  it('lists the accounts of the computer', async () => {
    broker.accounts = [{ username: 'ada@contoso.com', passwordExpiry: 1_900_000_000 }, { username: 'eve@contoso.com' }];
    expect(await call('getAccounts', { clientId: tenant.clientId })).toMatchObject({
      accounts: [
        { username: 'ada@contoso.com', realm: tenant.tenantId, passwordExpiry: 1_900_000_000 },
        { username: 'eve@contoso.com', environment: 'login.microsoftonline.com' },
      ],
    });
  });

  it('issues tokens that a resource accepts, and the same one until it is renewed', async () => {
    const first = await token();
    expect(tenant.checkAccessToken(first)).toBe('valid');
    expect(await token()).toBe(first);
    expect(await token({ accessTokenToRenew: 'another' })).toBe(first);
    const renewed = await token({ accessTokenToRenew: first });
    expect(tenant.checkAccessToken(renewed)).toBe('valid');
    expect(renewed).not.toBe(first);
    const other = await token({ requestedScopes: ['https://ai.azure.com/.default'] });
    expect(tenant.checkAccessToken(other, 'https://ai.azure.com')).toBe('valid');
  });

  it.each([
    ['an unknown application', { clientId: 'another' }, 'AADSTS700016'],
    ['a redirect URI that is not registered', { redirectUri: 'http://localhost' }, 'AADSTS50011'],
    ['an account that is not signed in', { username: 'grace@contoso.com' }, 'No account'],
  ])('refuses %s', async (_, changes, words) => {
    const reply = await call('acquireTokenSilently', parameters(changes));
    expect(JSON.stringify(reply['brokerTokenResponse']?.['error'])).toContain(words);
  });

  it('keeps its dialog open until it is canceled', async () => {
    broker.interactively = 'never';
    const answer = call('acquireTokenInteractively', parameters(), 'c-2');
    await expect.poll(() => broker.openDialogs).toBe(1);
    await call('cancelInteractiveFlow', {}, 'c-2');
    expect(await answer).toMatchObject({ brokerTokenResponse: { error: { status: 8 } } });
  });

  it('leaves the bus, and comes back', async () => {
    broker.silently = 'gone';
    await expect(token()).rejects.toThrow();
    broker.silently = 'token';
    await broker.start();
    expect(tenant.checkAccessToken(await token())).toBe('valid');
  });
});
