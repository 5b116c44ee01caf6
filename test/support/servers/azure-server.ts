// A little of Azure Resource Manager and of Microsoft Graph: what deploy/azure needs, remembered, and every request kept.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CertificateAuthority } from './certificate-authority.ts';
import { jsonReply, listenHttps, type Reply, readBody, sendReply } from './https-listener.ts';

export const AZURE_HOSTS = ['management.azure.com', 'graph.microsoft.com', 'login.microsoftonline.com'] as const;

type Json = Record<string, unknown>;

export interface AzureRequest {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly authorization: string | undefined;
  readonly body: Json | undefined;
}

/** A model that the region offers; `isDefaultVersion` marks Azure's recommendation. */
interface OfferedModel {
  readonly format: string;
  readonly name: string;
  readonly version: string;
  readonly isDefaultVersion: boolean;
}

export interface Refusal {
  readonly method: string;
  readonly path: RegExp;
  readonly status: number;
  readonly code: string;
  readonly message?: string;
}

export interface AzureServer {
  readonly port: number;
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly requests: readonly AzureRequest[];
  /** Requests that change something. */
  changes(): readonly AzureRequest[];
  /** ARM resources by their path; Graph objects by collection. Tests can read and prepare them. */
  readonly resources: Map<string, Json>;
  readonly directory: Readonly<
    Record<'applications' | 'servicePrincipals' | 'groups' | 'users' | 'oauth2PermissionGrants', Json[]>
  >;
  readonly models: OfferedModel[];
  /** What each new resource says before it is `Succeeded`. */
  provisioning: readonly string[];
  /** How many service principals are refused because the new application isn't known everywhere yet. */
  unknownApplication: number;
  /** How many changes to a new application are refused because it isn't known everywhere yet. */
  unchangeableApplication: number;
  /** Refuses every request of this method whose path ends so. */
  refusal: Refusal | undefined;
  answer(request: AzureRequest): Reply;
  close(): Promise<void>;
}

export const COGNITIVE_SERVICES = '7d312290-28c8-473c-a0ed-8e53749b6d6d';
const LOGIN_ALIASES = ['login.microsoftonline.com', 'login.windows.net'];
const MODELS = ['claude-sonnet-5', 'claude-opus-4-8'];

/** Starts the server on a free loopback port, for all three of Azure's hosts. */
export async function startAzureServer({ ca }: { readonly ca: CertificateAuthority }): Promise<AzureServer> {
  const state = new AzureState();
  const certificate = await ca.issue([...AZURE_HOSTS, 'localhost', '127.0.0.1']);
  const listener = await listenHttps(certificate, (request, response) => {
    serve(state, request, response).catch(() => response.socket?.destroy());
  });
  return Object.assign(state, { port: listener.port, close: () => listener.close() });
}

async function serve(state: AzureState, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const text = await readBody(request);
  const host = (request.headers.host ?? '').replace(/:\d+$/, '');
  const url = new URL(request.url ?? '/', `https://${host}`);
  const seen: AzureRequest = {
    method: request.method ?? 'GET',
    host,
    path: decodeURIComponent(url.pathname).replace(/\/$/, ''),
    query: Object.fromEntries(url.searchParams),
    authorization: request.headers.authorization,
    body: parseObject(text),
  };
  sendReply(response, state.answer(seen));
}

class AzureState {
  readonly tenantId = randomUUID();
  readonly subscriptionId = randomUUID();
  readonly requests: AzureRequest[] = [];
  readonly resources = new Map<string, Json>();
  readonly directory = {
    applications: [] as Json[],
    servicePrincipals: [servicePrincipalOfCognitiveServices()] as Json[],
    groups: [{ id: randomUUID(), displayName: 'Claude users' }] as Json[],
    users: [{ id: randomUUID(), userPrincipalName: "ada.o'neil@contoso.com" }] as Json[],
    oauth2PermissionGrants: [] as Json[],
  };
  readonly models: OfferedModel[] = MODELS.flatMap((name) => [
    { format: 'Anthropic', name, version: '20251001', isDefaultVersion: false },
    { format: 'Anthropic', name, version: '2', isDefaultVersion: true },
  ]);
  provisioning: readonly string[] = [];
  unknownApplication = 0;
  unchangeableApplication = 0;
  refusal: Refusal | undefined;

  changes(): readonly AzureRequest[] {
    return this.requests.filter(
      ({ method, host }) => method !== 'GET' && method !== 'HEAD' && !host.startsWith('login.'),
    );
  }

  answer(request: AzureRequest): Reply {
    this.requests.push(request);
    const { refusal } = this;
    if (refusal?.method === request.method && refusal.path.test(request.path)) {
      return failure(refusal.status, refusal.code, refusal.message ?? 'Refused.');
    }
    if (request.host.startsWith('login.')) return this.#signIn(request);
    if (request.host.startsWith('graph.')) return this.#graph(request);
    return this.#resourceManager(request);
  }

  /** Enough of Entra for `az login --service-principal`. */
  #signIn({ method, host, path }: AzureRequest): Reply {
    const base = `https://${host}/${this.tenantId}`;
    if (method === 'POST') {
      return jsonReply(200, {
        token_type: 'Bearer',
        expires_in: 3599,
        ext_expires_in: 3599,
        access_token: jwt(this.tenantId),
      });
    }
    if (path === '/common/discovery/instance') {
      return jsonReply(200, {
        tenant_discovery_endpoint: `${base}/v2.0/.well-known/openid-configuration`,
        metadata: [
          {
            preferred_network: 'login.microsoftonline.com',
            preferred_cache: 'login.windows.net',
            aliases: LOGIN_ALIASES,
          },
        ],
      });
    }
    if (path.endsWith('/openid-configuration')) {
      return jsonReply(200, {
        issuer: `${base}/v2.0`,
        token_endpoint: `${base}/oauth2/v2.0/token`,
        authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
        device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
      });
    }
    return failure(404, 'NotFound', path);
  }

  #resourceManager(request: AzureRequest): Reply {
    const { method, path, query } = request;
    if (query['api-version'] === undefined)
      return failure(400, 'MissingApiVersionParameter', 'api-version is required');
    if (path === '/subscriptions') return jsonReply(200, { value: [this.#subscription()] });
    if (path === '/tenants')
      return jsonReply(200, { value: [{ tenantId: this.tenantId, id: `/tenants/${this.tenantId}` }] });
    const key = path.toLowerCase();
    if (method === 'PUT') return this.#put(key, request);
    if (key.endsWith('/roleassignments')) return this.#roleAssignments(key, query['$filter'] ?? '');
    if (key.endsWith('/models')) return jsonReply(200, { value: this.models });
    if (/\/(accounts|deployments)$/.test(key)) return jsonReply(200, { value: this.#children(key) });
    return this.#get(key, method);
  }

  #get(key: string, method: string): Reply {
    const found = this.resources.get(key);
    if (found === undefined) return method === 'HEAD' ? empty(404) : failure(404, 'ResourceNotFound', key);
    if (method === 'HEAD') return empty(204);
    const answer = structuredClone(found);
    const waiting = found['waiting'];
    if (Array.isArray(waiting) && waiting.length > 0) {
      (answer['properties'] as Json)['provisioningState'] = waiting.shift();
    }
    delete answer['waiting'];
    return jsonReply(200, answer);
  }

  #put(key: string, { path, body }: AzureRequest): Reply {
    const refusal = refuse(key, body, this.resources);
    if (refusal !== undefined) return refusal;
    const isNew = !this.resources.has(key);
    const properties = { ...(body?.['properties'] as Json | undefined), provisioningState: 'Succeeded' };
    const waiting = key.includes('/accounts/') ? [...this.provisioning] : [];
    this.resources.set(key, { id: path, name: path.split('/').at(-1), ...body, properties, waiting });
    return jsonReply(isNew ? 201 : 200, { id: path });
  }

  #children(key: string): Json[] {
    const isChild = (path: string): boolean => path.startsWith(`${key}/`) && !path.slice(key.length + 1).includes('/');
    return [...this.resources].filter(([path]) => isChild(path)).map(([, { waiting: _, ...resource }]) => resource);
  }

  #roleAssignments(key: string, filter: string): Reply {
    const [, principal] = /^atScope\(\) and assignedTo\('([\w-]+)'\)$/.exec(filter) ?? [];
    if (principal === undefined) return failure(400, 'UnsupportedQuery', `The filter '${filter}' is not supported.`);
    const found = this.#children(key).filter(
      ({ properties }) => (properties as Json | undefined)?.['principalId'] === principal,
    );
    return jsonReply(200, { value: found });
  }

  #subscription(): Json {
    return {
      id: `/subscriptions/${this.subscriptionId}`,
      subscriptionId: this.subscriptionId,
      tenantId: this.tenantId,
      displayName: 'Contoso',
      state: 'Enabled',
      managedByTenants: [],
    };
  }

  #graph(request: AzureRequest): Reply {
    const [, collection = '', id] = /^\/v1\.0\/(\w+)(?:\/([\w-]+))?$/.exec(request.path) ?? [];
    if (!Object.hasOwn(this.directory, collection)) return failure(404, 'BadRequest', request.path);
    const objects = this.directory[collection as keyof AzureServer['directory']];
    const object = id === undefined ? undefined : objects.find((entry) => entry['id'] === id);
    if (id !== undefined && object === undefined) return failure(404, 'Request_ResourceNotFound', id);
    switch (request.method) {
      case 'GET':
        return jsonReply(200, object ?? { value: matching(objects, request.query['$filter']) });
      case 'PATCH':
        return this.#change(collection, object ?? {}, request.body ?? {});
      case 'POST':
        return this.#create(collection, objects, request.body ?? {});
      default:
        return failure(405, 'BadRequest', request.method);
    }
  }

  #change(collection: string, object: Json, body: Json): Reply {
    if (collection === 'applications' && this.unchangeableApplication > 0) {
      this.unchangeableApplication -= 1;
      const text = `Resource '${object['id']}' does not exist or one of its queried reference-property objects are not present.`;
      return failure(404, 'Request_ResourceNotFound', text);
    }
    const { redirectUris = [] } = (body['publicClient'] ?? {}) as { readonly redirectUris?: readonly string[] };
    if (new Set(redirectUris).size < redirectUris.length) {
      return failure(400, 'Request_BadRequest', 'Duplicate values for property RedirectUris are not allowed.');
    }
    Object.assign(object, body);
    return empty(204);
  }

  #create(collection: string, objects: Json[], body: Json): Reply {
    const application = this.directory.applications.find(({ appId }) => appId === body['appId']);
    if (collection === 'servicePrincipals' && body['appId'] !== COGNITIVE_SERVICES) {
      if (application === undefined || this.unknownApplication > 0) {
        this.unknownApplication -= 1;
        return failure(400, 'Request_BadRequest', 'The appId does not reference a valid application object.');
      }
      if (objects.some(({ appId }) => appId === body['appId'])) {
        return failure(409, 'Request_MultipleObjectsWithSameKeyValue', 'The service principal is already in use.');
      }
    }
    const fresh = body['appId'] === COGNITIVE_SERVICES ? servicePrincipalOfCognitiveServices() : { id: randomUUID() };
    const defaults = collection === 'applications' ? { appId: randomUUID(), requiredResourceAccess: [] } : {};
    objects.push({ ...defaults, ...fresh, ...body });
    return jsonReply(201, objects.at(-1));
  }
}

/** What Azure refuses, worded as Azure words it. */
function refuse(key: string, body: Json | undefined, resources: ReadonlyMap<string, Json>): Reply | undefined {
  const properties = (body?.['properties'] ?? {}) as Json;
  if (key.includes('/accounts/') && !resources.has(key.slice(0, key.indexOf('/providers/')))) {
    return failure(404, 'ResourceGroupNotFound', 'Resource group could not be found.');
  }
  if (/\/accounts\/[^/]+$/.test(key) && properties['customSubDomainName'] === undefined) {
    return failure(400, 'CustomDomainRequired', 'customSubDomainName is required');
  }
  const provider = properties['modelProviderData'] as Json | undefined;
  if (
    key.includes('/deployments/') &&
    !['organizationName', 'industry', 'countryCode'].every((name) => provider?.[name])
  ) {
    const text = 'ModelProviderData is required for Anthropic model deployments but was not provided.';
    return failure(400, 'InvalidModelProviderData', text);
  }
  const isSecondAssignment = [...resources].some(
    ([path, resource]) =>
      path !== key &&
      path.includes('/roleassignments/') &&
      (resource['properties'] as Json)['principalId'] === properties['principalId'],
  );
  return key.includes('/roleassignments/') && isSecondAssignment
    ? failure(409, 'RoleAssignmentExists', 'The role assignment already exists.')
    : undefined;
}

/** OData's `property eq 'value'`, the one filter that is needed. */
function matching(objects: readonly Json[], filter: string | undefined): readonly Json[] {
  const [, property = '', value = ''] = /^(\w+) eq '((?:[^']|'')*)'$/.exec(filter ?? '') ?? [];
  if (property === '') throw new Error(`no such filter here: ${filter}`);
  return objects.filter((object) => object[property] === value.replaceAll("''", "'"));
}

function servicePrincipalOfCognitiveServices(): Json {
  return {
    id: randomUUID(),
    appId: COGNITIVE_SERVICES,
    displayName: 'Microsoft Cognitive Services',
    oauth2PermissionScopes: [
      { id: randomUUID(), value: 'something_else' },
      { id: '5f1e8914-a52b-429f-9324-91b92b81adaf', value: 'user_impersonation' },
    ],
  };
}

/** Unsigned, because nothing here checks it. The CLI only reads its claims. */
function jwt(tenantId: string): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ tid: tenantId, oid: randomUUID(), exp: Math.floor(Date.now() / 1000) + 3599 })}.`;
}

function failure(status: number, code: string, message: string): Reply {
  return jsonReply(status, { error: { code, message } });
}

function empty(status: number): Reply {
  return { status, headers: {}, body: '' };
}

function parseObject(text: string): Json | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Json) : undefined;
  } catch {
    return undefined;
  }
}
