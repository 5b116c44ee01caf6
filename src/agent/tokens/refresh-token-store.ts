import type { Clock } from '../../core/clock.ts';
import type { AppError } from '../../core/errors.ts';
import type { Secret } from '../../core/secret.ts';
import {
  type EndedRecord,
  parseRecord,
  type StoredRecord,
  serializeEnded,
  serializeRecord,
} from '../../entra/refresh-token-record.ts';
import { isBrokerRecord, type SignInRecord } from '../../entra/token-source.ts';
import { type EventLog, failureFields } from '../../log/event-log.ts';
import type { DatedStore } from '../../storage/secret-store.ts';
import { digestOf, KeystoreEntry } from './keystore-entry.ts';

/** Pauses between tries to save: each may ask the user to unlock the keystore, so they double up to an hour. */
const FIRST_RETRY_MS = 30_000;
const LAST_RETRY_MS = 3_600_000;

/** Why a record is written. Only a sign-in may replace what another program has stored. */
type Change = 'sign-in' | 'rotation' | 'end' | 'retry';

/** A record without its refresh token. */
export type RecordSummary =
  | {
      readonly kind: 'active';
      readonly account: Pick<SignInRecord, 'username' | 'localAccountId' | 'tenantId'>;
      /** The system's broker keeps the sign-in itself. */
      readonly isBroker: boolean;
    }
  | Exclude<StoredRecord, { readonly kind: 'active' }>;

/** What the entry is known to hold. */
interface Known {
  readonly summary: RecordSummary | undefined;
  /** Recognizes an active record. */
  readonly digest: string | undefined;
}

/**
 * One keystore entry: the record of a tenant and client. An agent has one of these for each entry, even if settings
 * change. Each record is stored before its token is handed out, except that a keystore that asks its user is asked for
 * a rotated token at most once a day. If another program has changed the entry, its record counts.
 *
 * A refresh token is read when a refresh needs it, and isn't kept. It stays in memory in two cases only: until the
 * keystore has taken it, and as long as the keystore asks its user, who would see a dialog for each refresh.
 */
export class RefreshTokenStore {
  readonly #entry: KeystoreEntry;
  readonly #log: EventLog;
  #known: Known | undefined;
  /** The record that's in memory, with its token. */
  #held: StoredRecord | undefined;
  #unsaved = false;
  #lastRemoval: Promise<unknown> | undefined;
  /** Settles after the last grant, because grants for one record run one at a time. */
  #lastGrant: Promise<unknown> = Promise.resolve();
  #retry: NodeJS.Timeout | undefined;
  #retryMs = FIRST_RETRY_MS;

  constructor(open: () => Promise<DatedStore>, key: string, log: EventLog, clock: Clock) {
    this.#entry = new KeystoreEntry(open, key, clock);
    this.#log = log;
  }

  /** The last record is only in memory yet. */
  get unsaved(): boolean {
    return this.#unsaved;
  }

  /** How the last sign-in ended, if the entry has been read or written. */
  get knownEnd(): EndedRecord | undefined {
    const summary = this.#known?.summary;
    return summary?.kind === 'ended' ? summary : undefined;
  }

  /**
   * Reads the keystore only once.
   * @throws AppError ERR_KEYSTORE_*; a locked or failing keystore is never "not found".
   */
  async summary(): Promise<RecordSummary | undefined> {
    return this.#known === undefined ? summaryOf(await this.#read()) : this.#known.summary;
  }

  /** The record with its refresh token, for one refresh. Don't keep it. @throws AppError as `summary` */
  async load(): Promise<StoredRecord | undefined> {
    if (this.#held !== undefined) return this.#held;
    const summary = this.#known?.summary;
    if (this.#known !== undefined && summary?.kind !== 'active') return summary;
    return this.#read();
  }

  /** Runs `work` after every earlier grant for this record: two at a time would use the same refresh token. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#lastGrant.then(work);
    // Without the result, which is a token.
    this.#lastGrant = turn.then(noResult, noResult);
    return turn;
  }

  /** Keeps the record of a sign-in: immediately in memory, and in the keystore as soon as that takes it. */
  async keep(record: SignInRecord): Promise<boolean> {
    this.#take({ kind: 'active', record });
    await this.#save('sign-in');
    return true;
  }

  /**
   * Keeps the record that a refresh returned for `used`. Does nothing if someone has signed in or out since.
   * @returns false if another program has changed the entry; `load` then returns what it holds now
   */
  async rotate(used: SignInRecord, record: SignInRecord): Promise<boolean> {
    if (!(await this.#holds(used))) return true;
    // A broker's record rarely changes.
    if (recordDigest({ kind: 'active', record }) === this.#known?.digest) return true;
    this.#take({ kind: 'active', record });
    // What is unsaved is tried again on its own.
    if (!this.#unsaved && this.#entry.isWriteDue) await this.#save('rotation');
    return this.#known !== undefined;
  }

  /** Forgets a dead refresh token, but keeps the account, the time, and why. @returns as `rotate` */
  async end(used: SignInRecord, { code, detail, reason, correlationId }: AppError, at: number): Promise<boolean> {
    if (!(await this.#holds(used))) return true;
    this.#take({ kind: 'ended', account: { username: used.username }, code, at, detail, reason, correlationId });
    await this.#save('end');
    return this.#known !== undefined;
  }

  /**
   * Deletes the record, also one that can't be read.
   * @throws AppError ERR_KEYSTORE_*; then nothing is forgotten.
   */
  remove(): Promise<boolean> {
    const removal = this.#entry.inTurn(async () => {
      const before = this.#known;
      const existed = await this.#entry.delete();
      // A sign-in meanwhile has its own call after this one.
      if (this.#known === before) {
        this.#take(undefined);
        this.#settle();
      }
      return existed;
    });
    this.#lastRemoval = removal.catch(() => undefined);
    return removal;
  }

  /** Waits for a write in progress, and tries once more what couldn't be saved. */
  async flush(): Promise<void> {
    await this.#entry.inTurn(() => Promise.resolve());
    if (this.#unsaved) await this.#save('retry');
  }

  #take(record: StoredRecord | undefined): void {
    this.#known = { summary: summaryOf(record), digest: recordDigest(record) };
    this.#held = record;
  }

  /** Whether this is still the record, after any sign-out in progress. */
  async #holds(record: SignInRecord): Promise<boolean> {
    await this.#lastRemoval;
    return this.#known?.digest === recordDigest({ kind: 'active', record });
  }

  async #read(): Promise<StoredRecord | undefined> {
    const before = this.#known;
    const secret = await this.#entry.read();
    const record = secret && parseRecord(secret);
    // A sign-in or sign-out during the read is newer.
    if (this.#known !== before) return this.load();
    if (record?.kind === 'damaged' || record?.kind === 'newer') {
      // What can't be understood is read again each time: it may be repaired, and is never overwritten in passing.
      this.#known = undefined;
      return record;
    }
    if (before !== undefined && before.digest !== recordDigest(record)) this.#log.warn('keystore-entry-replaced');
    this.#take(record);
    this.#release();
    return record;
  }

  /** Forgets the token, which is in the keystore, unless reading it would ask the user. */
  #release(): void {
    if (!this.#entry.asks) this.#held = undefined;
  }

  async #save(change: Change): Promise<void> {
    try {
      await this.#entry.inTurn(() => this.#write(change));
    } catch (thrown) {
      // The older token in the keystore still works, and the next try is due in a day.
      if (change === 'rotation' && this.#entry.asks) {
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
  async #write(change: Change): Promise<void> {
    const before = this.#known;
    const secret = serialized(this.#held);
    if (secret === undefined) return;
    if (change !== 'sign-in' && !this.#entry.asks && (await this.#entry.isChangedElsewhere())) {
      this.#log.warn('keystore-entry-replaced');
      if (this.#known === before) this.#forget();
      this.#settle();
      return;
    }
    await this.#entry.write(secret);
    if (this.#unsaved) this.#log.info('keystore-recovered');
    if (this.#known === before) this.#release();
    this.#settle();
  }

  #forget(): void {
    this.#known = undefined;
    this.#held = undefined;
  }

  #settle(): void {
    this.#unsaved = false;
    this.#retryMs = FIRST_RETRY_MS;
    clearTimeout(this.#retry);
  }
}

function noResult(): void {}

function summaryOf(record: StoredRecord | undefined): RecordSummary | undefined {
  if (record?.kind !== 'active') return record;
  const { username, localAccountId, tenantId } = record.record;
  return { kind: 'active', account: { username, localAccountId, tenantId }, isBroker: isBrokerRecord(record.record) };
}

function recordDigest(record: StoredRecord | undefined): string | undefined {
  return record?.kind === 'active' ? digestOf(serializeRecord(record.record)) : undefined;
}

function serialized(record: StoredRecord | undefined): Secret | undefined {
  if (record?.kind === 'active') return serializeRecord(record.record);
  return record?.kind === 'ended' ? serializeEnded(record.account, record.code, record.at, record) : undefined;
}
