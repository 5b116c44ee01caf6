// The provider behind Entra's paths works with MSAL itself, and is as strict as its comment says.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCertificateAuthority } from '../../support/servers/certificate-authority.ts';
import { type ConnectProxy, startConnectProxy } from '../../support/servers/connect-proxy.ts';
import { type OidcProviderServer, startOidcProvider } from '../../support/servers/oidc-provider.ts';
import { MsalClient } from './msal-client.ts';

let provider: OidcProviderServer;
let proxy: ConnectProxy;
let newClient: () => MsalClient;

beforeAll(async () => {
  const ca = await createCertificateAuthority();
  provider = await startOidcProvider({ ca, interval: 1 });
  proxy = await startConnectProxy({ routes: { 'login.microsoftonline.com:443': provider.port } });
  newClient = () => new MsalClient({ ...provider, proxyUrl: proxy.url, ca: ca.pem });
});

afterAll(async () => {
  await proxy.close();
  await provider.close();
});

it('signs MSAL in by device code, rotates at each refresh, and a replay ends the grant', async () => {
  const client = newClient();
  const { account, accessToken } = await client.signIn((userCode) => provider.approve(userCode, 'ada@contoso.com'));
  expect(account).toMatchObject({
    username: 'ada@contoso.com',
    tenantId: provider.tenantId,
    homeAccountId: `ada@contoso.com.${provider.tenantId}`,
  });
  if (account === null) throw new Error('no account');

  const accessTokens = new Set([accessToken]);
  const refreshTokens = [client.refreshToken()];
  for (let round = 0; round < 3; round += 1) {
    accessTokens.add((await client.refresh(account)).accessToken);
    refreshTokens.push(client.refreshToken());
  }
  expect(accessTokens.size).toBe(4);
  expect(new Set(refreshTokens).size).toBe(4);
  expect(provider.secrets()).toEqual(expect.arrayContaining([...accessTokens, ...refreshTokens]));
  expect(provider.tokenRequests).toMatchObject({ refresh_token: 3 });
  expect(provider.tokenRequests['device_code']).toBeGreaterThan(0);

  const replay = await client.redeem(refreshTokens[0] ?? '');
  expect(replay).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  await expect(client.refresh(account)).rejects.toThrow(/invalid_grant/);
});

it('tells MSAL when the user cancels', async () => {
  await expect(newClient().signIn((userCode) => provider.decline(userCode))).rejects.toThrow(/access_denied/);
});
