import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { DataProtector } from '../../../src/storage/dpapi-file-store.ts';

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Stands for DPAPI: each object is another user, and what was changed or cut doesn't open. */
export class AesProtector implements DataProtector {
  readonly #key = randomBytes(32);

  protect(bytes: Uint8Array): Uint8Array {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv);
    return Buffer.concat([iv, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
  }

  unprotect(bytes: Uint8Array): Uint8Array {
    const end = bytes.length - TAG_BYTES;
    const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, IV_BYTES));
    decipher.setAuthTag(bytes.subarray(end));
    return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, end)), decipher.final()]);
  }
}
