// The refresh-token record between keystore and memory: one writer, never lost to a keystore that fails.
import { AppError, type ErrorCode } from '../core/errors.ts';
import { type EventLog, failureFields } from '../core/event-log.ts';
import { parseRecord, type StoredRecord, serializeEnded, serializeRecord } from '../entra/refresh-token-record.ts';
import type { RefreshTokenRecord } from '../entra/token-source.ts';
import type { SecretStore } from '../storage/secret-store.ts';

const RETRY_SAVE_MS = 30_000;

/** One tenant's and client's record. The agent is its only writer, so what was read or written once is believed. */
export class RecordStore {
  readonly #open: () => Promise<SecretStore>;
  readonly #key: string;
  readonly #log: EventLog;
  #known: { readonly record: StoredRecord | undefined } | undefined;
  #unsaved = false;
  #saving: Promise<void> = Promise.resolve();
  #retry: NodeJS.Timeout | undefined;

  constructor(open: () => Promise<SecretStore>, key: string, log: EventLog) {
    this.#open = open;
    this.#key = key;
    this.#log = log;
  }

  /** The last change is only in memory yet. */
  get unsaved(): boolean {
    return this.#unsaved;
  }

  /** @throws AppError ERR_KEYSTORE_*; a locked or failing keystore is never "not found". */
  async load(): Promise<StoredRecord | undefined> {
    if (this.#known !== undefined) return this.#known.record;
    const secret = await (await this.#open()).get(this.#key);
    const record = secret === undefined ? undefined : parseRecord(secret);
    // What cannot be understood is read again each time: it may be repaired, and is never overwritten in passing.
    if (record?.kind !== 'damaged' && record?.kind !== 'newer') this.#known = { record };
    return record;
  }

  /** Keeps a new record: at once in memory, and in the keystore as soon as that takes it. */
  async keep(record: RefreshTokenRecord): Promise<void> {
    this.#known = { record: { kind: 'active', record } };
    await this.#save();
  }

  /** Forgets a dead refresh token but keeps whose it was and since when. */
  async end(record: RefreshTokenRecord, code: ErrorCode, at: number): Promise<void> {
    this.#known = { record: { kind: 'ended', account: { username: record.username }, code, at } };
    await this.#save();
  }

  /**
   * Deletes the record, also one that cannot be read.
   * @throws AppError ERR_KEYSTORE_*; then nothing is forgotten.
   */
  async remove(): Promise<boolean> {
    await this.#saving;
    const store = await this.#open();
    const existed = (await store.get(this.#key).catch(damagedCounts)) !== undefined;
    await store.delete(this.#key);
    this.#known = { record: undefined };
    this.#settle();
    return existed;
  }

  /** Waits for a write in progress, and tries once more what could not be saved. */
  async flush(): Promise<void> {
    await this.#saving;
    if (this.#unsaved) await this.#save();
    clearTimeout(this.#retry);
  }

  #save(): Promise<void> {
    // Writes follow one another, and each writes what is newest when its turn comes.
    this.#saving = this.#saving.then(() => this.#write());
    return this.#saving;
  }

  async #write(): Promise<void> {
    const record = this.#known?.record;
    if (record?.kind !== 'active' && record?.kind !== 'ended') return;
    const secret =
      record.kind === 'active'
        ? serializeRecord(record.record)
        : serializeEnded(record.account, record.code, record.at);
    try {
      await (await this.#open()).set(this.#key, secret);
      if (this.#unsaved) this.#log.info('keystore-recovered');
      this.#settle();
    } catch (thrown) {
      if (!this.#unsaved) this.#log.warn('keystore-not-saved', failureFields(thrown));
      this.#unsaved = true;
      this.#retry = setTimeout(() => void this.#save(), RETRY_SAVE_MS);
      this.#retry.unref();
    }
  }

  #settle(): void {
    this.#unsaved = false;
    clearTimeout(this.#retry);
  }
}

function damagedCounts(thrown: unknown): true {
  if (thrown instanceof AppError && thrown.code === 'ERR_KEYSTORE_RECORD') return true;
  throw thrown;
}
