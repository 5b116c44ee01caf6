// The root certificates that the operating system trusts. Read only where the built-in ones were not enough: on macOS
// that takes 5 to 40 s (nodejs/node#63313), in which the thread that asked does nothing else.
import { Worker } from 'node:worker_threads';
import { type Clock, systemClock } from '../../core/clock.ts';
import { type EventLog, failureFields } from '../../log/event-log.ts';

export interface SystemTrustStoreOptions {
  readonly log: EventLog;
  readonly clock?: Clock | undefined;
  /** PEM certificates. Default: the system's, read on another thread. */
  readonly read?: (() => Promise<readonly string[]>) | undefined;
}

/** After this, a root that the admin has installed meanwhile is looked for. */
const FRESH_MS = 5 * 60_000;

export class SystemTrustStore {
  readonly #log: EventLog;
  readonly #clock: Clock;
  readonly #read: () => Promise<readonly string[]>;
  #current: readonly string[] | undefined;
  #readAt: number | undefined;
  #reading: Promise<readonly string[] | undefined> | undefined;

  constructor({ log, clock = systemClock, read = readOnWorker }: SystemTrustStoreOptions) {
    this.#log = log;
    this.#clock = clock;
    this.#read = read;
  }

  /** What was read last; the same array as long as nothing in it has changed. */
  get current(): readonly string[] | undefined {
    return this.#current;
  }

  /** Whether a thread reads them now. An ordinary exit would wait for it. */
  get isReading(): boolean {
    return this.#reading !== undefined;
  }

  /** The roots, read now unless that was done a moment ago. Never rejects: after a failure they are what they were. */
  load(): Promise<readonly string[] | undefined> {
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

/** Source text, since a packaged program has no file to give. Linux lists a root once for each name of its file. */
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
