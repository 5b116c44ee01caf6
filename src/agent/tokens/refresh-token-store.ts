// The refresh-token record in keystore and memory. A failing keystore never loses it, and no older record replaces it.
import { type Clock, elapsedSince, type Instant, instant } from '../../core/clock.ts';
import type { ErrorCode } from '../../core/errors.ts';
import { parseRecord, type StoredRecord, serializeEnded, serializeRecord } from '../../entra/refresh-token-record.ts';
import type { RefreshTokenRecord } from '../../entra/token-source.ts';
import { type EventLog, failureFields } from '../../log/event-log.ts';
import type { DatedStore } from '../../storage/secret-store.ts';

/** Pauses between tries to save: each may ask the user to unlock the keystore, so they double up to an hour. */
const FIRST_RETRY_MS = 30_000;
const LAST_RETRY_MS = 3_600_000;

/**
 * A rotated token waits this long after the entry was last read or written, because a keystore may ask the user each
 * time. The stored one still works: Entra doesn't revoke it when it's redeemed.
 */
const WRITE_AFTER_MS = 24 * 3_600_000;
/** A stored token this old is replaced sooner, where each start of the agent reads the entry. */
const STALE_MS = 7 * WRITE_AFTER_MS;

/** What the entry is known to hold. */
interface Known {
  readonly record: StoredRecord | undefined;
}

/**
 * One keystore entry: the record of a tenant and client. An agent has one of these for each entry, even if settings
 * change, so it can rely on what it has read or written.
 */
export class RefreshTokenStore {
  readonly #open: () => Promise<DatedStore>;
  readonly #key: string;
  readonly #log: EventLog;
  readonly #clock: Clock;
  /** When this process last read the entry or tried to write it. */
  #lastUse: { readonly at: Instant; readonly isWrite: boolean } | undefined;
  /** Epoch milliseconds of the last write, also by earlier processes. */
  #storedAt = 0;
  #known: Known | undefined;
  #unsaved = false;
  /** Settles after the last call, because keystore calls run one at a time. */
  #lastCall: Promise<unknown> = Promise.resolve();
  #lastRemoval: Promise<unknown> | undefined;
  /** Settles after the last grant, because grants for one record run one at a time. */
  #lastGrant: Promise<unknown> = Promise.resolve();
  #retry: NodeJS.Timeout | undefined;
  #retryMs = FIRST_RETRY_MS;

  constructor(open: () => Promise<DatedStore>, key: string, log: EventLog, clock: Clock) {
    this.#open = open;
    this.#key = key;
    this.#log = log;
    this.#clock = clock;
  }

  /** The last sign-in, or its end, is only in memory yet. */
  get unsaved(): boolean {
    return this.#unsaved;
  }

  /** @throws AppError ERR_KEYSTORE_*; a locked or failing keystore is never "not found". */
  async load(): Promise<StoredRecord | undefined> {
    return (this.#known ?? (await this.#read())).record;
  }

  /** Runs `work` after every earlier grant for this record: two at a time would use the same refresh token. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#lastGrant.then(work);
    this.#lastGrant = turn.catch(() => undefined);
    return turn;
  }

  /** Keeps the record of a sign-in: at once in memory, and in the keystore as soon as that takes it. */
  async keep(record: RefreshTokenRecord): Promise<void> {
    this.#known = { record: { kind: 'active', record } };
    await this.#save();
  }

  /**
   * Keeps the record that a refresh returned for `used`: in memory, and about once a day in the keystore. Does nothing
   * if someone has signed in or out since.
   */
  async rotate(used: RefreshTokenRecord, record: RefreshTokenRecord): Promise<void> {
    if (!(await this.#holds(used))) return;
    this.#known = { record: { kind: 'active', record } };
    if (this.#isWriteDue()) await this.#replaceStored();
  }

  /** Forgets a dead refresh token, but keeps the account and the time. Like `rotate`, never replaces a newer record. */
  async end(used: RefreshTokenRecord, code: ErrorCode, at: number): Promise<void> {
    if (!(await this.#holds(used))) return;
    this.#known = { record: { kind: 'ended', account: { username: used.username }, code, at } };
    await this.#save();
  }

  /**
   * Deletes the record, also one that cannot be read.
   * @throws AppError ERR_KEYSTORE_*; then nothing is forgotten.
   */
  remove(): Promise<boolean> {
    const removal = this.#call(async (store) => {
      const before = this.#known;
      const existed = await store.delete(this.#key);
      // A sign-in meanwhile has its own call after this one.
      if (this.#known === before) {
        this.#known = { record: undefined };
        this.#settle();
      }
      return existed;
    });
    this.#lastRemoval = removal.catch(() => undefined);
    return removal;
  }

  /** Waits for a write in progress, and tries once more what could not be saved. */
  async flush(): Promise<void> {
    await this.#lastCall;
    if (this.#unsaved) await this.#save();
  }

  /** Whether this is still the record, after any sign-out in progress. */
  async #holds(record: RefreshTokenRecord): Promise<boolean> {
    await this.#lastRemoval;
    const known = this.#known?.record;
    return known?.kind === 'active' && known.record === record;
  }

  async #read(): Promise<Known> {
    const store = await this.#open();
    this.#noteUse(false);
    const secret = await store.get(this.#key);
    this.#storedAt = store.storedAt(this.#key) ?? 0;
    const record = secret === undefined ? undefined : parseRecord(secret);
    // A sign-in or sign-out during the read is newer.
    if (this.#known !== undefined) return this.#known;
    // What cannot be understood is read again each time: it may be repaired, and is never overwritten in passing.
    if (record?.kind !== 'damaged' && record?.kind !== 'newer') this.#known = { record };
    return { record };
  }

  #noteUse(isWrite: boolean): void {
    this.#lastUse = { at: instant(this.#clock), isWrite };
  }

  /** At most one use of the entry a day, as far as a rotation decides. What is unsaved is tried again by itself. */
  #isWriteDue(): boolean {
    if (this.#unsaved) return false;
    if (this.#lastUse === undefined || elapsedSince(this.#lastUse.at, this.#clock) >= WRITE_AFTER_MS) return true;
    return !this.#lastUse.isWrite && Math.abs(this.#clock.now() - this.#storedAt) >= STALE_MS;
  }

  /** If the keystore refuses, the older token in it still works, and the next try is due in a day. */
  async #replaceStored(): Promise<void> {
    try {
      await this.#call((store) => this.#write(store));
    } catch (thrown) {
      this.#log.warn('keystore-not-updated', failureFields(thrown));
    }
  }

  #call<T>(work: (store: DatedStore) => Promise<T>): Promise<T> {
    const call = this.#lastCall.then(async () => work(await this.#open()));
    this.#lastCall = call.catch(() => undefined);
    return call;
  }

  /** Writes what is newest when its turn comes. */
  async #save(): Promise<void> {
    try {
      await this.#call((store) => this.#write(store));
    } catch (thrown) {
      if (!this.#unsaved) this.#log.warn('keystore-not-saved', failureFields(thrown));
      this.#unsaved = true;
      clearTimeout(this.#retry);
      this.#retry = setTimeout(() => void this.#save(), this.#retryMs).unref();
      this.#retryMs = Math.min(2 * this.#retryMs, LAST_RETRY_MS);
    }
  }

  async #write(store: DatedStore): Promise<void> {
    const record = this.#known?.record;
    if (record?.kind !== 'active' && record?.kind !== 'ended') return;
    const secret =
      record.kind === 'active'
        ? serializeRecord(record.record)
        : serializeEnded(record.account, record.code, record.at);
    this.#noteUse(true);
    await store.set(this.#key, secret);
    this.#storedAt = this.#clock.now();
    if (this.#unsaved) this.#log.info('keystore-recovered');
    this.#settle();
  }

  #settle(): void {
    this.#unsaved = false;
    this.#retryMs = FIRST_RETRY_MS;
    clearTimeout(this.#retry);
  }
}
