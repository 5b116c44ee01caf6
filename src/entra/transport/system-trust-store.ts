// The root certificates that the operating system trusts. They're read only if the built-in ones aren't enough: on
// macOS, reading takes 5 to 40 s (nodejs/node#63313) and blocks its thread.
import { Worker } from 'node:worker_threads';
import { type Clock, systemClock } from '../../core/clock.ts';
import { type EventLog, failureFields } from '../../log/event-log.ts';
import { EnvironmentRoots } from './environment-roots.ts';

export interface SystemTrustStoreOptions {
  readonly log: EventLog;
  readonly clock?: Clock | undefined;
  /** PEM certificates. Default: the system's, read on another thread. */
  readonly read?: (() => Promise<readonly string[]>) | undefined;
}

/** After this, they're read again, because an admin may have installed one in the meantime. */
const FRESH_MS = 5 * 60_000;

/**
 * Owns the system's root certificates and the thread that reads them. The roots are unread, being read, or read. The
 * agent has one store for all its transports, which call `load` when a certificate's issuer is unknown. At most one
 * read is under way, and it never blocks the caller's thread.
 */
export class SystemTrustStore {
  readonly #log: EventLog;
  readonly #clock: Clock;
  readonly #read: () => Promise<readonly string[]>;
  readonly #environment = new EnvironmentRoots();
  #current: readonly string[] | undefined;
  #readAt: number | undefined;
  #reading: Promise<readonly string[] | undefined> | undefined;

  constructor({ log, clock = systemClock, read = readOnWorker }: SystemTrustStoreOptions) {
    this.#log = log;
    this.#clock = clock;
    this.#read = read;
  }

  /** Says whether roots count that the environment names; see `EnvironmentRoots`. */
  useEnvironment(counts: boolean): void {
    this.#environment.use(counts);
  }

  /** The roots as last read, `undefined` before the first read. The same array until its content changes. */
  get current(): readonly string[] | undefined {
    return this.#environment.isInSystemStore ? undefined : this.#current;
  }

  /** Whether a thread is reading them now. An ordinary exit would wait for it. */
  get isReading(): boolean {
    return this.#reading !== undefined;
  }

  /**
   * Returns the roots, reading them unless that happened within the last 5 minutes. Never rejects: if reading fails,
   * the previous roots stay. `undefined` if there are none that may be used.
   */
  load(): Promise<readonly string[] | undefined> {
    if (this.#environment.isInSystemStore) return Promise.resolve(undefined);
    const fresh = this.#readAt !== undefined && this.#clock.monotonic() - this.#readAt < FRESH_MS;
    if (fresh) return Promise.resolve(this.#current);
    this.#reading ??= this.#readOnce().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #readOnce(): Promise<readonly string[] | undefined> {
    const startedAt = this.#clock.monotonic();
    try {
      const roots = await this.#read();
      if (!isSame(roots, this.#current)) this.#current = roots;
      this.#log.info('system-roots-read', { durationMs: Math.round(this.#clock.monotonic() - startedAt) });
    } catch (thrown) {
      this.#log.warn('system-roots-unreadable', failureFields(thrown));
    }
    this.#readAt = this.#clock.monotonic();
    return this.#current;
  }
}

function isSame(a: readonly string[], b: readonly string[] | undefined): boolean {
  return a.length === b?.length && a.every((certificate, index) => certificate === b[index]);
}

/**
 * Source text, because a packaged program has no file for the worker. On Linux, a root appears once for each name of
 * its file.
 */
const READER = `
  const { parentPort } = require('node:worker_threads');
  const { getCACertificates } = require('node:tls');
  parentPort.postMessage([...new Set(getCACertificates('system'))]);
`;

function readOnWorker(): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(READER, { eval: true, execArgv: [] });
    worker.unref();
    worker.once('message', (roots: readonly string[]) => resolve(roots));
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the thread ended without an answer')));
  });
}
