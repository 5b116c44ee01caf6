import type { Secret } from '../core/secret.ts';

/** The operating system's keystore, as a small map from key to secret. */
export interface SecretStore {
  readonly kind: 'keychain' | 'dpapi' | 'secret-service' | 'memory';
  /** Whether a native call is under way. It can't be canceled, and `process.exit` would wait for it. */
  readonly busy: boolean;
  /**
   * Resolves to undefined if there's no such entry, or if a locked keystore hides it.
   * @throws AppError ERR_KEYSTORE_LOCKED, _WAITING, or _UNAVAILABLE; ERR_KEYSTORE_RECORD if the bytes aren't UTF-8
   */
  get(key: string): Promise<Secret | undefined>;
  /** @throws AppError ERR_KEYSTORE_LOCKED, _WAITING, or _UNAVAILABLE; the old value is then kept */
  set(key: string, value: Secret): Promise<void>;
  /**
   * Returns whether there was an entry. Deleting a missing one isn't an error.
   * @throws AppError ERR_KEYSTORE_LOCKED, _WAITING, or _UNAVAILABLE
   */
  delete(key: string): Promise<boolean>;
  /** Deletes all of this product's entries and returns how many there were. @throws AppError as `delete` */
  clear(): Promise<number>;
}

/** A keystore that remembers when its entries were written, and tells a hidden entry from an absent one. */
export interface DatedStore extends SecretStore {
  /** Epoch milliseconds at which the entry was last written; 0 if it's there, but the time isn't known. */
  storedAt(key: string): number | undefined;
}
