import { AppError } from './errors.ts';
import { Secret } from './secret.ts';

/** More than ten times the longest key that Azure gives (84 characters); anything longer is some other text. */
export const MAX_API_KEY_LENGTH = 1024;

/** Azure's keys are letters and digits; any character that a header may hold is taken, blanks are not. */
const API_KEY = /^[\x21-\x7e]+$/;

/**
 * One API key, from what a person, a pipe or a keystore gave.
 * @throws AppError ERR_API_KEY_INVALID, which says why and quotes nothing.
 */
export function parseApiKey(raw: string): Secret {
  const key = raw.trim();
  if (key === '') throw invalid('nothing was given');
  if (/[\r\n]/.test(key)) throw invalid('it has more than one line');
  if (key.length > MAX_API_KEY_LENGTH) throw invalid(`it is longer than ${MAX_API_KEY_LENGTH} characters`);
  if (!API_KEY.test(key)) throw invalid('it has blanks or characters that no key has');
  return new Secret(key);
}

function invalid(detail: string): AppError {
  return new AppError('ERR_API_KEY_INVALID', { detail });
}
