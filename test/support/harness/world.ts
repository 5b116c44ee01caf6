import { join } from 'node:path';
import { type CertificateAuthority, createCertificateAuthority } from '../servers/certificate-authority.ts';
import { type ConnectProxy, type ConnectProxyOptions, startConnectProxy } from '../servers/connect-proxy.ts';
import { type EntraServer, startEntraServer } from '../servers/entra-server.ts';
import type { EntraTenantOptions } from '../servers/entra-tenant.ts';
import { type FoundryServer, startFoundryServer } from '../servers/foundry-server.ts';
import { createKeychain } from './keychain.ts';
import { createSandbox, type Sandbox } from './sandbox.ts';
import { type SecretServiceSession, startSecretService, startWithoutSecretService } from './secret-service.ts';

export interface WorldOptions {
  /**
   * The keystore of Linux: an unlocked keyring (default), a bus without a keyring (`absent`), or no bus
   * (`no-bus`). On macOS and Windows always the system's own: a keychain of the world's, and DPAPI.
   */
  readonly secretService?: 'unlocked' | 'absent' | 'no-bus';
  readonly entra?: EntraTenantOptions;
  /** Makes the proxy ask for these. */
  readonly proxyCredentials?: NonNullable<ConnectProxyOptions['credentials']>;
  /** Default `contoso-foundry`. */
  readonly foundryResource?: string;
  /** Default `claude-sonnet-5` and `claude-opus-4-8`. */
  readonly models?: readonly string[];
  /** Merged over the `config.json` that is written; a key set to `undefined` is left out. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** All that the product meets, on this machine alone: identity provider, resource, proxy, keystore and a home. */
export interface World {
  readonly ca: CertificateAuthority;
  /** `ca.pem` */
  readonly caFile: string;
  readonly entra: EntraServer;
  readonly foundry: FoundryServer;
  readonly proxy: ConnectProxy;
  readonly sandbox: Sandbox;
  /** `undefined` if no keyring runs. */
  readonly secretService: SecretServiceSession | undefined;
  /** What `config.json` holds. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The environment for the product's binary. */
  readonly env: Readonly<Record<string, string>>;
  /** Ends all servers, the keystore and every process started in the sandbox, and removes its files. */
  dispose(): Promise<void>;
}

type Cleanup = () => Promise<void>;

/** Starts everything (about 0.3 s). Polling is fast: the device code asks for 1 s between polls. */
export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const cleanups: Cleanup[] = [];
  const dispose = async () => {
    // Last in, first out; the sandbox's processes end while the servers still answer.
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  };
  try {
    return { ...(await start(options, cleanups)), dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function start(options: WorldOptions, cleanups: Cleanup[]): Promise<Omit<World, 'dispose'>> {
  const { foundryResource = 'contoso-foundry', models = ['claude-sonnet-5', 'claude-opus-4-8'] } = options;
  const ca = await createCertificateAuthority();
  const entra = await startEntraServer({ ca, ...options.entra });
  cleanups.push(() => entra.close());
  entra.interval = 1;
  const checkToken = (token: string) => entra.checkAccessToken(token);
  const foundry = await startFoundryServer({ ca, resource: foundryResource, models, checkToken });
  cleanups.push(() => foundry.close());
  const proxy = await startConnectProxy({
    routes: {
      'login.microsoftonline.com:443': entra.port,
      'login.microsoft.com:443': entra.port,
      [`${foundry.host}:443`]: foundry.port,
    },
    ...(options.proxyCredentials === undefined ? {} : { credentials: options.proxyCredentials }),
  });
  cleanups.push(() => proxy.close());

  const sandbox = createSandbox();
  cleanups.push(() => sandbox.dispose());
  const keystore = await startKeystore(options, sandbox);
  cleanups.push(async () => keystore?.stop());
  // Before the keystore goes, so that no agent sees it go.
  cleanups.push(() => sandbox.killProcesses());

  const caFile = ca.write(sandbox.root);
  const config = {
    tenantId: entra.tenantId,
    clientId: entra.clientId,
    foundryResource,
    models,
    proxy: proxy.url,
    caFile,
    ...options.config,
  };
  sandbox.writeConfig(config);
  const address = keystore?.env['DBUS_SESSION_BUS_ADDRESS'];
  return {
    ca,
    caFile,
    entra,
    foundry,
    proxy,
    sandbox,
    secretService: keystore !== undefined && 'lock' in keystore ? keystore : undefined,
    config,
    env: address === undefined ? sandbox.env : { ...sandbox.env, DBUS_SESSION_BUS_ADDRESS: address },
  };
}

function startKeystore(
  { secretService }: WorldOptions,
  sandbox: Sandbox,
): Promise<SecretServiceSession | Pick<SecretServiceSession, 'env' | 'stop'> | undefined> | undefined {
  // Its own home, so that bus and keyring don't count as processes of the sandbox.
  const root = join(sandbox.root, 'bus');
  if (process.platform !== 'linux') return startSystemKeystore(sandbox);
  switch (secretService ?? 'unlocked') {
    case 'unlocked':
      return startSecretService({ root });
    case 'absent':
      return startWithoutSecretService({ root });
    case 'no-bus':
      return undefined;
  }
}

async function startSystemKeystore({ env }: Sandbox): Promise<undefined> {
  if (process.platform === 'darwin') await createKeychain({ ...env, HOME: env['HOME'] ?? '' });
}
