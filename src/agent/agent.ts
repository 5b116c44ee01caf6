import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenConfiguration } from '../config/load.ts';
import type { ConfigurationSource } from '../config/sources/source.ts';
import { systemClock } from '../core/clock.ts';
import { inParentheses } from '../core/errno.ts';
import { AppError } from '../core/errors.ts';
import { commit, version } from '../core/version.ts';
import type { AgentAddress } from '../ipc/address.ts';
import { IpcServer } from '../ipc/server.ts';
import { type AuditFile, openAuditLog } from '../log/audit-log.ts';
import { causeOf, failureFields } from '../log/event-log.ts';
import { type LogFile, openLog } from '../log/log-file.ts';
import { SystemLog } from '../log/system-log.ts';
import { hasMemoryInDumps } from '../platform/core-dump.ts';
import { identityOf, UNREADABLE } from '../platform/file-identity.ts';
import type { Paths } from '../platform/paths.ts';
import { ensurePrivateFolder } from '../platform/private-file.ts';
import { type Return, WakeWatch } from '../platform/wake.ts';
import { audited } from './audited-handler.ts';
import { CurrentCredential } from './current-credential.ts';
import { Diagnoses } from './diagnosis.ts';
import { withLastFailure } from './failing-requests.ts';
import { Garbage } from './garbage.ts';
import { RefusedPeers } from './refused-peers.ts';
import { RequestHandler } from './request-handler.ts';
import { Surroundings } from './surroundings.ts';
import { AgentState } from './tokens/agent-state.ts';
import type { TokenRefresher } from './tokens/token-refresher.ts';

export interface AgentOptions {
  readonly configuration: OpenConfiguration;
  /** Of Claude Desktop's own managed settings. */
  readonly desktopManaged: readonly ConfigurationSource[];
  readonly paths: Paths;
  /** Where it may listen. It uses the first one that works. */
  readonly addresses: readonly AgentAddress[];
  readonly lock: AgentLock;
  /** Aborts when the agent must leave because the program that it belongs to has ended. */
  readonly ends: AbortSignal;
}

/** What makes this the user's only agent. */
export interface AgentLock {
  /** `gone`: someone removed its file. `replaced`: another agent may have its own lock. */
  state(): 'held' | 'gone' | 'replaced';
  /** Tells other sessions where this agent listens. */
  announce(address: string): void;
  /** Lets the next agent start. */
  release(): void;
}

/** How long a stop waits for the keystore, and for answers that are still due. */
const STOP_PATIENCE_MS = 3_000;
/** How often an idle agent checks that others can still find it. */
const PLACE_CHECK_MS = 60_000;

/**
 * Owns everything in the process. Starting, it listens and looks ahead; from then on it runs until `stop`, a signal, a
 * newer program, a fault, or the loss of its socket or lock ends it. It keeps the lock until its last write is done.
 */
export class Agent {
  readonly #addresses: readonly AgentAddress[];
  readonly #lock: AgentLock;
  readonly #log: LogFile;
  readonly #surroundings: Surroundings;
  readonly #credential: CurrentCredential;
  readonly #handler: RequestHandler;
  readonly #audit: AuditFile;
  readonly #state: AgentState;
  readonly #garbage = new Garbage();
  readonly #refused: RefusedPeers;
  readonly #ends: AbortSignal;
  #listening: { readonly server: IpcServer; readonly file: string; readonly identity: string | undefined } | undefined;
  #leaving = false;

  constructor({ paths, addresses, configuration, desktopManaged, lock, ends }: AgentOptions) {
    this.#addresses = addresses;
    this.#ends = ends;
    this.#lock = lock;
    ensurePrivateFolder(paths.state);
    const log = openLog({ folder: paths.log, level: 'info' });
    const systemLog = new SystemLog({ onFailure: () => log.warn('audit-not-forwarded') });
    const audit = openAuditLog(paths.log, (event, line) => systemLog.send(event, line));
    const mayWrite = (): boolean => lock.state() !== 'replaced';
    const state = new AgentState(paths.state, log, mayWrite);
    const surroundings = new Surroundings({
      ...{ configuration, log, state, desktopManaged, mayWrite },
      stateFolder: paths.state,
      onSecretsUsed: () => this.#garbage.onSecretsUsed(),
      audit,
    });
    const credential = new CurrentCredential(configuration, surroundings.parts(), ({ logLevel, auditToSystemLog }) => {
      log.setLevel(logLevel);
      systemLog.isOn = auditToSystemLog;
    });
    this.#handler = new RequestHandler({
      credential: () => credential.get(),
      states: () => state.all(),
      lastFailure: () => state.lastFailure,
      desktopTimeoutMs: () => surroundings.desktopTimes().timeoutMs,
      enter: (session) => surroundings.enter(session),
      diagnose: new Diagnoses().run,
      unwritable: () => [state, log, audit].map((owner) => owner.checkWritable()).filter((file) => file !== undefined),
      leave: (reason) => void this.#leave(reason),
      startedAt: new Date(),
    });
    this.#log = log;
    this.#refused = new RefusedPeers(log);
    this.#audit = audit;
    this.#state = state;
    this.#surroundings = surroundings;
    this.#credential = credential;
  }

  /**
   * Listens and looks ahead. From here on the process lives until `#leave`.
   * @returns where it listens
   * @throws AppError ERR_STATE_UNWRITABLE, ERR_AGENT_UNTRUSTED
   */
  async start(): Promise<string> {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void this.#leave('signal'));
    process.on('uncaughtException', (thrown) => this.#crash('uncaught-exception', thrown));
    process.on('unhandledRejection', (thrown) => this.#crash('unhandled-rejection', thrown));
    const file = await this.#listen();
    if (this.#ends.aborted) void this.#leave('starter-gone');
    this.#ends.addEventListener('abort', () => void this.#leave('starter-gone'));
    setInterval(() => this.#checkPlace(), PLACE_CHECK_MS).unref();
    this.#log.info('agent-started', {
      pid: process.pid,
      version: `${version}+${commit}`,
      platform: process.platform,
    });
    if (hasMemoryInDumps()) this.#log.warn('core-dumps-have-memory');
    this.#withRefresher((refresher) => refresher.start());
    new WakeWatch({ clock: systemClock, onReturn: (what) => this.#returned(what) }).start();
    return file;
  }

  #returned(what: Return): void {
    if (this.#leaving) return;
    this.#log.debug(what === 'wake' ? 'computer-awake' : 'network-changed');
    this.#withRefresher((refresher) => refresher.returned(what));
  }

  #withRefresher(work: (refresher: TokenRefresher) => void): void {
    try {
      const credential = this.#credential.get();
      if (credential.kind === 'entra') work(credential.refresher);
    } catch (thrown) {
      // Requests get this error too. Someone may fix the configuration while the agent runs.
      this.#log.warn('configuration-invalid', failureFields(thrown));
    }
  }

  /** At the first place that works. Some file systems can't hold sockets. */
  async #listen(): Promise<string> {
    const failures: AppError[] = [];
    for (const address of this.#addresses) {
      try {
        return await this.#listenAt(address);
      } catch (thrown) {
        const failure = cannotListen(address, thrown);
        if (failure.code === 'ERR_AGENT_UNTRUSTED') throw failure;
        this.#log.warn('listen-failed', failureFields(failure));
        failures.push(failure);
      }
    }
    throw failures[0] ?? new AppError('ERR_STATE_UNWRITABLE');
  }

  async #listenAt(address: AgentAddress): Promise<string> {
    ensurePrivateFolder(address.folder);
    const handle = audited(
      withLastFailure((request, channel) => this.#handler.handle(request, channel), this.#state),
      this.#audit,
    );
    const server = new IpcServer({
      address,
      handler: (request, channel) => {
        this.#garbage.onRequest();
        setImmediate(() => this.#checkPlace());
        return handle(request, channel);
      },
      onPeerError: (error) => this.#refused.note(error),
      onNewerPeer: () => void this.#leave('newer-version'),
    });
    await server.listen();
    const file = address.kind === 'unix' ? address.path : address.descriptor;
    this.#listening = { server, file, identity: identityOf(file) };
    this.#lock.announce(file);
    return file;
  }

  /** An agent that no one can find anymore would keep refreshing, and prevent the next one from starting. */
  #checkPlace(): void {
    if (this.#listening === undefined) return;
    const { file, identity } = this.#listening;
    const found = identityOf(file);
    const isReachable = found !== undefined && (found === identity || found === UNREADABLE);
    if (!isReachable || this.#lock.state() !== 'held') void this.#leave('place-gone');
  }

  async #leave(reason: string): Promise<void> {
    if (this.#leaving) return;
    this.#leaving = true;
    this.#log.info('agent-stopping', { reason });
    // Anyone who waits for a sign-in is told that it was canceled before the connection closes.
    const answered = this.#stopListening(STOP_PATIENCE_MS);
    // Keep the lock until the last write is done, so the next agent can't read the keystore before it.
    await Promise.race([Promise.all([this.#credential.stop(), answered]), sleep(STOP_PATIENCE_MS)]);
    this.#lock.release();
    this.#exit(0);
  }

  /** Closing a socket removes whatever is at its path, which may be a newer agent's. */
  async #stopListening(graceMs: number): Promise<void> {
    if (this.#listening === undefined) return;
    const { server, file, identity } = this.#listening;
    const found = identityOf(file);
    const isOurs = found === undefined ? this.#lock.state() === 'held' : found === identity;
    if (isOurs) await server.close(graceMs);
  }

  /** After a bug, the agent exits so that the next helper starts a sound one. What's in the keystore stays. */
  #crash(event: string, thrown: unknown): void {
    this.#log.error(event, { cause: causeOf(thrown) });
    void this.#stopListening(0);
    this.#exit(1);
  }

  /** An ordinary exit would wait for native threads, such as one that waits for an unlock prompt. */
  #exit(code: number): void {
    if (this.#surroundings.isThreadBusy) process.kill(process.pid, 'SIGKILL');
    process.exit(code);
  }
}

function cannotListen(address: AgentAddress, cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  const path = address.kind === 'unix' ? address.path : address.folder;
  return new AppError('ERR_STATE_UNWRITABLE', {
    detail: `no socket can be made: ${path}${inParentheses(cause)}`,
    cause,
  });
}
