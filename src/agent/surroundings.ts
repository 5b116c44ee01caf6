import { type CurrentTimes, openDesktopTimes } from '../claude-desktop/current-times.ts';
import { readDesktopProxy } from '../claude-desktop/egress-proxy.ts';
import type { OpenConfiguration } from '../config/load.ts';
import type { ConfigurationSource } from '../config/sources/source.ts';
import { systemClock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { printable } from '../core/printable.ts';
import type { Broker } from '../entra/broker/broker.ts';
import { createBrokerTokenSource } from '../entra/broker/broker-token-source.ts';
import { everyTokenSource } from '../entra/every-token-source.ts';
import { createTokenSource } from '../entra/msal/msal-token-source.ts';
import { SystemTrustStore } from '../entra/transport/system-trust-store.ts';
import type { AuditLog } from '../log/audit-log.ts';
import type { EventLog } from '../log/event-log.ts';
import type { NotifyOutcome } from '../notify/notify.ts';
import { type CallerSession, inSession } from '../platform/caller-session.ts';
import { openUrl } from '../platform/open-url.ts';
import { ProcessProxies } from '../proxy/process-proxies.ts';
import { createSignInPageServer } from '../sign-in-page/server/server.ts';
import { openRememberedStore } from '../storage/open-secret-store.ts';
import type { DatedStore } from '../storage/secret-store.ts';
import type { CredentialParts } from './current-credential.ts';
import { PageRecall } from './sign-in/page-recall.ts';
import type { AgentState } from './tokens/agent-state.ts';
import { RefreshTokenStore } from './tokens/refresh-token-store.ts';
import type { ForeseenEnd } from './tokens/sign-in-life.ts';

export interface SurroundingsOptions {
  readonly configuration: OpenConfiguration;
  readonly log: EventLog;
  readonly state: AgentState;
  readonly stateFolder: string;
  /** Whether no other agent has taken this one's place. */
  readonly mayWrite: () => boolean;
  /** Called after each refresh and sign-in, whatever came of it. */
  readonly onSecretsUsed: () => void;
  readonly audit: AuditLog;
  /** Of Claude Desktop's own managed settings. */
  readonly desktopManaged: readonly ConfigurationSource[];
}

const DESKTOP_TIMES_FRESH_MS = 1_000;
const BUS = 'DBUS_SESSION_BUS_ADDRESS';

/**
 * The process's one keystore, one set of trusted roots and proxies, and one record store for each keystore entry,
 * whichever credential uses them. The session belongs to the requester: it's kept only for notifications, which have no
 * request, and for the proxy settings of its desktop.
 */
export class Surroundings {
  readonly #options: SurroundingsOptions;
  readonly #trust: SystemTrustStore;
  readonly #proxies: ProcessProxies;
  readonly #recall: PageRecall;
  readonly #records = new Map<string, RefreshTokenStore>();
  #store: Promise<DatedStore> | undefined;
  #openedStore: DatedStore | undefined;
  readonly #readDesktopTimes: () => CurrentTimes;
  #desktop: { readonly times: CurrentTimes; readonly at: number } | undefined;
  #session: CallerSession | undefined;

  constructor(options: SurroundingsOptions) {
    this.#options = options;
    this.#readDesktopTimes = openDesktopTimes({ managed: options.desktopManaged });
    this.#trust = new SystemTrustStore({ log: options.log });
    this.#recall = new PageRecall({
      clock: systemClock,
      log: options.log,
      notify: process.platform === 'linux' ? (session, signal) => notifyWaiting(inSession(session), signal) : undefined,
    });
    this.#proxies = new ProcessProxies({
      log: options.log,
      systemRoots: this.#trust,
      locationOf: (key) => options.configuration.current().settings[key].origin?.location,
      desktop: (managedOnly) => readDesktopProxy({ managed: options.desktopManaged, managedOnly }),
      session: () => inSession(this.#session),
    });
  }

  /** A native thread works on something that can't be canceled, and an ordinary exit would wait for it. */
  get isThreadBusy(): boolean {
    return this.#openedStore?.busy === true || this.#trust.isReading;
  }

  /**
   * Notes the session of a request. The keystore is on its bus, unless it has been opened on another one: the D-Bus
   * library reads the address once in a process.
   */
  enter(session: CallerSession | undefined): 'other-bus' | undefined {
    if (session === undefined) return undefined;
    this.#session = session;
    const bus = session[BUS];
    if (bus === undefined || bus === process.env[BUS]) return undefined;
    if (this.#store !== undefined) return 'other-bus';
    process.env[BUS] = bus;
    return undefined;
  }

  /** Claude Desktop reads its settings once, when it starts, so a second late is soon enough. */
  desktopTimes(): CurrentTimes {
    const now = systemClock.monotonic();
    if (this.#desktop === undefined || now - this.#desktop.at > DESKTOP_TIMES_FRESH_MS) {
      this.#desktop = { times: this.#readDesktopTimes(), at: now };
    }
    return this.#desktop.times;
  }

  parts(): CredentialParts {
    const { log, state, audit, onSecretsUsed } = this.#options;
    const clock = systemClock;
    return {
      clock,
      log,
      state,
      random: Math.random,
      onSignInEnd: (error) =>
        error === undefined
          ? audit.note('signed-in')
          : audit.note('sign-in-failed', { code: error.code, correlationId: error.correlationId }),
      openStore: () => this.#openStore(),
      recordsOf: (key) => this.#recordsOf(key),
      createTokenSource: (configuration) =>
        everyTokenSource(
          createTokenSource({
            ...configuration,
            ...{ log, systemRoots: this.#trust, routes: this.#proxies.routes(configuration) },
          }),
          createBrokerTokenSource({
            ...configuration,
            ...{ clock, openBroker: () => openSystemBroker(inSession(this.#session)) },
          }),
          onSecretsUsed,
        ),
      openPage: (callbacks) => createSignInPageServer({ ...callbacks, clock, log }),
      openUrl: (url, session) => openUrl(url, { env: inSession(session), folder: this.#options.stateFolder }),
      recall: this.#recall,
      findClaudeUrl: async () =>
        (await import('../claude-desktop/open-link.ts')).findClaudeUrl({ env: inSession(this.#session) }),
      desktopTtlMs: () => this.desktopTimes().cacheMs,
      managedDesktopTtlMs: () => this.desktopTimes().managedCacheMs,
      notifySignInNeeded:
        process.platform === 'linux'
          ? (username, signal) => notifySignInNeeded(username, inSession(this.#session), signal)
          : undefined,
      notifySignInEnding:
        process.platform === 'linux'
          ? (end, signal) => notifySignInEnding(end, inSession(this.#session), signal)
          : undefined,
      lastSession: () => this.#session,
    };
  }

  #recordsOf(key: string): RefreshTokenStore {
    const records =
      this.#records.get(key) ?? new RefreshTokenStore(() => this.#openStore(), key, this.#options.log, systemClock);
    this.#records.set(key, records);
    return records;
  }

  /** Opened when first needed. If there's no keystore, the next try may find one. */
  async #openStore(): Promise<DatedStore> {
    // The other agent may have stored a newer sign-in.
    if (!this.#options.mayWrite()) {
      throw new AppError('ERR_AGENT_UNREACHABLE', { detail: 'another agent has taken its place' });
    }
    this.#store ??= openRememberedStore(this.#options.stateFolder);
    try {
      this.#openedStore = await this.#store;
      return this.#openedStore;
    } catch (thrown) {
      this.#store = undefined;
      throw thrown;
    }
  }
}

/** Longer than any user name of Entra's (113 characters). */
const MAX_NAME = 256;

async function openSystemBroker(env: NodeJS.ProcessEnv): Promise<Broker> {
  return (await import('../entra/broker/open-broker.ts')).openBroker(env);
}

async function notifySignInNeeded(
  username: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<NotifyOutcome> {
  const [{ notify }, { signInEndedMessage }] = await Promise.all([
    import('../notify/notify.ts'),
    import('../notify/messages.ts'),
  ]);
  return notify(signInEndedMessage(printable(username, MAX_NAME)), signal, { env });
}

async function notifySignInEnding(
  { at, reason }: ForeseenEnd,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<NotifyOutcome> {
  const [{ notify }, { signInEndingMessage }] = await Promise.all([
    import('../notify/notify.ts'),
    import('../notify/messages.ts'),
  ]);
  return notify(signInEndingMessage(at, reason === 'password'), signal, { env });
}

/** A session without a notification service is found out sooner than usual, because someone waits for the page. */
const WAITING_APPEARS_MS = 5_000;

async function notifyWaiting(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<NotifyOutcome> {
  const [{ notify }, { waitingMessage }] = await Promise.all([
    import('../notify/notify.ts'),
    import('../notify/messages.ts'),
  ]);
  return notify(waitingMessage(), signal, { env, appearsMs: WAITING_APPEARS_MS });
}
