// A stand-in for Azure API Management with one API in front of Foundry. It carries out the policy that it's given, and
// words its own errors as Microsoft documents them or as public reports quote them.
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { type Policy, readPolicy, type Statement } from './api-management-policy.ts';
import type { CertificateAuthority } from './certificate-authority.ts';
import type { EntraServer } from './entra-server.ts';
import { type Claims, validateToken } from './entra-token-validation.ts';
import { applyFault, type Fault, FaultPlan } from './fault.ts';
import type { FoundryServer } from './foundry-server.ts';
import { jsonReply, listenHttps, type Reply, readBody, sendReply } from './https-listener.ts';

export interface ApiManagementOptions {
  readonly ca: CertificateAuthority;
  /** `contoso.azure-api.net` */
  readonly host: string;
  /** The API URL suffix, without slashes. */
  readonly suffix: string;
  /** `METHOD /path` below the suffix. */
  readonly operations: readonly string[];
  readonly policy: string;
  readonly namedValues: Readonly<Record<string, string>>;
  readonly entra: EntraServer;
  /** The backend: requests to its host name go there, and to no other. */
  readonly foundry: FoundryServer;
}

export interface ApiManagementRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Who answered: the gateway itself or the backend. */
  answeredBy?: 'gateway' | 'backend';
  status?: number;
}

export interface ApiManagementServer {
  readonly port: number;
  readonly host: string;
  /** All requests, oldest first. */
  readonly requests: readonly ApiManagementRequest[];
  /** "Subscription required" with this key; `undefined` if it's off. */
  subscriptionKey: string | undefined;
  /** May be changed: what the API offers. */
  operations: readonly string[];
  /** Headers that something in front of the gateway removes. Lower case. */
  lostHeaders: readonly string[];
  /** Answers each request itself, before any policy or once the policy has let it in. */
  setFault(when: FaultTime, fault: Fault | undefined): void;
  close(): Promise<void>;
}

export type FaultTime = 'at once' | 'after the policy';

/** The application id of the gateway's managed identity; the backend knows it by that. */
export const MANAGED_IDENTITY = 'aaaaaaaa-0000-4000-8000-000000000001';

/** Starts the gateway on a free loopback port. @throws Error for a policy that it can't carry out. */
export async function startApiManagementServer(options: ApiManagementOptions): Promise<ApiManagementServer> {
  const gateway = new Gateway(options);
  const certificate = await options.ca.issue([options.host]);
  const listener = await listenHttps(certificate, (request, response) => {
    gateway.serve(request, response).catch(() => response.socket?.destroy());
  });
  return Object.assign(gateway, { port: listener.port, close: () => listener.close() });
}

/** What the policy has found out and decided about one request. */
interface Pass {
  readonly headers: IncomingHttpHeaders;
  readonly variables: Map<string, Claims>;
  baseUrl: string | undefined;
}

class Gateway {
  readonly host: string;
  readonly requests: ApiManagementRequest[] = [];
  subscriptionKey: string | undefined;
  operations: readonly string[];
  lostHeaders: readonly string[] = [];
  readonly #options: ApiManagementOptions;
  readonly #policy: Policy;
  readonly #faults = new FaultPlan<FaultTime>();
  readonly #calls = new Map<string, number[]>();

  constructor(options: ApiManagementOptions) {
    this.#options = options;
    this.#policy = readPolicy(options.policy, options.namedValues);
    this.host = options.host;
    this.operations = options.operations;
  }

  setFault(when: FaultTime, fault: Fault | undefined): void {
    this.#faults.setFault(when, fault);
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    for (const name of this.lostHeaders) delete request.headers[name];
    const seen: ApiManagementRequest = { path: request.url ?? '', headers: request.headers };
    this.requests.push(seen);
    const pass: Pass = { headers: { ...request.headers }, variables: new Map(), baseUrl: undefined };
    const answer = await this.#answer(request, pass);
    seen.answeredBy = answer === undefined ? 'backend' : 'gateway';
    seen.status =
      answer === undefined
        ? await this.#forward(request, pass, body, response)
        : await applyFault(answer, { response, answer: () => error(500, ''), correlationId: randomUUID() });
  }

  /** The gateway's own answer, if it has one. */
  async #answer(request: IncomingMessage, pass: Pass): Promise<Fault | undefined> {
    const fault = this.#faults.take(['at once']);
    if (fault !== undefined) return fault;
    const reply = this.#refuse(request) ?? (await this.#inbound(pass));
    return reply === undefined ? this.#faults.take(['after the policy']) : { kind: 'http', ...reply };
  }

  /** What comes before every policy: the path, and the subscription. */
  #refuse({ method, url = '', headers }: IncomingMessage): Reply | undefined {
    const operation = `${method} ${this.#operationPath(url)}`;
    if (!this.operations.includes(operation)) return error(404, 'Resource not found');
    if (this.subscriptionKey === undefined) return undefined;
    const key = headers['ocp-apim-subscription-key'];
    if (key === this.subscriptionKey) return undefined;
    const challenge = `AzureApiManagementKey realm="https://${this.host}/${this.#options.suffix}",name="Ocp-Apim-Subscription-Key",type="header"`;
    const text =
      key === undefined
        ? 'Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API.'
        : 'Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription.';
    return error(401, text, { 'www-authenticate': challenge });
  }

  /** Below the suffix, without the query; empty for another API's path. */
  #operationPath(url: string): string {
    const prefix = `/${this.#options.suffix}`;
    const { pathname } = new URL(url, 'https://localhost');
    return pathname.startsWith(`${prefix}/`) ? pathname.slice(prefix.length) : '';
  }

  async #inbound(pass: Pass): Promise<Reply | undefined> {
    for (const statement of this.#policy.inbound) {
      const reply = await this.#apply(statement, pass);
      if (reply !== undefined) return reply;
    }
    return undefined;
  }

  /** An answer ends the pipeline. */
  async #apply(statement: Statement, pass: Pass): Promise<Reply | undefined> {
    switch (statement.kind) {
      case 'validate-azure-ad-token':
        return this.#validate(statement, pass);
      case 'rate-limit-by-key':
        return this.#limit(statement, pass);
      case 'delete-header':
        delete pass.headers[statement.name];
        return undefined;
      case 'authentication-managed-identity':
        pass.headers.authorization = `Bearer ${this.#identityToken(statement.resource)}`;
        return undefined;
      case 'set-backend-service':
        pass.baseUrl = statement.baseUrl;
        return undefined;
      case 'forward-request':
        throw new Error('forward-request belongs into the backend section');
    }
  }

  async #validate(
    statement: Extract<Statement, { kind: 'validate-azure-ad-token' }>,
    { headers, variables }: Pass,
  ): Promise<Reply | undefined> {
    const { failedStatus, tenantId, variable } = statement;
    const [, token] = /^Bearer (\S+)$/.exec(String(headers[statement.headerName] ?? '')) ?? [];
    if (token === undefined) return error(failedStatus, 'Azure AD JWT not present.');
    const issuer = { tenantId, port: this.#options.entra.port, ca: this.#options.ca.pem };
    const claims = await validateToken(token, statement, issuer);
    if (claims === undefined) return error(failedStatus, 'Invalid Azure AD JWT.');
    variables.set(variable, claims);
    return undefined;
  }

  #limit(
    { calls, periodSeconds, variable }: Extract<Statement, { kind: 'rate-limit-by-key' }>,
    { variables }: Pass,
  ): Reply | undefined {
    const key = String(variables.get(variable)?.['sub']);
    const now = Date.now();
    const recent = (this.#calls.get(key) ?? []).filter((at) => now - at < periodSeconds * 1000);
    this.#calls.set(key, [...recent, now]);
    if (recent.length < calls) return undefined;
    const seconds = Math.ceil(periodSeconds - (now - (recent[0] ?? now)) / 1000);
    const text = `Rate limit is exceeded. Try again in ${seconds} seconds.`;
    return error(429, text, { 'retry-after': String(seconds) });
  }

  #identityToken(resource: string): string {
    const account = { oid: randomUUID(), username: 'contoso-apim', name: 'contoso-apim' };
    return this.#options.entra.issueAccessToken({ account, clientId: MANAGED_IDENTITY, revoked: false }, resource);
  }

  /** Resolves to the backend's status; chunks continue as they come, unless the policy buffers them. */
  #forward(
    { method, url = '' }: IncomingMessage,
    { headers, baseUrl = '' }: Pass,
    body: string,
    response: ServerResponse,
  ): Promise<number> {
    const [forward] = this.#policy.backend;
    const { foundry, ca } = this.#options;
    const target = URL.parse(`${baseUrl}${this.#operationPath(url)}${new URL(url, 'https://localhost').search}`);
    if (forward?.kind !== 'forward-request' || target?.host !== foundry.host) {
      const failure = jsonReply(500, { statusCode: 500, message: 'Internal server error', activityId: randomUUID() });
      sendReply(response, failure);
      return Promise.resolve(500);
    }
    return new Promise((resolve, reject) => {
      const outgoing = httpsRequest({
        host: '127.0.0.1',
        port: foundry.port,
        servername: foundry.host,
        ca: ca.pem,
        method,
        path: `${target.pathname}${target.search}`,
        headers: { ...headers, host: target.host },
      });
      outgoing.on('error', reject);
      outgoing.on('response', (incoming) => {
        response.writeHead(incoming.statusCode ?? 0, incoming.headers);
        incoming.pipe(response);
        incoming.on('end', () => resolve(incoming.statusCode ?? 0));
      });
      outgoing.end(body);
    });
  }
}

/** `{ "statusCode": 401, "message": "…" }`, as the gateway's own errors are. */
function error(status: number, message: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return jsonReply(status, { statusCode: status, message }, headers);
}
