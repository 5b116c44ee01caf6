// What the macOS Keychain and Linux's Secret Service have in common: both are used through @napi-rs/keyring.
import type { AsyncEntry } from '@napi-rs/keyring';
import { withDeadline } from '../core/deadline.ts';
import { AppError } from '../core/errors.ts';
import type { Secret } from '../core/secret.ts';
import { mapKeyringError } from './map-keyring-error.ts';
import { secretFromBytes, secretToBytes } from './secret-bytes.ts';
import type { SecretStore } from './secret-store.ts';

/** The service (Keychain: "where") of every entry; the account (Secret Service: `username`) is the key. */
export const SERVICE = 'foundry-credential-helper';

/** Leaves the agent time to report it within the 15 s of a `mid-session-refresh`. */
const CALL_DEADLINE_MS = 10_000;

/** Account of an entry that is only written to find out whether the keystore is unlocked. */
const UNLOCK_CHECK = 'unlock-check';

export type KeyringEntry = Pick<AsyncEntry, 'getSecret' | 'setSecret' | 'deleteCredential'>;

export interface KeyringStoreOptions {
  readonly kind: 'keychain' | 'secret-service';
  /** Creates nothing in the keystore. May throw, and may block while the library connects (2 s at most). */
  readonly openEntry: (account: string) => KeyringEntry;
  /** The accounts of all entries of `SERVICE`. The library also reads their secrets. */
  readonly listAccounts: () => Promise<readonly string[]>;
  /** Whether a locked keystore may say "no such entry" instead of refusing. */
  readonly hidesWhenLocked: boolean;
  readonly deadlineMs?: number;
}

/**
 * The keystore on macOS and Linux: one entry per key. Owns the queue of calls to the library; it's idle or, while a
 * call is under way, busy. The agent calls it. If the keystore doesn't answer in time (an unlock prompt nobody sees),
 * the call rejects with ERR_KEYSTORE_LOCKED. It can't be canceled, so a `set` may still take effect when the user
 * unlocks.
 */
export class KeyringStore implements SecretStore {
  readonly kind: KeyringStoreOptions['kind'];
  readonly #options: KeyringStoreOptions;
  #lastCall: Promise<unknown> = Promise.resolve();
  #underWay = 0;

  constructor(options: KeyringStoreOptions) {
    this.kind = options.kind;
    this.#options = options;
  }

  get busy(): boolean {
    return this.#underWay > 0;
  }

  async get(key: string): Promise<Secret | undefined> {
    const bytes = await this.#call(() => this.#find(key));
    return bytes === null ? undefined : secretFromBytes(Buffer.from(bytes));
  }

  async set(key: string, value: Secret): Promise<void> {
    await this.#call(() => this.#options.openEntry(key).setSecret(secretToBytes(value)));
  }

  async delete(key: string): Promise<void> {
    await this.#call(async () => {
      if ((await this.#find(key)) === null) return;
      const entry = this.#options.openEntry(key);
      await entry.deleteCredential();
      // On macOS, the library doesn't check whether the deletion succeeded.
      if ((await entry.getSecret()) !== null) {
        throw new AppError('ERR_KEYSTORE_LOCKED', { detail: 'it did not delete the entry' });
      }
    });
  }

  async clear(): Promise<number> {
    const accounts = await this.#call(async () => {
      if (this.#options.hidesWhenLocked) await this.#assertUnlocked();
      return (await this.#options.listAccounts()).filter((account) => account !== UNLOCK_CHECK);
    });
    for (const account of [...accounts, UNLOCK_CHECK]) await this.delete(account);
    return accounts.length;
  }

  async #find(key: string): Promise<number[] | null> {
    const entry = this.#options.openEntry(key);
    const bytes = await entry.getSecret();
    if (bytes !== null || !this.#options.hidesWhenLocked) return bytes;
    await this.#assertUnlocked();
    return entry.getSecret();
  }

  /** A locked keystore refuses to write, or asks the user to unlock it first. */
  async #assertUnlocked(): Promise<void> {
    const entry = this.#options.openEntry(UNLOCK_CHECK);
    await entry.setSecret(Buffer.from('unlocked'));
    // Another check at the same moment may have deleted it already; an entry left behind does no harm.
    await entry.deleteCredential().catch(() => undefined);
  }

  /**
   * Makes one call at a time. Each call that waits for a prompt holds one of libuv's four threads, and with all four
   * taken, the agent couldn't even resolve a host name. If a call's deadline passes before its turn, it's never made.
   */
  #call<T>(work: () => Promise<T>): Promise<T> {
    let isAbandoned = false;
    const noAnswer = () => {
      isAbandoned = true;
      return new AppError('ERR_KEYSTORE_LOCKED', { detail: 'no answer' });
    };
    const call = this.#lastCall.then(async () => {
      if (isAbandoned) throw noAnswer();
      this.#underWay += 1;
      try {
        return await work();
      } catch (thrown) {
        throw mapKeyringError(thrown, this.kind);
      } finally {
        this.#underWay -= 1;
      }
    });
    this.#lastCall = call.catch(() => undefined);
    return withDeadline(call, this.#options.deadlineMs ?? CALL_DEADLINE_MS, noAnswer);
  }
}
