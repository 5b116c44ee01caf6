import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../../src/core/errors.ts';
import type { Secret } from '../../../src/core/secret.ts';
import type { SecretStore } from '../../../src/storage/secret-store.ts';

/** A keystore in memory that tests can lock, slow down and make fail. It keeps `SecretStore`'s contract. */
export class MemorySecretStore implements SecretStore {
  readonly kind = 'memory';
  readonly busy = false;
  /** Every call takes this long before anything happens. */
  delayMs = 0;
  /** How often an entry was written. */
  writes = 0;
  readonly #entries: Map<string, Secret>;
  readonly #failures: AppError[] = [];
  #isLocked = false;

  /** `entries` of another store: what the same keystore holds after a restart. */
  constructor(entries: Map<string, Secret> = new Map()) {
    this.#entries = entries;
  }

  lock(): void {
    this.#isLocked = true;
  }

  unlock(): void {
    this.#isLocked = false;
  }

  /** The next call rejects with this, and changes nothing. Several add up. */
  failNext(error: AppError = new AppError('ERR_KEYSTORE_UNAVAILABLE')): void {
    this.#failures.push(error);
  }

  async get(key: string): Promise<Secret | undefined> {
    await this.#enter();
    return this.#entries.get(key);
  }

  async set(key: string, value: Secret): Promise<void> {
    await this.#enter();
    this.#entries.set(key, value);
    this.writes += 1;
  }

  async delete(key: string): Promise<boolean> {
    await this.#enter();
    return this.#entries.delete(key);
  }

  async clear(): Promise<number> {
    await this.#enter();
    const { size } = this.#entries;
    this.#entries.clear();
    return size;
  }

  async #enter(): Promise<void> {
    if (this.delayMs > 0) await sleep(this.delayMs);
    const failure = this.#failures.shift();
    if (failure !== undefined) throw failure;
    if (this.#isLocked) throw new AppError('ERR_KEYSTORE_LOCKED');
  }
}
