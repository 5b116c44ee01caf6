// What several checks look at. Each thing is found out once, when the first check wants it, with the product's own code.

import { type DesktopReading, readDesktopConfiguration } from '../claude-desktop/read.ts';
import type { Configuration } from '../config/configuration.ts';
import { openSystemConfiguration } from '../config/load.ts';
import { type Resolution, requireConfiguration } from '../config/resolve.ts';
import { managedSources } from '../config/sources/managed-sources.ts';
import { silentLog } from '../core/event-log.ts';
import { Secret } from '../core/secret.ts';
import { authorityUrl } from '../entra/cloud.ts';
import { type ConnectionSettings, openConnection } from '../entra/connection.ts';
import type { JsonReply, SendJson } from '../entra/https-client.ts';
import { SystemRoots } from '../entra/system-roots.ts';
import type { AccessTokenResult, AgentStatus } from '../ipc/protocol.ts';
import type { Paths } from '../platform/paths.ts';
import { type FoundryClient, openFoundry } from './foundry/foundry-client.ts';
import { once } from './once.ts';
import { readClaims, type TokenClaims } from './token-claims.ts';

/** The command line's way to the agent. */
export interface AgentPort {
  /** The answer of an agent that runs, or `undefined`. @throws AppError */
  statusIfRunning(): Promise<AgentStatus | undefined>;
  /** Starts one where none runs. @throws AppError */
  status(): Promise<AgentStatus>;
  /** Never prompts. @throws AppError */
  token(): Promise<AccessTokenResult>;
}

export interface DoctorOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly paths: Paths;
  readonly agent: AgentPort;
  /** Whether one output token of each deployment may be spent. */
  readonly live: boolean;
}

export interface Metadata {
  readonly reply: JsonReply;
  /** Epoch milliseconds by this computer's clock. */
  readonly receivedAt: number;
}

export interface HeldToken {
  readonly secret: Secret;
  /** `undefined` for a token that is no JSON Web Token. */
  readonly claims: TokenClaims | undefined;
}

export interface DoctorContext extends DoctorOptions {
  readonly resolution: Resolution;
  /** @throws AppError ERR_CONFIG_* */
  configuration(): Configuration;
  /** How the sign-in service is reached. @throws AppError ERR_CONFIG_* */
  connection(): ConnectionSettings;
  send(): SendJson;
  /** `https://<sign-in host>/<tenant>` */
  authority(): string;
  agentStatus(): Promise<{ readonly status: AgentStatus; readonly wasStarted: boolean }>;
  /** The tenant's openid-configuration, whatever its HTTP status. @throws AppError ERR_NETWORK_* */
  metadata(): Promise<Metadata>;
  heldToken(): Promise<HeldToken>;
  /** Claude Desktop's own configuration. */
  desktop(): DesktopReading;
  /** `undefined` where no resource is configured, or no host of Foundry is known for the cloud. */
  foundry(): FoundryClient | undefined;
}

/** For one whole exchange with a server. */
export const EXCHANGE_MS = 10_000;

export async function createContext(options: DoctorOptions): Promise<DoctorContext> {
  const { env, paths, agent } = options;
  const resolution = (await openSystemConfiguration(env, paths)).current();
  const managed = await managedSources('claude-desktop');
  const configuration = once(() => requireConfiguration(resolution));
  const connection = once((): ConnectionSettings => {
    const { proxy, noProxy, caFile } = configuration();
    return { proxy, noProxy, caFile };
  });
  const send = once(() =>
    openConnection({ ...connection(), systemRoots: new SystemRoots({ log: silentLog }), timeoutMs: EXCHANGE_MS }),
  );
  const authority = once(() => authorityUrl(configuration().cloud, configuration().tenantId));
  return {
    ...options,
    resolution,
    configuration,
    connection,
    send,
    authority,
    agentStatus: once(async () => {
      const running = await agent.statusIfRunning();
      return { status: running ?? (await agent.status()), wasStarted: running === undefined };
    }),
    metadata: once(async () => {
      const url = `${authority()}/v2.0/.well-known/openid-configuration`;
      const reply = await send()({ method: 'GET', url });
      return { reply, receivedAt: Date.now() };
    }),
    heldToken: once(async () => {
      const secret = new Secret((await agent.token()).token);
      return { secret, claims: readClaims(secret) };
    }),
    desktop: once(() => readDesktopConfiguration({ env, managed })),
    foundry: once(() => openFoundry(configuration(), send())),
  };
}
