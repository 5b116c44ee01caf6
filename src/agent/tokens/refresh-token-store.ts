import { type Clock, elapsedSince, type Instant, instant } from '../../core/clock.ts';
import type { ErrorCode } from '../../core/errors.ts';
import type { Secret } from '../../core/secret.ts';
import { parseRecord, type StoredRecord, serializeEnded, serializeRecord } from '../../entra/refresh-token-record.ts';
import type { RefreshTokenRecord } from '../../entra/token-source.ts';
import { type EventLog, failureFields } from '../../log/event-log.ts';
import type { DatedStore } from '../../storage/secret-store.ts';

/** Pauses between tries to save: each may ask the user to unlock the keystore, so they double up to an hour. */
const FIRST_RETRY_MS = 30_000;
const LAST_RETRY_MS = 3_600_000;

/** A call that takes this long has waited for a person to answer a dialog. */
const PERSON_MS = 2_000;
/**
 * If a keystore asks its user, a rotated token is only written this long after the entry was last read or written. The
 * stored one still works: Entra doesn't revoke a refresh token when it's redeemed
 * (https://learn.microsoft.com/entra/identity-platform/refresh-tokens).
 */
const WRITE_AFTER_MS = 24 * 3_600_000;
/** A stored token this old is replaced sooner, because each start of the agent reads the entry. */
const STALE_MS = 7 * WRITE_AFTER_MS;

/** Why a record is written. Only a sign-in may replace what another program has stored. */
type Change = 'sign-in' | 'rotation' | 'end' | 'retry';

/** What the entry is known to hold. */
interface Known {
  readonly record: StoredRecord | undefined;
}

/**
 * One keystore entry: the record of a tenant and client. An agent has one of these for each entry, even if settings
 * change. Each record is stored before its token is handed out, except that a keystore that asks its user is asked for
 * a rotated token at most once a day. If another program has changed the entry, its record counts.
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
  /** Whether someone had to answer the keystore's last dialog. */
  #asks = false;
  #known: Known | undefined;
  /** The entry as it was last read or written. */
  #stored: Secret | undefined;
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

  /** The last record is only in memory yet. */
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

  /** Keeps the record of a sign-in: immediately in memory, and in the keystore as soon as that takes it. */
  async keep(record: RefreshTokenRecord): Promise<boolean> {
    this.#known = { record: { kind: 'active', record } };
    await this.#save('sign-in');
    return true;
  }

  /**
   * Keeps the record that a refresh returned for `used`. Does nothing if someone has signed in or out since.
   * @returns false if another program has changed the entry; `load` then returns what it holds now
   */
  async rotate(used: RefreshTokenRecord, record: RefreshTokenRecord): Promise<boolean> {
    if (!(await this.#holds(used))) return true;
    this.#known = { record: { kind: 'active', record } };
    if (this.#isWriteDue()) await this.#save('rotation');
    return this.#known !== undefined;
  }

  /** Forgets a dead refresh token, but keeps the account and the time. @returns as `rotate` */
  async end(used: RefreshTokenRecord, code: ErrorCode, at: number): Promise<boolean> {
    if (!(await this.#holds(used))) return true;
    this.#known = { record: { kind: 'ended', account: { username: used.username }, code, at } };
    await this.#save('end');
    return this.#known !== undefined;
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
        this.#stored = undefined;
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
    if (this.#unsaved) await this.#save('retry');
  }

  /** Whether this is still the record, after any sign-out in progress. */
  async #holds(record: RefreshTokenRecord): Promise<boolean> {
    await this.#lastRemoval;
    const known = this.#known?.record;
    return known?.kind === 'active' && known.record === record;
  }

  async #read(): Promise<Known> {
    const store = await this.#open();
    const secret = await this.#get(store);
    this.#storedAt = store.storedAt(this.#key) ?? 0;
    const record = secret === undefined ? undefined : parseRecord(secret);
    // A sign-in or sign-out during the read is newer.
    if (this.#known !== undefined) return this.#known;
    // What cannot be understood is read again each time: it may be repaired, and is never overwritten in passing.
    if (record?.kind !== 'damaged' && record?.kind !== 'newer') this.#known = { record };
    return { record };
  }

  async #get(store: DatedStore): Promise<Secret | undefined> {
    this.#stored = await this.#use(false, () => store.get(this.#key));
    return this.#stored;
  }

  async #use<T>(isWrite: boolean, work: () => Promise<T>): Promise<T> {
    const began = instant(this.#clock);
    this.#lastUse = { at: began, isWrite };
    try {
      return await work();
    } finally {
      this.#asks = elapsedSince(began, this.#clock) >= PERSON_MS;
    }
  }

  /** Whether a rotated token may be written now. What is unsaved is tried again by itself. */
  #isWriteDue(): boolean {
    if (this.#unsaved) return false;
    if (!this.#asks || this.#lastUse === undefined) return true;
    if (elapsedSince(this.#lastUse.at, this.#clock) >= WRITE_AFTER_MS) return true;
    return !this.#lastUse.isWrite && Math.abs(this.#clock.now() - this.#storedAt) >= STALE_MS;
  }

  #call<T>(work: (store: DatedStore) => Promise<T>): Promise<T> {
    const call = this.#lastCall.then(async () => work(await this.#open()));
    this.#lastCall = call.catch(() => undefined);
    return call;
  }

  async #save(change: Change): Promise<void> {
    try {
      await this.#call((store) => this.#write(store, change));
    } catch (thrown) {
      // The older token in the keystore still works, and the next try is due in a day.
      if (change === 'rotation' && this.#asks) {
        this.#log.warn('keystore-not-updated', failureFields(thrown));
        return;
      }
      if (!this.#unsaved) this.#log.warn('keystore-not-saved', failureFields(thrown));
      this.#unsaved = true;
      clearTimeout(this.#retry);
      this.#retry = setTimeout(() => void this.#save('retry'), this.#retryMs).unref();
      this.#retryMs = Math.min(2 * this.#retryMs, LAST_RETRY_MS);
    }
  }

  /**
   * Writes the newest record when its turn comes. A sign-in replaces anything, other changes only what this has stored.
   */
  async #write(store: DatedStore, change: Change): Promise<void> {
    const before = this.#known;
    const record = before?.record;
    if (record?.kind !== 'active' && record?.kind !== 'ended') return;
    if (change !== 'sign-in' && !this.#asks && (await this.#isChangedElsewhere(store))) {
      this.#log.warn('keystore-entry-replaced');
      if (this.#known === before) this.#known = undefined;
      this.#settle();
      return;
    }
    const secret =
      record.kind === 'active'
        ? serializeRecord(record.record)
        : serializeEnded(record.account, record.code, record.at);
    await this.#use(true, () => store.set(this.#key, secret));
    this.#stored = secret;
    this.#storedAt = this.#clock.now();
    if (this.#unsaved) this.#log.info('keystore-recovered');
    this.#settle();
  }

  async #isChangedElsewhere(store: DatedStore): Promise<boolean> {
    const stored = this.#stored?.reveal();
    return (await this.#get(store))?.reveal() !== stored;
  }

  #settle(): void {
    this.#unsaved = false;
    this.#retryMs = FIRST_RETRY_MS;
    clearTimeout(this.#retry);
  }
}
