// The local Entra server behind a proxy, with a user who signs in.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTokenSource } from '../../../src/entra/msal/msal-token-source.ts';
import { isBrokerRecord, type RefreshTokenSource, type TokenGrant } from '../../../src/entra/token-source.ts';
import { SystemTrustStore } from '../../../src/entra/transport/system-trust-store.ts';
import { mapAbort } from '../../../src/entra/transport/transport-error.ts';
import { silentLog } from '../../../src/log/event-log.ts';
import { createCertificateAuthority } from '../../support/servers/certificate-authority.ts';
import { startConnectProxy } from '../../support/servers/connect-proxy.ts';
import { type EntraServer, startEntraServer } from '../../support/servers/entra-server.ts';
import type { Fault } from '../../support/servers/fault.ts';
import { SCOPE, type Subject, type Trouble } from './token-source-contract.ts';

const HOST = 'login.microsoftonline.com';
const REDIRECT = 'http://127.0.0.1:40123/callback';

const FAULTS: Readonly<Record<Exclude<Trouble, 'none' | 'declined' | 'hangs'>, Fault>> = {
  'other-tenant': { kind: 'aadsts', code: 50020 },
  blocked: { kind: 'aadsts', code: 53003 },
  'account-disabled': { kind: 'aadsts', code: 50057 },
  'step-required': { kind: 'aadsts', code: 50076 },
  ended: { kind: 'aadsts', code: 50173 },
  offline: { kind: 'reset' },
  busy: { kind: 'http', status: 429, headers: { 'retry-after': '7' } },
  malformed: { kind: 'half-json' },
};

/** Signs in with the source, as a user of `entra` who declines if told so, or never answers. */
type SignIn = (
  world: { readonly source: RefreshTokenSource; readonly entra: EntraServer },
  signal: AbortSignal,
  decision: 'continue' | 'cancel' | 'never',
  onAsked: () => void,
) => Promise<TokenGrant>;

const withDeviceCode: SignIn = ({ source, entra }, signal, decision, onAsked) =>
  source.signInWithDeviceCode({
    signal,
    onAuthorization: ({ userCode }) => {
      onAsked();
      if (decision === 'continue') entra.approve(userCode);
      if (decision === 'cancel') entra.decline(userCode);
    },
  });

const withBrowser: SignIn = ({ source, entra }, signal, decision, onAsked) =>
  source.signInWithBrowser({
    signal,
    redirectUri: REDIRECT,
    authorize: async ({ url }) => {
      onAsked();
      if (decision === 'never')
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(mapAbort(signal.reason))));
      const location = entra.authorize(url, { cancel: decision === 'cancel' });
      return Object.fromEntries(new URL(location).searchParams);
    },
  });

export const openDeviceCodeSubject = (): Promise<Subject> => open(withDeviceCode);
export const openBrowserSubject = (): Promise<Subject> => open(withBrowser);

async function open(signIn: SignIn): Promise<Subject> {
  const folder = mkdtempSync(join(tmpdir(), 'contract-'));
  const ca = await createCertificateAuthority();
  const entra = await startEntraServer({ ca });
  entra.interval = 1;
  const proxy = await startConnectProxy({ routes: { [`${HOST}:443`]: entra.port } });
  const source = createTokenSource({
    ...{ cloud: 'public', tenantId: entra.tenantId, clientId: entra.clientId, scope: SCOPE, proxy: proxy.url },
    caFile: ca.write(folder),
    log: silentLog,
    systemRoots: new SystemTrustStore({ log: silentLog, read: () => Promise.resolve([]) }),
  });
  let trouble: Trouble = 'none';
  let onAsked = (): void => undefined;
  let asked = new Promise<void>((resolve) => (onAsked = resolve));
  return {
    signIn: (signal = new AbortController().signal) => {
      const decision = trouble === 'declined' ? 'cancel' : trouble === 'hangs' ? 'never' : 'continue';
      return signIn({ source, entra }, signal, decision, onAsked);
    },
    refresh: (record, options) => {
      if (isBrokerRecord(record)) throw new Error('a broker has its refresh token');
      return source.refresh(record, options);
    },
    meet: (next) => {
      trouble = next;
      asked = new Promise((resolve) => (onAsked = resolve));
      const fault = next in FAULTS ? FAULTS[next as keyof typeof FAULTS] : undefined;
      entra.setFault('token', fault);
      // While a code waits for its user, the network may fail and come back.
      entra.setFault('devicecode', next === 'malformed' ? fault : undefined);
    },
    asked: () => asked,
    secrets: () => entra.secrets(),
    dispose: async () => {
      await proxy.close();
      await entra.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
