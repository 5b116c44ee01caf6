import { createHash } from 'node:crypto';
import { type Clock, elapsedSince, type Instant, instant } from '../../core/clock.ts';
import type { Secret } from '../../core/secret.ts';
import type { DatedStore } from '../../storage/secret-store.ts';

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

/**
 * One keystore entry as this process has used it: whether someone else has changed it since, and whether the keystore
 * asks its user. Owns the queue of its changes. Keeps no value, only a hash of the last one.
 */
export class KeystoreEntry {
  readonly #open: () => Promise<DatedStore>;
  readonly #key: string;
  readonly #clock: Clock;
  /** When this process last read the entry or tried to write it. */
  #lastUse: { readonly at: Instant; readonly isWrite: boolean } | undefined;
  /** Epoch milliseconds of the last write, also by earlier processes. */
  #storedAt = 0;
  #asks = false;
  /** Of the entry as it was last read or written. */
  #digest: string | undefined;
  /** Settles after the last change, because changes run one at a time. */
  #lastChange: Promise<unknown> = Promise.resolve();

  constructor(open: () => Promise<DatedStore>, key: string, clock: Clock) {
    this.#open = open;
    this.#key = key;
    this.#clock = clock;
  }

  /** Whether someone had to answer the keystore's last dialog. */
  get asks(): boolean {
    return this.#asks;
  }

  /** Whether a rotated token may be written now without asking the user more than once a day. */
  get isWriteDue(): boolean {
    if (!this.#asks || this.#lastUse === undefined) return true;
    if (elapsedSince(this.#lastUse.at, this.#clock) >= WRITE_AFTER_MS) return true;
    return !this.#lastUse.isWrite && Math.abs(this.#clock.now() - this.#storedAt) >= STALE_MS;
  }

  /** Runs `work` after every earlier change. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#lastChange.then(work);
    this.#lastChange = turn.then(noResult, noResult);
    return turn;
  }

  /** @throws AppError ERR_KEYSTORE_* */
  async read(): Promise<Secret | undefined> {
    const store = await this.#open();
    const secret = await this.#use(false, () => store.get(this.#key));
    this.#digest = digestOf(secret);
    this.#storedAt = store.storedAt(this.#key) ?? 0;
    return secret;
  }

  /** Reads the entry and returns whether it's different from what this process last read or wrote. @throws as `read` */
  async isChangedElsewhere(): Promise<boolean> {
    const before = this.#digest;
    await this.read();
    return this.#digest !== before;
  }

  /** @throws AppError ERR_KEYSTORE_* */
  async write(secret: Secret): Promise<void> {
    const store = await this.#open();
    await this.#use(true, () => store.set(this.#key, secret));
    this.#digest = digestOf(secret);
    this.#storedAt = this.#clock.now();
  }

  /** Returns whether there was an entry. @throws AppError ERR_KEYSTORE_* */
  async delete(): Promise<boolean> {
    const store = await this.#open();
    const existed = await store.delete(this.#key);
    this.#digest = undefined;
    return existed;
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
}

function noResult(): void {}

/** SHA-256, which recognizes a value and doesn't reveal it: a refresh token can't be guessed. */
export function digestOf(secret: Secret | undefined): string | undefined {
  return secret && createHash('sha256').update(secret.reveal()).digest('base64');
}
