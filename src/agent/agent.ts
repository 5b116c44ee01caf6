// The resident agent: composes configuration, log, keystore, Entra, prompt and IPC, and lives until it is stopped.
import { setTimeout as sleep } from 'node:timers/promises';
import { type DesktopTimes, desktopTimes } from '../claude-desktop/cache-time.ts';
import { readDesktopConfiguration } from '../claude-desktop/read.ts';
import type { OpenConfiguration } from '../config/load.ts';
import { type Resolution, requireSettings } from '../config/resolve.ts';
import type { ConfigurationSource } from '../config/sources/source.ts';
import { systemClock } from '../core/clock.ts';
import { commit, version } from '../core/version.ts';
import { createTokenSource } from '../entra/msal/msal-token-source.ts';
import { SystemTrustStore } from '../entra/transport/system-trust-store.ts';
import type { Endpoint } from '../ipc/endpoint.ts';
import { listenByNet } from '../ipc/net-listener.ts';
import { pipeListener } from '../ipc/pipe-listener.ts';
import { IpcServer } from '../ipc/server.ts';
import { causeOf, type EventLog, failureFields } from '../log/event-log.ts';
import { type LogFile, openLog } from '../log/log-file.ts';
import type { NotifyOutcome } from '../notify/notify.ts';
import { isSeedRandom } from '../platform/hash-seed.ts';
import { openUrl } from '../platform/open-url.ts';
import type { Paths } from '../platform/paths.ts';
import { ensurePrivateFolder } from '../platform/private-file.ts';
import { createSignInPageServer } from '../sign-in-page/server/server.ts';
import { openSecretStore } from '../storage/open-secret-store.ts';
import type { SecretStore } from '../storage/secret-store.ts';
import { ApiKeyCredential, type ApiKeyCredentialParts } from './credentials/api-key-credential.ts';
import { EntraCredential, type EntraCredentialParts } from './credentials/entra-credential.ts';
import { IdleMemory } from './idle-memory.ts';
import { RequestHandler } from './request-handler.ts';
import { AgentState } from './tokens/agent-state.ts';
import { RefreshTokenStore } from './tokens/refresh-token-store.ts';
import { UnknownSettings } from './unknown-settings.ts';

export interface AgentOptions {
  readonly configuration: OpenConfiguration;
  /** Of Claude Desktop's own managed settings. */
  readonly desktopManaged: readonly ConfigurationSource[];
  readonly paths: Paths;
  readonly endpoint: Endpoint;
  /** Lets the next agent start. */
  readonly releaseLock: () => void;
}

const DESKTOP_SETTINGS_FRESH_MS = 60_000;
/** How long a stop waits for the keystore. */
const STOP_PATIENCE_MS = 3_000;

export class Agent {
  readonly #options: AgentOptions;
  readonly #configuration: OpenConfiguration;
  readonly #log: LogFile;
  readonly #unknownSettings: UnknownSettings;
  readonly #state: AgentState;
  readonly #server: IpcServer;
  readonly #systemRoots: SystemTrustStore;
  readonly #idleMemory: IdleMemory;
  readonly #retiring = new Set<Promise<void>>();
  /** One for each keystore entry, so that everything agrees on what the entry holds. */
  readonly #records = new Map<string, RefreshTokenStore>();
  #store: Promise<SecretStore> | undefined;
  #openedStore: SecretStore | undefined;
  #desktop: { readonly times: DesktopTimes; readonly readAt: number } | undefined;
  #credential:
    | {
        readonly resolution: Resolution;
        readonly fingerprint: string;
        readonly current: EntraCredential | ApiKeyCredential;
      }
    | undefined;
  #leaving = false;

  constructor(options: AgentOptions) {
    const { paths, endpoint, configuration } = options;
    this.#options = options;
    ensurePrivateFolder(paths.state);
    this.#configuration = configuration;
    this.#log = openLog({ folder: paths.log, level: 'info' });
    this.#unknownSettings = new UnknownSettings(this.#log);
    this.#state = new AgentState(paths.state, this.#log);
    this.#systemRoots = new SystemTrustStore({ log: this.#log });
    this.#idleMemory = new IdleMemory(this.#log);
    const handler = new RequestHandler({
      credential: () => this.#currentCredential(),
      states: () => this.#state.all(),
      desktopTimeoutMs: () => this.#desktopTimes().timeoutMs,
      leave: (reason) => void this.#leave(reason),
      startedAt: new Date(),
    });
    this.#server = new IpcServer({
      listen: pipeListener() ?? listenByNet,
      endpoint,
      handler: (request, channel) => {
        this.#idleMemory.answered();
        return handler.handle(request, channel);
      },
      onPeerError: ({ code, detail }) => this.#log.warn('peer-refused', { code, detail }),
      onNewerProtocol: () => void this.#leave('newer-version'),
    });
  }

  /** Listens and looks ahead; from here on the process lives until `#leave`. */
  async start(): Promise<void> {
    await this.#server.listen();
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void this.#leave('signal'));
    process.on('uncaughtException', (thrown) => this.#crash('uncaught-exception', thrown));
    process.on('unhandledRejection', (thrown) => this.#crash('unhandled-rejection', thrown));
    this.#log.info('agent-started', {
      pid: process.pid,
      version: `${version}+${commit}`,
      platform: process.platform,
      hashSeed: isSeedRandom() ? 'random' : 'fixed',
    });
    try {
      const credential = this.#currentCredential();
      if (credential.kind === 'entra') credential.refresher.start();
    } catch (thrown) {
      // Told to whoever asks; the configuration may be put right while the agent runs.
      this.#log.warn('configuration-invalid', failureFields(thrown));
    }
  }

  /** What the configuration hands out now; a change of any setting replaces it. */
  #currentCredential(): EntraCredential | ApiKeyCredential {
    const resolution = this.#configuration.current();
    this.#unknownSettings.report(resolution);
    if (this.#credential?.resolution === resolution) return this.#credential.current;
    const configuration = requireSettings(resolution);
    const fingerprint = JSON.stringify(configuration);
    if (this.#credential?.fingerprint === fingerprint) {
      this.#credential = { ...this.#credential, resolution };
      return this.#credential.current;
    }
    this.#retire();
    this.#log.setLevel(configuration.logLevel);
    const parts = this.#parts();
    const current =
      configuration.credential === 'api-key'
        ? new ApiKeyCredential(configuration, parts)
        : new EntraCredential(configuration, parts);
    this.#credential = { resolution, fingerprint, current };
    return current;
  }

  #parts(): EntraCredentialParts & ApiKeyCredentialParts {
    const log: EventLog = this.#log;
    const clock = systemClock;
    return {
      clock,
      log,
      state: this.#state,
      random: Math.random,
      openStore: () => this.#openStore(),
      recordsOf: (key) => this.#recordsOf(key),
      createTokenSource: (configuration) =>
        createTokenSource({ ...configuration, log, systemRoots: this.#systemRoots }),
      openPage: (callbacks) => createSignInPageServer({ ...callbacks, clock, log }),
      openUrl,
      desktopTtlMs: () => this.#desktopTimes().cacheMs,
      notifySignInNeeded,
      onGrant: () => this.#idleMemory.worked(),
    };
  }

  /** Claude Desktop reads them once at its launch, so a minute late is soon enough. */
  #desktopTimes(): DesktopTimes {
    const now = systemClock.monotonic();
    if (this.#desktop === undefined || now - this.#desktop.readAt > DESKTOP_SETTINGS_FRESH_MS) {
      const reading = readDesktopConfiguration({ managed: this.#options.desktopManaged });
      this.#desktop = { times: desktopTimes(reading), readAt: now };
    }
    return this.#desktop.times;
  }

  #recordsOf(key: string): RefreshTokenStore {
    const records = this.#records.get(key) ?? new RefreshTokenStore(() => this.#openStore(), key, this.#log);
    this.#records.set(key, records);
    return records;
  }

  /** Opened when first needed; a keystore that was not there may be at the next try. */
  #openStore(): Promise<SecretStore> {
    const store =
      this.#store ??
      openSecretStore().then(
        (opened) => {
          this.#openedStore = opened;
          return opened;
        },
        (thrown: unknown) => {
          this.#store = undefined;
          throw thrown;
        },
      );
    this.#store = store;
    return store;
  }

  #retire(): void {
    const old = this.#stopCredential();
    this.#retiring.add(old);
    void old.finally(() => this.#retiring.delete(old));
  }

  /** An API key has nothing under way: each change of it is awaited by whoever asked. */
  async #stopCredential(): Promise<void> {
    const current = this.#credential?.current;
    if (current?.kind === 'entra') await current.stop();
  }

  async #leave(reason: string): Promise<void> {
    if (this.#leaving) return;
    this.#leaving = true;
    this.#log.info('agent-stopping', { reason });
    await this.#server.close();
    // The lock stays ours until the last write is through, so that a successor cannot read the keystore before it.
    const stopped = Promise.all([this.#stopCredential(), ...this.#retiring]);
    await Promise.race([stopped, sleep(STOP_PATIENCE_MS)]);
    this.#options.releaseLock();
    this.#exit(0);
  }

  /** A fault of ours ends the agent, so that the next helper starts a sound one; what is in the keystore stays. */
  #crash(event: string, thrown: unknown): void {
    this.#log.error(event, { cause: causeOf(thrown) });
    this.#exit(1);
  }

  /** An ordinary exit waits for native threads: for an unlock prompt that nobody answers, or the system's roots. */
  #exit(code: number): void {
    if (this.#openedStore?.busy === true || this.#systemRoots.isReading) process.kill(process.pid, 'SIGKILL');
    process.exit(code);
  }
}

async function notifySignInNeeded(username: string, signal: AbortSignal): Promise<NotifyOutcome> {
  const [{ notify }, { signInEndedMessage }] = await Promise.all([
    import('../notify/notify.ts'),
    import('../notify/messages.ts'),
  ]);
  return notify(signInEndedMessage(username), signal);
}
