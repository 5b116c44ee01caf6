import type { SecureContext } from 'node:tls';
import { type Clock, elapsedSince, type Instant, instant } from '../../core/clock.ts';
import { printable } from '../../core/printable.ts';
import { networkFingerprint } from '../network-fingerprint.ts';
import { type PacAnswer, parsePacAnswer } from './pac-answer.ts';
import { describeDownloadFailure, downloadPac, type PacDownloadOptions } from './pac-download.ts';
import { PacThread, type PacThreadOptions } from './pac-thread.ts';

export interface PacFilesOptions {
  readonly clock: Clock;
  /** Changes with the network. Default: by this computer's addresses. */
  readonly network?: () => string;
  readonly download?: (address: string, options: PacDownloadOptions) => Promise<string>;
  readonly thread?: PacThreadOptions;
}

export interface PacTrust {
  /** The roots for a PAC file on an https:// server. @throws AppError if they can't be read */
  context(): SecureContext | undefined;
  /** Other roots to try after a failure with this cause; `undefined` if there are none. */
  retry(thrown: unknown): Promise<SecureContext | undefined>;
}

export type PacOutcome =
  | ({ readonly state: 'answer' } & PacAnswer)
  /** `reason` completes `the PAC file …`. */
  | { readonly state: 'failed'; readonly reason: string };

/** After this, a file is downloaded again. A change of the network doesn't wait for it. */
const FRESH_MS = 10 * 60_000;
/** A server that didn't answer isn't asked again for each request. */
const FAILED_FRESH_MS = 30_000;
/** An answer may depend on the time of day and on names. */
const ANSWER_FRESH_MS = 30_000;
const DOWNLOAD_MS = 5_000;
/** The wall clock runs on during sleep and the other one doesn't. The computer may have woken up in another network. */
const SLEEP_MS = 10_000;
const MAX_REASON = 160;

interface Loaded {
  /** How often `renew` had been called before. */
  readonly renewals: number;
  readonly network: string;
  readonly at: Instant;
  /** Milliseconds. */
  readonly freshMs: number;
  readonly file: { readonly thread: PacThread; readonly script: string } | { readonly reason: string };
  readonly answers: Map<string, { readonly at: Instant; readonly outcome: PacOutcome }>;
}

/**
 * Owns the PAC files in use and the threads that run them. A file is downloaded when it's first needed, again when it's
 * old, after `renew`, and immediately after the network has changed or the computer has slept. Used without a PAC file,
 * it costs nothing.
 */
export class PacFiles {
  readonly #options: PacFilesOptions;
  readonly #loaded = new Map<string, Promise<Loaded>>();
  #renewals = 0;

  constructor(options: PacFilesOptions) {
    this.#options = options;
  }

  /** How the PAC file at `address` answers for `url`. Never rejects. */
  async find(address: string, url: URL, trust: PacTrust): Promise<PacOutcome> {
    const { file, answers } = await this.#current(address, trust);
    if ('reason' in file) return { state: 'failed', reason: file.reason };
    const known = answers.get(url.host);
    if (known !== undefined && this.#age(known.at) < ANSWER_FRESH_MS) return known.outcome;
    const outcome = await ask(file.thread, url);
    answers.set(url.host, { at: instant(this.#options.clock), outcome });
    return outcome;
  }

  /** The files may be out of date, as their answers led nowhere: the next one who asks has them downloaded again. */
  renew(): void {
    this.#renewals += 1;
  }

  /** Ends all threads. */
  async stop(): Promise<void> {
    const loaded = await Promise.all(this.#loaded.values());
    this.#loaded.clear();
    for (const { file } of loaded) if ('thread' in file) file.thread.stop();
  }

  /** At most one download of a file is under way. */
  async #current(address: string, trust: PacTrust): Promise<Loaded> {
    const known = this.#loaded.get(address);
    if (known === undefined) return this.#start(address, trust, undefined);
    const loaded = await known;
    if (this.#isFresh(loaded)) return loaded;
    const current = this.#loaded.get(address);
    return current === known || current === undefined ? this.#start(address, trust, loaded) : current;
  }

  #start(address: string, trust: PacTrust, before: Loaded | undefined): Promise<Loaded> {
    const loading = this.#load(address, trust, before);
    this.#loaded.set(address, loading);
    return loading;
  }

  #isFresh({ at, freshMs, network, renewals }: Loaded): boolean {
    if (renewals !== this.#renewals || network !== this.#network()) return false;
    const { clock } = this.#options;
    const asleepMs = clock.now() - at.wall - (clock.monotonic() - at.monotonic);
    return asleepMs < SLEEP_MS && this.#age(at) < freshMs;
  }

  async #load(address: string, trust: PacTrust, before: Loaded | undefined): Promise<Loaded> {
    const [network, renewals] = [this.#network(), this.#renewals];
    const old = before?.file;
    const file = await this.#loadFile(address, trust, old);
    // In the same network, the file of before is better than none.
    const isKept = 'reason' in file && old !== undefined && 'thread' in old && before?.network === network;
    const current = isKept ? old : file;
    if (old !== undefined && 'thread' in old && old !== current) old.thread.stop();
    const freshMs = 'reason' in file ? FAILED_FRESH_MS : FRESH_MS;
    return { network, renewals, at: instant(this.#options.clock), freshMs, file: current, answers: new Map() };
  }

  async #loadFile(address: string, trust: PacTrust, old: Loaded['file'] | undefined): Promise<Loaded['file']> {
    try {
      const script = await this.#download(address, trust);
      if (old !== undefined && 'thread' in old && old.script === script) return old;
      return { script, thread: new PacThread(script, this.#options.thread ?? {}) };
    } catch (thrown) {
      return { reason: `can't be loaded (${printable(describeDownloadFailure(thrown), MAX_REASON)})` };
    }
  }

  async #download(address: string, trust: PacTrust): Promise<string> {
    const { download = downloadPac } = this.#options;
    const isSecure = address.startsWith('https:');
    try {
      return await download(address, { trust: isSecure ? trust.context() : undefined, timeoutMs: DOWNLOAD_MS });
    } catch (thrown) {
      const other = isSecure ? await trust.retry(thrown) : undefined;
      if (other === undefined) throw thrown;
      return await download(address, { trust: other, timeoutMs: DOWNLOAD_MS });
    }
  }

  #network(): string {
    return (this.#options.network ?? networkFingerprint)();
  }

  #age(at: Instant): number {
    return elapsedSince(at, this.#options.clock);
  }
}

async function ask(thread: PacThread, url: URL): Promise<PacOutcome> {
  try {
    return { state: 'answer', ...parsePacAnswer(await thread.ask(url)) };
  } catch (thrown) {
    const reason = thrown instanceof Error ? printable(thrown.message, MAX_REASON) : 'unknown';
    return { state: 'failed', reason: `doesn't work (${reason})` };
  }
}
