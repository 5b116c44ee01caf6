import { randomUUID } from 'node:crypto';
import type { AutostartEntry } from '../autostart/autostart.ts';
import { systemAutostart } from '../autostart/system-autostart.ts';
import { readDesktopProxy } from '../claude-desktop/egress-proxy.ts';
import { type DesktopReading, readDesktopConfiguration } from '../claude-desktop/read.ts';
import type { EffectiveConfiguration } from '../config/configuration.ts';
import { openSystemConfiguration } from '../config/load.ts';
import { type Resolution, requireSettings } from '../config/resolve.ts';
import { managedSources } from '../config/sources/managed-sources.ts';
import { type AppError, toAppError } from '../core/errors.ts';
import type { RoutePlan } from '../core/route.ts';
import { Secret } from '../core/secret.ts';
import type { SendJson } from '../entra/transport/https-client.ts';
import { SystemTrustStore } from '../entra/transport/system-trust-store.ts';
import { createTransport } from '../entra/transport/transport.ts';
import type { AccessTokenResult, AgentStatus } from '../ipc/protocol.ts';
import { silentLog } from '../log/event-log.ts';
import type { Paths } from '../platform/paths.ts';
import { ProcessProxies } from '../proxy/process-proxies.ts';
import { tokenOfNow } from './agent-token.ts';
import { calledAddress } from './called-address.ts';
import { type EntraSignIn, openSignIn } from './entra-sign-in.ts';
import { addedHeaders } from './foundry/added-headers.ts';
import { type MessagesClient, openMessagesClient } from './foundry/foundry-client.ts';
import { once } from './once.ts';
import { AgentPlace } from './places/agent-place.ts';
import { type SettingView, viewSettings } from './places/settings-view.ts';
import { readClaims, type TokenClaims } from './token-claims.ts';

/** The command line's way to the agent. */
export interface AgentPort {
  /** The answer of an agent that runs, or `undefined`. @throws AppError */
  statusIfRunning(): Promise<AgentStatus | undefined>;
  /** Starts one if none runs. @throws AppError */
  status(): Promise<AgentStatus>;
  /** Never prompts. @throws AppError */
  token(): Promise<AccessTokenResult>;
  /** What is found with the agent's environment, part by part; see places/parts.ts. @throws AppError */
  diagnose(
    request: { readonly key: string; readonly live: boolean },
    onPart: (part: unknown) => void,
  ): Promise<unknown>;
}

export interface DoctorOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly paths: Paths;
  readonly agent: AgentPort;
  /** Whether one output token of each deployment may be spent. */
  readonly live: boolean;
  /** The environment of the desktop session whose proxy settings count, on Linux; by default `env`. */
  readonly session?: NodeJS.ProcessEnv | undefined;
}

export interface HeldToken {
  readonly secret: Secret;
  /** `undefined` for an API key, and for a token that isn't a JSON Web Token. */
  readonly claims: TokenClaims | undefined;
}

/** The first server that anything goes to. */
export interface FirstServer {
  readonly url: URL;
  /** As messages call it. */
  readonly name: 'the sign-in host' | 'the Foundry host' | 'the gateway';
  /** One exchange, whatever its HTTP status. @throws AppError ERR_NETWORK_* */
  exchange(): Promise<unknown>;
}

/** What several checks use, found out once, when the first check needs it, with the product's own code. */
export interface DoctorContext extends DoctorOptions {
  readonly resolution: Resolution;
  /** Where the agent is, or why the agent can't say how things look from there. */
  agentPlace(): Promise<AgentPlace | AppError>;
  /** The settings as this process sees them, for the comparison with the agent's. */
  settings(): readonly SettingView[];
  /** @throws AppError ERR_CONFIG_* */
  configuration(): EffectiveConfiguration;
  /** How requests to this host get there, and how Claude Desktop's own would. @throws AppError ERR_CONFIG_* */
  route(url: URL): Promise<RoutePlan>;
  desktopRoute(url: URL): Promise<RoutePlan>;
  send(): SendJson;
  /** `undefined` with an API key, which doesn't need a sign-in. @throws AppError ERR_CONFIG_* */
  entra(): EntraSignIn | undefined;
  /** The sign-in service; with an API key the server for messages, and `undefined` if no address of one is known. */
  firstServer(): FirstServer | undefined;
  /** What starts the agent at log-in; the first entry is the effective one. @throws AppError ERR_AUTOSTART */
  autostart(): Promise<readonly AutostartEntry[]>;
  agentStatus(): Promise<{ readonly status: AgentStatus; readonly wasStarted: boolean }>;
  /** @throws AppError as the agent does, ERR_SIGN_IN_REQUIRED or ERR_API_KEY_MISSING for example */
  heldToken(): Promise<HeldToken>;
  /** The token, if an earlier check got one. */
  tokenInHand(): HeldToken | undefined;
  desktop(): DesktopReading;
  /** For the address that `calledAddress` gives. `undefined` if there is none, or if it isn't an https one. */
  messages(): MessagesClient | undefined;
}

/** For one whole exchange with a server, in milliseconds. */
export const EXCHANGE_MS = 10_000;

export async function createContext(options: DoctorOptions): Promise<DoctorContext> {
  // With it Node would accept any certificate. The agent doesn't, so the diagnosis must not either.
  delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
  const { env, paths, agent, live } = options;
  const key = randomUUID();
  const resolution = (await openSystemConfiguration(env, paths)).current();
  const managed = await managedSources('claude-desktop');
  const configuration = once(() => requireSettings(resolution));
  const systemRoots = new SystemTrustStore({ log: silentLog });
  const proxies = new ProcessProxies({
    log: silentLog,
    systemRoots,
    locationOf: (key) => resolution.settings[key].origin?.location,
    desktop: (managedOnly) => readDesktopProxy({ env, managed, managedOnly }),
    session: () => options.session ?? env,
  });
  const routes = once(() => proxies.routes(configuration()));
  const send = once(() => {
    const { caFile, policyOnly } = configuration();
    return createTransport({ caFile, policyOnly, routes: routes(), systemRoots, timeoutMs: EXCHANGE_MS });
  });
  const entra = once(() => {
    const settings = configuration();
    return settings.credential === 'entra' ? openSignIn(settings, send) : undefined;
  });
  const desktop = once(() => readDesktopConfiguration({ env, managed }));
  const messages = once(() => {
    const address = calledAddress({ desktop, resolution });
    if (address === undefined || !address.url.startsWith('https:')) return undefined;
    const settings = configuration();
    const headers = addedHeaders(desktop(), settings);
    return openMessagesClient({ address, credential: settings.credential, headers }, send());
  });
  const agentStatus = once(async () => {
    const running = await agent.statusIfRunning();
    return { status: running ?? (await agent.status()), wasStarted: running === undefined };
  });
  let inHand: HeldToken | undefined;
  return {
    ...options,
    resolution,
    agentPlace: once(() =>
      AgentPlace.open((onPart) => agent.diagnose({ key, live }, onPart)).catch((thrown: unknown) => toAppError(thrown)),
    ),
    settings: once(() => viewSettings(resolution, env, key)),
    configuration,
    route: async (url) => routes().find(url),
    desktopRoute: async (url) => routes().ofDesktop(url),
    send,
    entra,
    firstServer: once(() => signInServer(entra()) ?? messagesServer(messages())),
    autostart: once(async () => (await systemAutostart(env)).entries()),
    agentStatus,
    heldToken: once(async () => {
      const { token, tokenType } = await tokenOfNow(agent.token, async () => (await agentStatus()).status);
      const secret = new Secret(token);
      inHand = { secret, claims: tokenType === 'Bearer' ? readClaims(secret) : undefined };
      return inHand;
    }),
    tokenInHand: () => inHand,
    desktop,
    messages,
  };
}

function signInServer(entra: EntraSignIn | undefined): FirstServer | undefined {
  if (entra === undefined) return undefined;
  return { url: new URL(entra.authority), name: 'the sign-in host', exchange: entra.metadata };
}

function messagesServer(client: MessagesClient | undefined): FirstServer | undefined {
  if (client === undefined) return undefined;
  const { url, via } = client.address;
  const name = via === 'gateway' ? 'the gateway' : 'the Foundry host';
  return { url: new URL(url), name, exchange: client.probe };
}
