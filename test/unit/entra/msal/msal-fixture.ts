// The product's token source before a small Entra behind a proxy, and what both say.
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { Secret } from '../../../../src/core/secret.ts';
import { createTokenSource, type TokenSourceOptions } from '../../../../src/entra/msal/msal-token-source.ts';
import type { RefreshTokenRecord, RefreshTokenSource } from '../../../../src/entra/token-source.ts';
import { SystemTrustStore } from '../../../../src/entra/transport/system-trust-store.ts';
import { silentLog } from '../../../../src/log/event-log.ts';
import { ConnectProxy, createPki, EntraServer, type Pki } from '../support.ts';

export const TENANT = '11111111-0000-4000-8000-000000000000';
export const HOME_TENANT = '22222222-0000-4000-8000-000000000000';
export const CLIENT = '33333333-0000-4000-8000-000000000000';
export const OID = '44444444-0000-4000-8000-000000000000';
const GUEST_OID = '55555555-0000-4000-8000-000000000000';
export const SCOPE = 'https://cognitiveservices.azure.com/.default';

export interface Peers {
  pki: Pki;
  server: EntraServer;
  proxy: ConnectProxy;
}

/** Fresh server and proxy for each test of the file; one set of certificates for all. */
export function usePeers(): Peers {
  const peers = {} as Peers;
  beforeAll(() => {
    peers.pki = createPki();
  });
  afterAll(() => peers.pki.remove());
  beforeEach(async () => {
    peers.server = await new EntraServer(peers.pki).start();
    peers.proxy = await new ConnectProxy(peers.server.port).start();
  });
  afterEach(() => {
    peers.proxy.stop();
    peers.server.stop();
  });
  return peers;
}

export function createSource({ proxy, pki }: Peers, overrides: Partial<TokenSourceOptions> = {}): RefreshTokenSource {
  return createTokenSource({
    cloud: 'public',
    tenantId: TENANT,
    clientId: CLIENT,
    scope: SCOPE,
    proxy: `http://${proxy.host}`,
    caFile: pki.caFile,
    log: silentLog,
    systemRoots: new SystemTrustStore({ log: silentLog, read: () => Promise.resolve([]) }),
    ...overrides,
  });
}

export const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Of a guest of TENANT, so that home and resource tenant, and both object ids, differ. */
export function idToken(extra: object = {}): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: `https://login.microsoftonline.com/${TENANT}/v2.0`,
    aud: CLIENT,
    iat: now,
    exp: now + 3600,
    oid: GUEST_OID,
    tid: TENANT,
    sub: 'sub',
    preferred_username: 'zoe@contoso.com',
    ver: '2.0',
    ...extra,
  };
  return `${base64({ alg: 'none' })}.${base64(claims)}.signature`;
}

export function tokenReply(fields: object = {}): Record<string, unknown> {
  return {
    token_type: 'Bearer',
    scope: SCOPE,
    expires_in: 3600,
    ext_expires_in: 3600,
    access_token: 'access-1',
    refresh_token: 'refresh-1',
    id_token: idToken(),
    client_info: base64({ uid: OID, utid: HOME_TENANT }),
    ...fields,
  };
}

export const record: RefreshTokenRecord = {
  refreshToken: new Secret('refresh-0'),
  homeAccountId: `${OID}.${HOME_TENANT}`,
  localAccountId: GUEST_OID,
  tenantId: TENANT,
  subject: 'sub',
  environment: 'login.windows.net',
  username: 'zoe@contoso.com',
};

export const plain = ({ refreshToken, ...rest }: RefreshTokenRecord) => ({
  ...rest,
  refreshToken: refreshToken.reveal(),
});
