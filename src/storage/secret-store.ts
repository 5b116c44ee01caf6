import type { Secret } from '../core/secret.ts';

/** The operating system's keystore, as one small map from key to secret. */
export interface SecretStore {
  readonly kind: 'keychain' | 'dpapi' | 'secret-service' | 'memory';
  /** A native call is still under way. It cannot be cancelled, and `process.exit` would wait for it. */
  readonly busy: boolean;
  /**
   * Resolves to undefined only when there is no such entry.
   * @throws AppError ERR_KEYSTORE_LOCKED, ERR_KEYSTORE_UNAVAILABLE, or ERR_KEYSTORE_RECORD for bytes that are not UTF-8.
   */
  get(key: string): Promise<Secret | undefined>;
  /** @throws AppError ERR_KEYSTORE_LOCKED or ERR_KEYSTORE_UNAVAILABLE; an old value then still stands. */
  set(key: string, value: Secret): Promise<void>;
  /** Deleting a missing entry is not an error. @throws AppError ERR_KEYSTORE_LOCKED or ERR_KEYSTORE_UNAVAILABLE. */
  delete(key: string): Promise<void>;
  /** Deletes every entry of this product's and returns how many there were. @throws AppError as `delete` */
  clear(): Promise<number>;
}
