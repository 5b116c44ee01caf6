import {
  type ApiManagementServer,
  MANAGED_IDENTITY,
  startApiManagementServer,
} from '../servers/api-management-server.ts';
import { type FoundryServer, startFoundryServer } from '../servers/foundry-server.ts';
import { type ApiManagementPage, readApiManagementPage } from './api-management-page.ts';
import { createWorld, type World, type WorldOptions } from './world.ts';

/** A world in which the only way to Foundry leads through API Management, set up as the how-to says. */
export interface ApiManagementWorld extends World {
  readonly gateway: ApiManagementServer;
  /** Behind the gateway. It accepts the gateway's managed identity and no one else. */
  readonly backend: FoundryServer;
  readonly page: ApiManagementPage;
  /** For Claude Desktop, as `config export` makes it, without the helper's path. */
  readonly profile: Readonly<Record<string, unknown>>;
}

export interface ApiManagementWorldOptions extends WorldOptions {
  /** What an admin has changed in the policy of the page. */
  readonly editPolicy?: (policy: string) => string;
}

/** `options.config` is merged over the settings of the page. */
export async function createApiManagementWorld(options: ApiManagementWorldOptions = {}): Promise<ApiManagementWorld> {
  const written = readApiManagementPage();
  const page = { ...written, policy: options.editPolicy?.(written.policy) ?? written.policy };
  const { tenantId: _, clientId: __, ...settings } = page.settings;
  const world = await createWorld({
    ...options,
    config: { ...settings, foundryResource: undefined, ...options.config },
  });
  const cleanups: (() => Promise<void>)[] = [() => world.dispose()];
  const dispose = async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  };
  try {
    const backend = await startBackend(world, options);
    cleanups.push(() => backend.close());
    const gateway = await startGateway(world, page, backend);
    cleanups.push(() => gateway.close());
    // From here no one but the gateway reaches Foundry.
    world.proxy.routes.delete(`${world.foundry.host}:443`);
    world.proxy.routes.set(`${gateway.host}:443`, gateway.port);
    return { ...world, page, backend, gateway, profile: profileOf(page), dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function startBackend({ ca, entra, foundry }: World, { models }: WorldOptions): Promise<FoundryServer> {
  const [resource = ''] = foundry.host.split('.');
  const checkToken = (token: string) =>
    applicationOf(token) === MANAGED_IDENTITY ? entra.checkAccessToken(token) : "not the gateway's";
  return startFoundryServer({ ca, resource, models: models ?? ['claude-sonnet-5', 'claude-opus-4-8'], checkToken });
}

function startGateway({ ca, entra }: World, page: ApiManagementPage, foundry: FoundryServer) {
  const [, , host = ''] = page.settings.baseUrl.split('/');
  const { policy, operations, suffix, serviceUrl } = page;
  const namedValues = {
    'claude-tenant-id': entra.tenantId,
    'claude-client-id': entra.clientId,
    'claude-api-app-id': apiOf(page),
    'claude-foundry-base-url': serviceUrl,
  };
  return startApiManagementServer({ ca, host, suffix, operations, policy, namedValues, entra, foundry });
}

/** The application id of the gateway's API, which the scope of the page names. */
export function apiOf({ settings: { scope } }: Pick<ApiManagementPage, 'settings'>): string {
  return /^api:\/\/([\da-f-]{36})\/\.default$/.exec(scope)?.[1] ?? '';
}

function profileOf({ settings }: ApiManagementPage) {
  return {
    inferenceProvider: 'gateway',
    inferenceGatewayBaseUrl: settings.baseUrl,
    inferenceGatewayAuthScheme: 'bearer',
    inferenceCredentialKind: 'helper-script',
    inferenceCredentialHelperTtlSec: 900,
    inferenceCredentialHelperTimeoutSec: 600,
    modelDiscoveryEnabled: false,
    inferenceModels: settings['models'],
  };
}

function applicationOf(token: string): unknown {
  const [, payload = ''] = token.split('.');
  const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
  return typeof claims === 'object' && claims !== null ? Reflect.get(claims, 'appid') : undefined;
}
