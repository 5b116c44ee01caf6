import { createHash } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../core/errors.ts';
import type { Secret } from '../core/secret.ts';
import { ensurePrivateFolder, isCode, readPrivateFile, writePrivateFile } from '../platform/private-file.ts';
import { secretFromBytes, secretToBytes } from './secret-bytes.ts';
import type { SecretStore } from './secret-store.ts';

/** Encrypts for the current user of this computer; both throw on failure. */
export interface DataProtector {
  protect(bytes: Uint8Array): Uint8Array;
  /** Throws too for what was protected by another user, on another computer, or was changed since. */
  unprotect(bytes: Uint8Array): Uint8Array;
}

/** One file per key, `<SHA-256 of the key>.dpapi`. Credential Manager takes 2,560 bytes only, and its entries roam. */
export class DpapiFileStore implements SecretStore {
  readonly kind = 'dpapi';
  /** Its calls are short and done when they return. */
  readonly busy = false;
  readonly #folder: string;
  readonly #protector: DataProtector;

  /** `folder` is made, 0700, when the first secret is set. */
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
      // Windows does not tell these apart.
      const detail = `${path} is damaged, or of another user or computer`;
      throw new AppError('ERR_KEYSTORE_RECORD', { detail, cause });
    }
    return secretFromBytes(opened);
  }

  async set(key: string, value: Secret): Promise<void> {
    const path = this.#path(key);
    try {
      ensurePrivateFolder(this.#folder);
      writePrivateFile(path, this.#protector.protect(secretToBytes(value)));
    } catch (cause) {
      throw unavailable(path, cause);
    }
  }

  async delete(key: string): Promise<void> {
    const path = this.#path(key);
    try {
      rmSync(path, { force: true });
    } catch (cause) {
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
    if (thrown.code !== 'ERR_AGENT_UNTRUSTED') throw thrown;
    // A link, or a file that others may write to, stands in the record's place.
    throw new AppError('ERR_KEYSTORE_RECORD', { detail: thrown.detail, cause: thrown });
  }
}

function unavailable(path: string, cause: unknown): AppError {
  const detail = cause instanceof AppError ? cause.detail : `${path} cannot be used`;
  return new AppError('ERR_KEYSTORE_UNAVAILABLE', { detail, cause });
}
