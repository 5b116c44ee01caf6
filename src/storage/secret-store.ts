import type { Secret } from '../core/secret.ts';

/** The operating system's keystore, as a small map from key to secret. */
export interface SecretStore {
  readonly kind: 'keychain' | 'dpapi' | 'secret-service' | 'memory';
  /** Whether a native call is under way. It can't be canceled, and `process.exit` would wait for it. */
  readonly busy: boolean;
  /**
   * Resolves to undefined only if there is no such entry.
   * @throws AppError ERR_KEYSTORE_LOCKED, ERR_KEYSTORE_UNAVAILABLE, or ERR_KEYSTORE_RECORD if the bytes aren't UTF-8
   */
  get(key: string): Promise<Secret | undefined>;
  /** @throws AppError ERR_KEYSTORE_LOCKED or ERR_KEYSTORE_UNAVAILABLE; the old value is then kept */
  set(key: string, value: Secret): Promise<void>;
  /** Deleting a missing entry is not an error. @throws AppError ERR_KEYSTORE_LOCKED or ERR_KEYSTORE_UNAVAILABLE. */
  delete(key: string): Promise<void>;
  /** Deletes all of this product's entries and returns how many there were. @throws AppError as `delete` */
  clear(): Promise<number>;
}
