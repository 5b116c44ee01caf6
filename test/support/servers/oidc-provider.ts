import { randomUUID } from 'node:crypto';
import type { Configuration, default as Provider } from 'oidc-provider';
import type { CertificateAuthority } from './certificate-authority.ts';
import { listenHttps, readBody } from './https-listener.ts';
import { keptKey } from './kept-key.ts';
import { submitForms } from './page-visitor.ts';

type Context = Parameters<Parameters<Provider['use']>[0]>[0];

const HOST = 'login.microsoftonline.com';
const RESOURCE = 'https://cognitiveservices.azure.com';
const SCOPE = `${RESOURCE}/.default`;
/** The provider's pages that end a visit; after a refusal it shows its form again. */
const OUTCOME = /Sign-in Success|interrupted|incorrect/;
const DEVICE_CODE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

export interface OidcProviderOptions {
  readonly ca: CertificateAuthority;
  /** Defaults: new GUIDs. */
  readonly tenantId?: string;
  readonly clientId?: string;
  readonly accessTokenLifetimeSec?: number;
  /** Seconds between polls in the device code reply; `undefined` leaves the field out, as the provider does itself. */
  readonly interval?: number | undefined;
}

/**
 * The certified `oidc-provider` behind Entra's paths and host name: a peer that this project didn't write. It knows no
 * AADSTS numbers, and it is stricter than Entra: a refresh token that is used twice ends the whole grant.
 */
export interface OidcProviderServer {
  readonly port: number;
  readonly tenantId: string;
  readonly clientId: string;
  /** Requests to the token endpoint by the grant type as it was sent, whatever the answer. */
  readonly tokenRequests: Readonly<Record<string, number>>;
  /** Enters the user code in the provider's own pages, signs in as this user and consents. @throws Error if refused. */
  approve(userCode: string, username?: string): Promise<void>;
  /** Enters the user code and cancels. @throws Error if refused. */
  decline(userCode: string): Promise<void>;
  /** Access and refresh tokens handed out so far. */
  secrets(): string[];
  close(): Promise<void>;
}

/** Starts the provider on a free loopback port, for a CONNECT proxy that sends login.microsoftonline.com there. */
export async function startOidcProvider(options: OidcProviderOptions): Promise<OidcProviderServer> {
  const { ca, tenantId = randomUUID(), clientId = randomUUID() } = options;
  muteAdvice();
  const { default: Provider } = await import('oidc-provider');
  const tokenRequests: Record<string, number> = {};
  const issued: string[] = [];
  const provider = new Provider(`https://${HOST}/${tenantId}/v2.0`, configuration({ ...options, tenantId, clientId }));
  provider.use(async (context, next) => {
    if (context.path === `/${tenantId}/oauth2/v2.0/token`) await countAndTranslateGrant(context, tokenRequests);
    if (context.path === `/${tenantId}/oauth2/v2.0/authorize`) askForConsent(context);
    await next();
    adaptReply(context, tenantId, options, issued);
  });
  const handle = provider.callback();
  const listener = await listenHttps(await ca.issue([HOST, 'localhost', '127.0.0.1']), (request, response) => {
    handle(request, response).catch(() => response.socket?.destroy());
  });
  const visit = (values: Readonly<Record<string, string>>) =>
    submitForms({ port: listener.port, host: HOST, ca: ca.pem }, '/device', values, (body) => OUTCOME.test(body));

  return {
    port: listener.port,
    tenantId,
    clientId,
    tokenRequests,
    async approve(userCode, username = 'ada@contoso.com') {
      const page = await visit({ user_code: userCode, login: username, password: 'any' });
      if (!page.body.includes('Sign-in Success')) throw new Error(`the provider refused: ${titleOf(page.body)}`);
    },
    async decline(userCode) {
      const page = await visit({ user_code: userCode, abort: 'yes' });
      if (!page.body.includes('interrupted')) throw new Error(`the provider did not cancel: ${titleOf(page.body)}`);
    },
    secrets: () => [...issued],
    close: () => listener.close(),
  };
}

function configuration({
  tenantId = '',
  clientId = '',
  accessTokenLifetimeSec = 3600,
}: OidcProviderOptions): Configuration {
  const privateKey = keptKey('oidc-provider');
  return {
    clients: [
      {
        client_id: clientId,
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token', DEVICE_CODE_GRANT],
        response_types: ['code'],
        redirect_uris: ['http://localhost', 'http://127.0.0.1/callback'],
      },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'test', use: 'sig' }] },
    cookies: { keys: [randomUUID()] },
    scopes: ['openid', 'profile', 'offline_access', SCOPE],
    claims: { openid: ['sub'], profile: ['oid', 'tid', 'preferred_username', 'name'] },
    // Entra's id tokens hold the profile claims themselves.
    conformIdTokenClaims: false,
    findAccount: (_, username) => ({
      accountId: username,
      claims: () => ({ sub: username, oid: username, tid: tenantId, preferred_username: username, name: username }),
    }),
    routes: {
      authorization: `/${tenantId}/oauth2/v2.0/authorize`,
      token: `/${tenantId}/oauth2/v2.0/token`,
      device_authorization: `/${tenantId}/oauth2/v2.0/devicecode`,
      code_verification: '/device',
    },
    features: {
      devInteractions: { enabled: true },
      deviceFlow: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => RESOURCE,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: SCOPE,
          audience: RESOURCE,
          accessTokenTTL: accessTokenLifetimeSec,
          accessTokenFormat: 'jwt',
        }),
      },
    },
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    ttl: { DeviceCode: 900, Grant: 86_400, IdToken: 3600, Interaction: 900, RefreshToken: 86_400, Session: 86_400 },
  };
}

/** MSAL sends `device_code` where RFC 8628 wants the URN. */
async function countAndTranslateGrant(context: Context, tokenRequests: Record<string, number>): Promise<void> {
  const form = new URLSearchParams(await readBody(context.req));
  const grantType = form.get('grant_type') ?? '';
  tokenRequests[grantType] = (tokenRequests[grantType] ?? 0) + 1;
  if (grantType === 'device_code') form.set('grant_type', DEVICE_CODE_GRANT);
  // The provider takes a body that was parsed before it from here.
  Object.assign(context.req, { body: Object.fromEntries(form) });
}

/** The provider refreshes after offline_access only (OpenID Connect Core section 11), for which it wants consent. */
function askForConsent(context: Context): void {
  context.query = { ...context.query, prompt: 'consent' };
}

/** Adds what MSAL expects of Entra and remembers the secrets. */
function adaptReply(context: Context, tenantId: string, { interval }: OidcProviderOptions, issued: string[]): void {
  if (typeof context.body !== 'object' || context.body === null) return;
  const body = context.body as Record<string, unknown>;
  if (typeof body['device_code'] === 'string' && interval !== undefined) body['interval'] = interval;
  if (typeof body['id_token'] !== 'string') return;
  const [, payload = ''] = body['id_token'].split('.');
  const { oid } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { oid: string };
  body['client_info'] = Buffer.from(JSON.stringify({ uid: oid, utid: tenantId })).toString('base64url');
  issued.push(String(body['access_token']), String(body['refresh_token']));
}

function titleOf(html: string): string {
  return /<title>(.*?)<\/title>/s.exec(html)?.[1]?.trim() ?? html.slice(0, 200);
}

let isMuted = false;
const ADVICE = /^oidc-provider (?:NOTICE|WARNING): /;

/**
 * The provider's advice for production isn't meant for a test, and would interrupt the lines of its report. Neither is
 * what it says when it's loaded: that Node 26.10.0 isn't a long-term release yet. It checks the release's name and
 * nothing else.
 */
function muteAdvice(): void {
  if (isMuted) return;
  isMuted = true;
  for (const method of ['info', 'warn'] as const) {
    const print = console[method].bind(console);
    console[method] = (...values: unknown[]) => {
      if (!ADVICE.test(String(values[0]))) print(...values);
    };
  }
}
