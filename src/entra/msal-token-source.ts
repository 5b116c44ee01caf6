import { randomBytes } from 'node:crypto';
import type { AuthenticationResult, PublicClientApplication } from '@azure/msal-node';
import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import type { EventLog } from '../core/event-log.ts';
import { Secret } from '../core/secret.ts';
import { readAuthorizationCode } from './authorization-response.ts';
import { authorityUrl, type Cloud } from './cloud.ts';
import { type ConnectionSettings, createHttpsAgent, proxyHost } from './https-agent.ts';
import { createHttpsClient } from './https-client.ts';
import { mapMsalError } from './map-error.ts';
import { MinimalTokenCache } from './minimal-token-cache.ts';
import { EntraNetworkClient } from './network-client.ts';
import type {
  BrowserSignInOptions,
  RefreshTokenRecord,
  SignInOptions,
  TokenGrant,
  TokenSource,
} from './token-source.ts';

export interface TokenSourceOptions extends ConnectionSettings {
  readonly cloud: Cloud;
  readonly tenantId: string;
  readonly clientId: string;
  readonly scope: string;
  readonly log: EventLog;
  readonly clock?: Clock | undefined;
  /** Milliseconds for one whole HTTPS exchange. */
  readonly timeoutMs?: number | undefined;
}

const TIMEOUT_MS = 20_000;

/** Entra by MSAL, which is loaded at the first call: an agent that only hands out a token does without it. */
export function createTokenSource(options: TokenSourceOptions): TokenSource {
  return {
    refresh: (record, request = {}) => refresh(options, record, request),
    signInWithDeviceCode: (request) => signInWithDeviceCode(options, request),
    signInWithBrowser: (request) => signInWithBrowser(options, request),
  };
}

async function refresh(
  options: TokenSourceOptions,
  record: RefreshTokenRecord,
  { signal, claims }: { readonly signal?: AbortSignal; readonly claims?: string },
): Promise<TokenGrant> {
  const { homeAccountId, localAccountId, tenantId, environment, username } = record;
  const session = await openSession(options, signal, record);
  return session.acquire((application) =>
    application.acquireTokenSilent({
      account: { homeAccountId, localAccountId, tenantId, environment, username },
      scopes: [options.scope],
      forceRefresh: true,
      ...(claims === undefined ? {} : { claims }),
    }),
  );
}

async function signInWithDeviceCode(
  options: TokenSourceOptions,
  { signal, claims, onAuthorization }: SignInOptions,
): Promise<TokenGrant> {
  const session = await openSession(options, signal);
  return session.acquire((application) =>
    application.acquireTokenByDeviceCode({
      scopes: [options.scope],
      deviceCodeCallback: ({ userCode, verificationUri, expiresIn }) =>
        onAuthorization({ userCode, verificationUri, expiresInMs: expiresIn * 1000 }),
      ...(claims === undefined ? {} : { claims }),
    }),
  );
}

async function signInWithBrowser(
  options: TokenSourceOptions,
  { signal, claims, loginHint, selectAccount, redirectUri, authorize }: BrowserSignInOptions,
): Promise<TokenGrant> {
  const session = await openSession(options, signal);
  const { CryptoProvider } = await import('@azure/msal-node');
  return session.acquire(async (application) => {
    const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
    const [state, nonce] = [randomToken(), randomToken()];
    const request = {
      scopes: [options.scope],
      redirectUri,
      nonce,
      ...(claims === undefined ? {} : { claims }),
    };
    const url = await application.getAuthCodeUrl({
      ...request,
      state,
      responseMode: 'query',
      codeChallenge: challenge,
      codeChallengeMethod: 'S256',
      ...(loginHint === undefined ? {} : { loginHint }),
      ...(selectAccount === true ? { prompt: 'select_account' } : {}),
    });
    const response = await authorize({ url, state });
    const code = readAuthorizationCode(response, state, new URL(url).host);
    return application.acquireTokenByCode({ ...request, code, codeVerifier: verifier });
  });
}

/** 256 bits, safe in a URL. */
function randomToken(): string {
  return randomBytes(32).toString('base64url');
}

interface Session {
  /** @throws AppError, whatever MSAL made of it. */
  acquire(work: (application: PublicClientApplication) => Promise<AuthenticationResult | null>): Promise<TokenGrant>;
}

/**
 * An application object for one call. A shared one would carry MSAL's throttling entries, which block a later call
 * without asking the server, and would merge its memory with what another call is about to store.
 */
async function openSession(
  options: TokenSourceOptions,
  signal: AbortSignal | undefined,
  record?: RefreshTokenRecord,
): Promise<Session> {
  const { cloud, tenantId, clientId, log, clock, timeoutMs = TIMEOUT_MS } = options;
  const agent = createHttpsAgent(options, timeoutMs);
  const proxy = options.proxy === undefined ? undefined : proxyHost(options.proxy);
  const send = createHttpsClient({ agent, proxy, timeoutMs });
  const network = new EntraNetworkClient({ send, log, signal, clock });
  const cache = new MinimalTokenCache(clientId, record);
  const { LogLevel, PublicClientApplication } = await import('@azure/msal-node');
  const application = new PublicClientApplication({
    auth: { clientId, authority: authorityUrl(cloud, tenantId) },
    cache: { cachePlugin: cache },
    system: {
      networkClient: network,
      loggerOptions: { loggerCallback: () => undefined, logLevel: LogLevel.Error, piiLoggingEnabled: false },
    },
  });
  return {
    acquire: async (work) => {
      try {
        return toGrant(await work(application), network, cache);
      } catch (thrown) {
        throw network.failure ?? mapMsalError(thrown);
      }
    },
  };
}

function toGrant(
  result: AuthenticationResult | null,
  network: EntraNetworkClient,
  cache: MinimalTokenCache,
): TokenGrant {
  const record = cache.record(result?.account ?? null);
  if (result === null || record === undefined || network.times === undefined) {
    throw new AppError('ERR_NETWORK_REPLY', { detail: 'the token reply names no account' });
  }
  return { accessToken: new Secret(result.accessToken), ...network.times, record };
}
