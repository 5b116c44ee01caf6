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

export type KeyringEntry = Pick<AsyncEntry, 'getSecret' | 'setSecret' | 'deleteCredential'>;

export interface KeyringStoreOptions {
  readonly kind: 'keychain' | 'secret-service';
  /** Creates nothing in the keystore. May throw, and may block while the library connects (2 s at most). */
  readonly openEntry: (account: string) => KeyringEntry;
  /** The accounts of all entries of `SERVICE`. The library also reads their secrets. */
  readonly listAccounts: () => Promise<readonly string[]>;
  readonly deadlineMs?: number;
}

/**
 * The keystore on macOS and Linux: one entry per key, kept open. On Linux, each entry has a D-Bus connection, for which
 * KeePassXC remembers the user's permission. Owns the queue of calls to the library. If there's no answer in time,
 * because a dialog is open, the call rejects with ERR_KEYSTORE_WAITING. It can't be canceled, so a `set` may still take
 * effect when the user answers.
 */
export class KeyringStore implements SecretStore {
  readonly kind: KeyringStoreOptions['kind'];
  readonly #options: KeyringStoreOptions;
  readonly #entries = new Map<string, KeyringEntry>();
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
    const bytes = await this.#call(() => this.#onEntry(key, (entry) => entry.getSecret()));
    if (bytes === null) return undefined;
    const copy = Uint8Array.from(bytes);
    bytes.fill(0);
    return secretFromBytes(copy);
  }

  async set(key: string, value: Secret): Promise<void> {
    await this.#call(() =>
      this.#onEntry(key, (entry) => {
        const bytes = secretToBytes(value);
        return entry.setSecret(bytes).finally(() => bytes.fill(0));
      }),
    );
  }

  async delete(key: string): Promise<boolean> {
    return this.#call(() => this.#onEntry(key, deleteEntry));
  }

  async clear(): Promise<number> {
    const accounts = await this.#call(() => this.#options.listAccounts());
    for (const account of accounts) await this.delete(account);
    return accounts.length;
  }

  /** If the keystore has been restarted, a kept entry fails, and a new one replaces it. */
  async #onEntry<T>(account: string, work: (entry: KeyringEntry) => Promise<T>): Promise<T> {
    const kept = this.#entries.get(account);
    try {
      const entry = kept ?? this.#options.openEntry(account);
      this.#entries.set(account, entry);
      return await work(entry);
    } catch (thrown) {
      const error = mapKeyringError(thrown, this.kind);
      // After a refusal, another connection would ask the user again.
      if (error.code === 'ERR_KEYSTORE_LOCKED' || error.code === 'ERR_KEYSTORE_WAITING') throw error;
      this.#entries.delete(account);
      if (kept === undefined) throw error;
      return this.#onEntry(account, work);
    }
  }

  /**
   * Makes one call at a time. Each call that waits for a prompt holds one of libuv's four threads, and with all four
   * taken, the agent couldn't even resolve a host name. If a call's deadline passes before its turn, it's never made.
   */
  #call<T>(work: () => Promise<T>): Promise<T> {
    let isAbandoned = false;
    const noAnswer = () => {
      isAbandoned = true;
      return new AppError('ERR_KEYSTORE_WAITING', { detail: "it hasn't answered yet" });
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
    // Without the result, which may be a secret.
    this.#lastCall = call.then(noResult, noResult);
    return withDeadline(call, this.#options.deadlineMs ?? CALL_DEADLINE_MS, noAnswer);
  }
}

function noResult(): void {}

async function deleteEntry(entry: KeyringEntry): Promise<boolean> {
  if (!(await entry.deleteCredential())) return false;
  // On macOS the library doesn't check the result of the deletion.
  if ((await entry.getSecret()) === null) return true;
  throw new AppError('ERR_KEYSTORE_LOCKED', { detail: "it didn't delete the entry" });
}
