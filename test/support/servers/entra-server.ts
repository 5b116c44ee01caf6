import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { CertificateAuthority } from './certificate-authority.ts';
import { type AuthorizationDecision, authorizePage, redirectOf, submitAuthorizePage } from './entra-authorize.ts';
import { enterCodePage, submitDevicePage } from './entra-device-page.ts';
import { deviceCodeReply, grantOf, keysReply, metadataReply, refuseTenant, tokenReply } from './entra-endpoints.ts';
import { EntraTenant, type EntraTenantOptions } from './entra-tenant.ts';
import { applyFault, type Fault, FaultPlan } from './fault.ts';
import { type HttpsListener, htmlReply, listenHttps, type Reply, readBody, sendReply } from './https-listener.ts';

/** Names that the server's certificate is good for. */
const HOSTS = [
  'login.microsoftonline.com',
  'login.microsoft.com',
  'login.microsoftonline.us',
  'login.chinacloudapi.cn',
  'login.partner.microsoftonline.cn',
  'localhost',
  '127.0.0.1',
];

/**
 * `poll`, `code` and `refresh` are the token endpoint with that grant; `token` is that endpoint with any grant.
 * `authorize` is the authorization page, shown and submitted.
 */
export type EntraEndpoint =
  | 'devicecode'
  | 'authorize'
  | 'poll'
  | 'code'
  | 'refresh'
  | 'token'
  | 'device-page'
  | 'metadata'
  | 'unknown';

/** One request as it came and what became of it. */
export interface EntraRequest {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly endpoint: EntraEndpoint;
  readonly method: string;
  readonly path: string;
  /** The path's first part, where the endpoint has one. */
  readonly tenant: string;
  readonly headers: IncomingHttpHeaders;
  /** Query and form fields. They hold secrets: fine here, where all of them are made up. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly clientRequestId: string | undefined;
  /** HTTP status of the answer: 0 for none, `undefined` while it isn't decided. */
  status?: number;
}

export interface EntraServerOptions extends EntraTenantOptions {
  readonly ca: CertificateAuthority;
}

/** Starts the server on a free loopback port. */
export async function startEntraServer(options: EntraServerOptions): Promise<EntraServer> {
  const server = new EntraServer(options);
  await server.listen(options.ca);
  return server;
}

/**
 * Entra's v2.0 protocol over HTTPS for one tenant with one public client: the device code, authorization code and
 * refresh token grants, the pages for users and the metadata, with faults on demand. Settings and what users do: see
 * EntraTenant.
 */
export class EntraServer extends EntraTenant {
  /** All requests, oldest first. */
  readonly requests: EntraRequest[] = [];
  readonly #faults = new FaultPlan<EntraEndpoint>();
  #listener: HttpsListener | undefined;

  async listen(ca: CertificateAuthority): Promise<void> {
    this.#listener = await listenHttps(await ca.issue(HOSTS), (request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        // A mistake in a test must not look like a fault that the product should tolerate.
        console.error('entra-server:', error);
        response.socket?.destroy();
      });
    });
  }

  get port(): number {
    if (this.#listener === undefined) throw new Error('the server does not listen');
    return this.#listener.port;
  }

  async close(): Promise<void> {
    await this.#listener?.close();
  }

  /** The next `times` requests to the endpoint meet the fault. */
  failNext(endpoint: EntraEndpoint, fault: Fault, times = 1): void {
    this.#faults.failNext(endpoint, fault, times);
  }

  /** All requests to the endpoint meet the fault until it is set to `undefined`. */
  setFault(endpoint: EntraEndpoint, fault: Fault | undefined): void {
    this.#faults.setFault(endpoint, fault);
  }

  /** How many requests came to the endpoint, whatever became of them. */
  count(endpoint: EntraEndpoint): number {
    return this.requests.filter((request) => namesOf(request.endpoint).includes(endpoint)).length;
  }

  /**
   * What the user does on the authorization page, without a browser: where that page sends the browser.
   * @throws Error when the page wouldn't have let the user decide.
   */
  authorize(authorizationUrl: string, decision: AuthorizationDecision = {}): string {
    return redirectOf(this, new URL(authorizationUrl).searchParams, decision);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request).catch(() => undefined);
    if (body === undefined) return;
    const route = routeOf(request, body);
    const seen = record(request, route);
    this.requests.push(seen);
    const correlationId = seen.clientRequestId ?? randomUUID();
    const answer = (): Reply => this.#answer(route, request.headers, correlationId);
    const fault = this.#faults.take(namesOf(route.endpoint));
    if (fault !== undefined) {
      seen.status = await applyFault(fault, { response, answer, correlationId });
      return;
    }
    const reply = answer();
    seen.status = reply.status;
    sendReply(response, reply);
  }

  #answer(route: Route, headers: IncomingHttpHeaders, correlationId: string): Reply {
    if (route.endpoint === 'device-page') return this.#devicePage(route);
    if (route.endpoint === 'unknown') return htmlReply(404, '<!doctype html><title>Not found</title>');
    const refusal = refuseTenant(this, route.tenant, correlationId);
    if (refusal !== undefined) return refusal;
    switch (route.endpoint) {
      case 'authorize':
        return route.method === 'POST'
          ? submitAuthorizePage(this, route.query, route.form)
          : authorizePage(this, route.query);
      case 'devicecode':
        return deviceCodeReply(this, { form: route.form, correlationId, authority: authorityOf(headers) });
      case 'metadata':
        return route.path.endsWith('/keys') ? keysReply() : metadataReply(this, headers);
      default:
        return tokenReply(this, { form: route.form, correlationId, authority: authorityOf(headers) });
    }
  }

  #devicePage({ method, form }: Route): Reply {
    if (method !== 'POST') return enterCodePage();
    return submitDevicePage(form, {
      find: (userCode) => this.deviceCodes.byUserCode(userCode),
      approve: (userCode, username) => this.approve(userCode, username),
      decline: (userCode) => this.decline(userCode),
      usernames: () => this.accounts.map((account) => account.username),
      session: this.browserSession,
    });
  }
}

interface Route {
  readonly endpoint: EntraEndpoint;
  readonly method: string;
  readonly path: string;
  readonly tenant: string;
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
}

function routeOf(request: IncomingMessage, body: string): Route {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'https://localhost');
  const method = request.method ?? '';
  const form = new URLSearchParams(body);
  // RFC 6749 section 2.3.1: a client may name itself in the header; oidc-agent does.
  const [, basic = ''] = /^Basic (\S+)$/.exec(request.headers.authorization ?? '') ?? [];
  const [clientId = ''] = Buffer.from(basic, 'base64').toString().split(':');
  if (clientId !== '' && !form.has('client_id')) form.set('client_id', clientId);
  const [, tenant = '', rest = ''] = /^\/([^/]+)(\/.*)?$/.exec(pathname) ?? [];
  return {
    endpoint: endpointOf(method, pathname, rest, form),
    method,
    path: pathname,
    tenant,
    query: searchParams,
    form,
  };
}

const grantEndpoints: ReadonlyMap<string, EntraEndpoint> = new Map([
  ['device_code', 'poll'],
  ['authorization_code', 'code'],
  ['refresh_token', 'refresh'],
]);

function endpointOf(method: string, path: string, rest: string, form: URLSearchParams): EntraEndpoint {
  if (path === '/device') return 'device-page';
  switch (`${method} ${rest}`) {
    case 'POST /oauth2/v2.0/devicecode':
      return 'devicecode';
    case 'POST /oauth2/v2.0/token':
      return grantEndpoints.get(grantOf(form)) ?? 'token';
    case 'GET /oauth2/v2.0/authorize':
    case 'POST /oauth2/v2.0/authorize':
      return 'authorize';
    case 'GET /v2.0/.well-known/openid-configuration':
    case 'GET /discovery/v2.0/keys':
      return 'metadata';
    default:
      return 'unknown';
  }
}

/** What a fault or a count may call the endpoint, the most precise name first. */
function namesOf(endpoint: EntraEndpoint): readonly EntraEndpoint[] {
  return [...grantEndpoints.values()].includes(endpoint) ? [endpoint, 'token'] : [endpoint];
}

function record(request: IncomingMessage, { endpoint, method, path, tenant, query, form }: Route): EntraRequest {
  const parameters = { ...Object.fromEntries(query), ...Object.fromEntries(form) };
  const header = request.headers['client-request-id'];
  const clientRequestId = typeof header === 'string' ? header : parameters['client-request-id'];
  return { at: Date.now(), endpoint, method, path, tenant, headers: request.headers, parameters, clientRequestId };
}

/** The cloud's host that was asked, which the reply names; the public one if a test asked by another name. */
function authorityOf({ host = '' }: IncomingHttpHeaders): string {
  return /\.microsoftonline\.(?:us|cn)$/.test(host) ? host : 'login.microsoftonline.com';
}
