// The resident agent's life: it starts, serves requests, and leaves.
import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenConfiguration } from '../config/load.ts';
import type { ConfigurationSource } from '../config/sources/source.ts';
import { commit, version } from '../core/version.ts';
import type { Endpoint } from '../ipc/endpoint.ts';
import { IpcServer } from '../ipc/server.ts';
import { causeOf, failureFields } from '../log/event-log.ts';
import { type LogFile, openLog } from '../log/log-file.ts';
import type { Paths } from '../platform/paths.ts';
import { ensurePrivateFolder } from '../platform/private-file.ts';
import { CurrentCredential } from './current-credential.ts';
import { RequestHandler } from './request-handler.ts';
import { Surroundings } from './surroundings.ts';
import { AgentState } from './tokens/agent-state.ts';

export interface AgentOptions {
  readonly configuration: OpenConfiguration;
  /** Of Claude Desktop's own managed settings. */
  readonly desktopManaged: readonly ConfigurationSource[];
  readonly paths: Paths;
  readonly endpoint: Endpoint;
  /** Lets the next agent start. */
  readonly releaseLock: () => void;
}

/** How long no request must have come before garbage is collected. */
const IDLE_MS = 10_000;
/** How long a stop waits for the keystore. */
const STOP_PATIENCE_MS = 3_000;

/**
 * Owns everything in the process. Starting, it listens and looks ahead; from then on it runs until `stop`, a signal, a newer
 * program, or a fault ends it. It keeps the lock until its last write is through.
 */
export class Agent {
  readonly #releaseLock: () => void;
  readonly #log: LogFile;
  readonly #surroundings: Surroundings;
  readonly #credential: CurrentCredential;
  readonly #server: IpcServer;
  /** Collects garbage after a quiet time. V8 alone waits until its heap has grown. Only the packaged program has `gc`. */
  readonly #idle = setTimeout(() => globalThis.gc?.({ type: 'major', flavor: 'last-resort' }), IDLE_MS).unref();
  #leaving = false;

  constructor({ paths, endpoint, configuration, desktopManaged, releaseLock }: AgentOptions) {
    this.#releaseLock = releaseLock;
    ensurePrivateFolder(paths.state);
    const log = openLog({ folder: paths.log, level: 'info' });
    const state = new AgentState(paths.state, log);
    const surroundings = new Surroundings({ log, state, desktopManaged, stateFolder: paths.state });
    const credential = new CurrentCredential(configuration, surroundings.parts(), log);
    const handler = new RequestHandler({
      credential: () => credential.get(),
      states: () => state.all(),
      desktopTimeoutMs: () => surroundings.desktopTimes().timeoutMs,
      enter: (session) => surroundings.enter(session),
      leave: (reason) => void this.#leave(reason),
      startedAt: new Date(),
    });
    this.#log = log;
    this.#surroundings = surroundings;
    this.#credential = credential;
    this.#server = new IpcServer({
      endpoint,
      handler: (request, channel) => {
        this.#idle.refresh();
        return handler.handle(request, channel);
      },
      onPeerError: ({ code, detail }) => log.warn('peer-refused', { code, detail }),
      onNewerPeer: () => void this.#leave('newer-version'),
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
    });
    try {
      const credential = this.#credential.get();
      if (credential.kind === 'entra') credential.refresher.start();
    } catch (thrown) {
      // Requests get this error too. Someone may fix the configuration while the agent runs.
      this.#log.warn('configuration-invalid', failureFields(thrown));
    }
  }

  async #leave(reason: string): Promise<void> {
    if (this.#leaving) return;
    this.#leaving = true;
    this.#log.info('agent-stopping', { reason });
    await this.#server.close();
    // Keep the lock until the last write is done, so the next agent can't read the keystore before it.
    await Promise.race([this.#credential.stop(), sleep(STOP_PATIENCE_MS)]);
    this.#releaseLock();
    this.#exit(0);
  }

  /** After a bug, the agent exits so that the next helper starts a sound one. What's in the keystore stays. */
  #crash(event: string, thrown: unknown): void {
    this.#log.error(event, { cause: causeOf(thrown) });
    this.#exit(1);
  }

  /** An ordinary exit would wait for native threads, such as one that waits for an unlock prompt. */
  #exit(code: number): void {
    if (this.#surroundings.isThreadBusy) process.kill(process.pid, 'SIGKILL');
    process.exit(code);
  }
}
