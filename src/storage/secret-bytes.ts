import { AppError } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';

/** A secret as the keystores take it: UTF-8. */
export function secretToBytes(secret: Secret): Buffer {
  return Buffer.from(secret.reveal(), 'utf8');
}

/** @throws AppError ERR_KEYSTORE_RECORD for bytes that are not UTF-8; they are never guessed at. */
export function secretFromBytes(bytes: Uint8Array): Secret {
  try {
    return new Secret(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (cause) {
    throw new AppError('ERR_KEYSTORE_RECORD', { detail: 'it is not UTF-8 text', cause });
  }
}
