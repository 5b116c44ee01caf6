import { AppError } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';

/** A secret in the form that keystores take: UTF-8. Overwrite the bytes when they aren't needed anymore. */
export function secretToBytes(secret: Secret): Buffer {
  return Buffer.from(secret.reveal(), 'utf8');
}

/** Overwrites the bytes. @throws AppError ERR_KEYSTORE_RECORD if they aren't UTF-8; nothing is guessed */
export function secretFromBytes(bytes: Uint8Array): Secret {
  try {
    return new Secret(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (cause) {
    throw new AppError('ERR_KEYSTORE_RECORD', { detail: "it isn't UTF-8 text", cause });
  } finally {
    bytes.fill(0);
  }
}
