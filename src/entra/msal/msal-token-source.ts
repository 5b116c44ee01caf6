import { randomBytes } from 'node:crypto';
import type { AuthenticationResult, PublicClientApplication } from '@azure/msal-node';
import { type Clock, systemClock } from '../../core/clock.ts';
import type { Cloud } from '../../core/cloud.ts';
import { AppError } from '../../core/errors.ts';
import { Secret } from '../../core/secret.ts';
import type { EventLog } from '../../log/event-log.ts';
import { authorityUrl, isGuid } from '../cloud.ts';
import { readAuthorizationCode } from '../replies/authorization-response.ts';
import { type Claims, checkIdToken, identityError } from '../replies/id-token.ts';
import { mapMsalError } from '../replies/map-error.ts';
import { signInTimes } from '../replies/sign-in-end.ts';
import type {
  BrowserSignInOptions,
  RefreshOptions,
  RefreshTokenRecord,
  RefreshTokenSource,
  SignInOptions,
  TokenGrant,
} from '../token-source.ts';
import type { SendJson } from '../transport/https-client.ts';
import type { SystemTrustStore } from '../transport/system-trust-store.ts';
import { createTransport, type TransportSettings } from '../transport/transport.ts';
import { EntraNetworkClient, type NetworkClientOptions } from './network-client.ts';
import { MinimalTokenCache } from './token-cache.ts';

export interface TokenSourceOptions extends TransportSettings {
  readonly cloud: Cloud;
  readonly tenantId: string;
  readonly clientId: string;
  readonly scope: string;
  readonly log: EventLog;
  /** Shared by all token sources of the process. */
  readonly systemRoots: SystemTrustStore;
  readonly clock?: Clock | undefined;
  /** Milliseconds for one whole HTTPS exchange. */
  readonly timeoutMs?: number | undefined;
}

type Grant = TokenGrant<RefreshTokenRecord>;

const TIMEOUT_MS = 20_000;

interface Context extends TokenSourceOptions {
  readonly send: SendJson;
}

/**
 * Gets tokens from Entra using MSAL. Every call has its own MSAL application, so calls share nothing. MSAL is
 * loaded on the first call; an agent that only hands out a token never loads it.
 */
export function createTokenSource(options: TokenSourceOptions): RefreshTokenSource {
  const send = createTransport({ ...options, timeoutMs: options.timeoutMs ?? TIMEOUT_MS });
  const context = { ...options, send };
  return {
    refresh: (record, options) => refresh(context, record, options),
    signInWithDeviceCode: (request) => signInWithDeviceCode(context, request),
    signInWithBrowser: (request) => signInWithBrowser(context, request),
  };
}

async function refresh(context: Context, record: RefreshTokenRecord, { scope }: RefreshOptions = {}): Promise<Grant> {
  const { homeAccountId, localAccountId, tenantId, environment, username } = record;
  const session = await openSession(context, {}, record);
  return session.acquire((application) =>
    application.acquireTokenSilent({
      account: { homeAccountId, localAccountId, tenantId, environment, username },
      scopes: [scope ?? context.scope],
      forceRefresh: true,
    }),
  );
}

async function signInWithDeviceCode(
  context: Context,
  { signal, claims, onReachable, onAuthorization }: SignInOptions,
): Promise<Grant> {
  const session = await openSession(context, { signal, onReachable });
  return session.acquire((application) =>
    application.acquireTokenByDeviceCode({
      scopes: [context.scope],
      deviceCodeCallback: ({ userCode, verificationUri, expiresIn }) =>
        onAuthorization({ userCode, verificationUri, expiresInMs: expiresIn * 1000 }),
      ...(claims === undefined ? {} : { claims }),
    }),
  );
}

async function signInWithBrowser(
  context: Context,
  { signal, claims, loginHint, selectAccount, fresh, redirectUri, onReachable, authorize }: BrowserSignInOptions,
): Promise<Grant> {
  const session = await openSession(context, { signal, onReachable });
  const { CryptoProvider } = await import('@azure/msal-node');
  return session.acquire(async (application) => {
    const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
    const [state, nonce] = [randomToken(), randomToken()];
    const request = {
      scopes: [context.scope],
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
      ...promptOf({ selectAccount, fresh }),
    });
    // The user is sent to the configured authority and nowhere else.
    if (new URL(url).host !== hostOf(context)) throw identityError(hostOf(context), 'the address of another host');
    const response = await authorize({ url, state });
    const { code, issuerTenant } = readAuthorizationCode(response, {
      state,
      host: hostOf(context),
      cloud: context.cloud,
      scope: context.scope,
    });
    if (issuerTenant !== undefined) session.mustBeOf(issuerTenant);
    return application.acquireTokenByCode({ ...request, code, codeVerifier: verifier });
  });
}

/** `login` lets the user choose the account too, and makes Entra take the hint (OpenID Connect Core 1.0, 3.1.2.1). */
function promptOf({ selectAccount, fresh }: Pick<BrowserSignInOptions, 'selectAccount' | 'fresh'>): {
  prompt?: string;
} {
  if (fresh === true) return { prompt: 'login' };
  return selectAccount === true ? { prompt: 'select_account' } : {};
}

/** 256 random bits, safe in a URL. */
function randomToken(): string {
  return randomBytes(32).toString('base64url');
}

interface Session {
  /** The token must be for this tenant too, or `acquire` rejects. */
  mustBeOf(tenantId: string): void;
  /** @throws AppError, even if MSAL replaced it with its own error */
  acquire(work: (application: PublicClientApplication) => Promise<AuthenticationResult | null>): Promise<Grant>;
}

/**
 * Makes an application object for one call. A shared one would keep MSAL's throttling entries, which block later calls
 * without asking the server, and would mix its memory with what another call is about to store.
 */
async function openSession(
  context: Context,
  call: Pick<NetworkClientOptions, 'signal' | 'onReachable'>,
  record?: RefreshTokenRecord,
): Promise<Session> {
  const { cloud, tenantId, clientId, log, clock, send } = context;
  const network = new EntraNetworkClient({ ...call, send, log, clock });
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
  const tenantIds = isGuid(tenantId) ? [tenantId] : [];
  const toGrant = (result: AuthenticationResult | null): Grant => {
    // A refresh reply may have no ID token.
    if (result !== null && (record === undefined || result.idToken !== '')) {
      const expected = { cloud, clientId: clientId.toLowerCase(), tenantIds, record };
      checkIdToken(result.idTokenClaims as Claims, expected, network.repliedAt, hostOf(context));
    }
    const found = cache.record(result?.account ?? null);
    if (result === null || found === undefined || network.times === undefined) {
      throw new AppError('ERR_NETWORK_REPLY', { detail: 'the token reply names no account' });
    }
    const { refreshTokenMs, ...times } = network.times;
    const { repliedAt } = network;
    return {
      accessToken: new Secret(result.accessToken),
      ...times,
      ...signInTimes((result.idTokenClaims ?? {}) as Claims, {
        refreshTokenMs,
        repliedAt,
        now: (clock ?? systemClock).now(),
      }),
      record: found,
    };
  };
  return {
    mustBeOf: (id) => void tenantIds.push(id),
    acquire: async (work) => {
      try {
        return toGrant(await work(application));
      } catch (thrown) {
        throw network.failure ?? mapMsalError(thrown);
      }
    },
  };
}

function hostOf({ cloud, tenantId }: Context): string {
  return new URL(authorityUrl(cloud, tenantId)).host;
}
