import { createHash } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isCode } from '../core/errno.ts';
import { AppError } from '../core/errors.ts';
import type { Secret } from '../core/secret.ts';
import { ensurePrivateFolder, readPrivateFile, writePrivateFile } from '../platform/private-file.ts';
import { secretFromBytes, secretToBytes } from './secret-bytes.ts';
import type { SecretStore } from './secret-store.ts';

/** Encrypts for the current user of this computer; both throw on failure. */
export interface DataProtector {
  protect(bytes: Uint8Array): Uint8Array;
  /** Also throws for bytes that another user or computer protected, or that were changed since. */
  unprotect(bytes: Uint8Array): Uint8Array;
}

/**
 * The keystore on Windows: one protected file per key, `<SHA-256 of the key>.dpapi`. Owns its folder and keeps nothing
 * in memory. The agent calls it; a call is complete when it returns, and a file is replaced whole or not at all.
 * Credential Manager isn't used because it takes only 2,560 bytes, and its entries roam.
 * @throws AppError as `SecretStore` says; ERR_KEYSTORE_RECORD also for a file that is damaged or someone else's
 */
export class DpapiFileStore implements SecretStore {
  readonly kind = 'dpapi';
  /** Never: its calls are short and complete when they return. */
  readonly busy = false;
  readonly #folder: string;
  readonly #protector: DataProtector;

  /** `folder` is created (0700) when the first secret is set. */
  constructor(folder: string, protector: DataProtector) {
    this.#folder = folder;
    this.#protector = protector;
  }

  async get(key: string): Promise<Secret | undefined> {
    const path = this.#path(key);
    const bytes = readProtected(path);
    if (bytes === undefined) return undefined;
    let opened: Uint8Array;
    try {
      opened = this.#protector.unprotect(bytes);
    } catch (cause) {
      // Windows doesn't tell these cases apart.
      const detail = `${path} is damaged, or belongs to another user or computer`;
      throw new AppError('ERR_KEYSTORE_RECORD', { detail, cause });
    }
    return secretFromBytes(opened);
  }

  async set(key: string, value: Secret): Promise<void> {
    const path = this.#path(key);
    const bytes = secretToBytes(value);
    try {
      ensurePrivateFolder(this.#folder);
      writePrivateFile(path, this.#protector.protect(bytes));
    } catch (cause) {
      throw unavailable(path, cause);
    } finally {
      bytes.fill(0);
    }
  }

  async delete(key: string): Promise<boolean> {
    const path = this.#path(key);
    try {
      rmSync(path);
      return true;
    } catch (cause) {
      if (isCode(cause, 'ENOENT')) return false;
      throw unavailable(path, cause);
    }
  }

  async clear(): Promise<number> {
    try {
      const files = readdirSync(this.#folder).filter((name) => name.endsWith('.dpapi'));
      for (const name of files) rmSync(join(this.#folder, name), { force: true });
      return files.length;
    } catch (cause) {
      if (isCode(cause, 'ENOENT')) return 0;
      throw unavailable(this.#folder, cause);
    }
  }

  #path(key: string): string {
    return join(this.#folder, `${createHash('sha256').update(key).digest('hex')}.dpapi`);
  }
}

function readProtected(path: string): Buffer | undefined {
  try {
    return readPrivateFile(path, 'ERR_KEYSTORE_UNAVAILABLE');
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw unavailable(path, thrown);
    if (thrown.code !== 'ERR_AGENT_UNTRUSTED' && thrown.code !== 'ERR_STATE_UNWRITABLE') throw thrown;
    // The record's path holds a link or a folder, or a file that others may write to.
    throw new AppError('ERR_KEYSTORE_RECORD', { detail: thrown.detail, cause: thrown });
  }
}

function unavailable(path: string, cause: unknown): AppError {
  const detail = cause instanceof AppError ? cause.detail : `${path} can't be used`;
  return new AppError('ERR_KEYSTORE_UNAVAILABLE', { detail, cause });
}
