import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { Worker } from 'node:worker_threads';
import { isPackaged, readAsset } from '../../platform/packaged.ts';
import { ownAddresses } from './own-addresses.ts';
import {
  ADDRESSES_BYTES,
  HEADER_BYTES,
  type PacMessage,
  type PacQuestion,
  type PacWorkerData,
} from './pac-messages.ts';

export interface PacThreadOptions {
  /** Milliseconds for one answer, names that are resolved included. */
  readonly deadlineMs?: number;
  /** Milliseconds without a question after which the thread ends. */
  readonly idleMs?: number;
  /** All addresses of a name. Default: the system's resolver. @throws if it has none */
  readonly resolve?: ((host: string) => Promise<readonly string[]>) | undefined;
}

const DEADLINE_MS = 8_000;
/** The file notices on its own that its time is over, unless it's in a loop that QuickJS can't interrupt. */
const GRACE_MS = 500;
/** For the thread to start, which takes a tenth of a second on an idle computer. */
const START_MS = 20_000;
const IDLE_MS = 15_000;
/** What Node's own heap of the thread may take. QuickJS's memory is limited in `pac-sandbox.ts`. */
const HEAP_MB = 64;

/**
 * Runs one PAC file on a separate thread, so that a file that hangs stops no one else. The thread starts with the
 * first question and ends when there are none for a while, or when the file takes too long.
 */
export class PacThread {
  readonly #script: string;
  readonly #deadlineMs: number;
  readonly #idleMs: number;
  readonly #resolve: (host: string) => Promise<readonly string[]>;
  #running: Running | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(script: string, { deadlineMs = DEADLINE_MS, idleMs = IDLE_MS, resolve = resolveName }: PacThreadOptions) {
    this.#script = script;
    this.#deadlineMs = deadlineMs;
    this.#idleMs = idleMs;
    this.#resolve = resolve;
  }

  /**
   * What the file answers, one question after the other.
   * @throws Error that says what's wrong with the file, as a clause
   */
  ask(url: URL): Promise<string> {
    const answer = this.#queue.then(() => this.#ask(url));
    this.#queue = answer.catch(() => undefined);
    return answer;
  }

  /** Ends the thread. */
  stop(): void {
    this.#running?.end();
    this.#running = undefined;
  }

  async #ask(url: URL): Promise<string> {
    const question: PacQuestion = {
      // Chromium and Firefox keep the path to themselves too: it's no one's business, and there may be secrets in it.
      url: `${url.protocol}//${url.host}/`,
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      ownAddresses: await ownAddresses(),
    };
    this.#running ??= new Running(this.#script, this.#deadlineMs, this.#resolve);
    try {
      const answer = await this.#running.ask(question);
      this.#running.endAfter(this.#idleMs, () => this.stop());
      return answer;
    } catch (thrown) {
      this.stop();
      throw thrown;
    }
  }
}

/** One question that waits for its answer. */
interface Waiting {
  readonly done: (answer: string) => void;
  readonly fail: (reason: string) => void;
}

class Running {
  readonly #worker: Worker;
  readonly #shared = new SharedArrayBuffer(HEADER_BYTES + ADDRESSES_BYTES);
  readonly #resolve: (host: string) => Promise<readonly string[]>;
  readonly #deadlineMs: number;
  #waiting: Waiting | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(script: string, deadlineMs: number, resolve: (host: string) => Promise<readonly string[]>) {
    this.#resolve = resolve;
    this.#deadlineMs = deadlineMs;
    this.#worker = startWorker({ script, deadlineMs, shared: this.#shared })
      .on('message', (message: PacMessage) => this.#onMessage(message))
      .on('error', () => this.#waiting?.fail('it needs too much memory'))
      .on('exit', () => this.#waiting?.fail('its thread ended'));
    this.#worker.unref();
  }

  async ask(question: PacQuestion): Promise<string> {
    this.#wait(START_MS);
    this.#worker.ref();
    try {
      return await new Promise((done, fail) => {
        this.#waiting = { done, fail: (reason) => fail(new Error(reason)) };
        this.#worker.postMessage(question);
      });
    } finally {
      this.#waiting = undefined;
      this.#worker.unref();
      clearTimeout(this.#timer);
    }
  }

  endAfter(idleMs: number, end: () => void): void {
    this.#timer = setTimeout(end, idleMs).unref();
  }

  end(): void {
    clearTimeout(this.#timer);
    void this.#worker.terminate();
  }

  #onMessage(message: PacMessage): void {
    if (message.kind === 'started') this.#wait(this.#deadlineMs + GRACE_MS);
    else if (message.kind === 'resolve') void this.#answerName(message.host);
    else if (message.kind === 'answer') this.#waiting?.done(message.answer);
    else this.#waiting?.fail(message.reason);
  }

  #wait(patienceMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#waiting?.fail('it took too long'), patienceMs);
  }

  async #answerName(host: string): Promise<void> {
    const addresses = await this.#resolve(host).catch(() => []);
    // As many as fit; no one needs more than a few.
    const text = Buffer.from(JSON.stringify(addresses.slice(0, ADDRESSES_BYTES / 64)));
    const state = new Int32Array(this.#shared, 0, 2);
    new Uint8Array(this.#shared, HEADER_BYTES).set(text);
    Atomics.store(state, 1, text.length);
    Atomics.store(state, 0, 1);
    Atomics.notify(state, 0);
  }
}

async function resolveName(host: string): Promise<readonly string[]> {
  const found = await lookup(host, { all: true });
  return found.map(({ address }) => address.replace(/%.*$/, '')).filter((address) => isIP(address) !== 0);
}

/** The name of the asset with the thread's code. */
const ASSET = 'pac.js';

function startWorker(workerData: PacWorkerData): Worker {
  const options = { workerData, execArgv: [], env: {}, resourceLimits: { maxOldGenerationSizeMb: HEAP_MB } };
  if (!isPackaged()) return new Worker(new URL('./pac-worker.ts', import.meta.url), options);
  const code = readAsset(ASSET);
  if (code === undefined) throw new Error(`${ASSET} is missing from this program`);
  // The bundler writes only ASCII.
  return new Worker(code.toString('latin1'), { ...options, eval: true });
}
