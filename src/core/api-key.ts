import { AppError } from './errors.ts';
import { Secret } from './secret.ts';
import { isTokenText } from './token-text.ts';

/** More than ten times the length of Azure's longest keys (84 characters). Anything longer isn't a key. */
export const MAX_API_KEY_LENGTH = 1024;

/**
 * Reads one API key from user input, a pipe, or the keystore. Spaces around it are dropped. Azure's keys are letters and
 * digits. Keys of gateways may use every character of a bearer token, so no key can be JSON or break a header.
 * @throws AppError ERR_API_KEY_INVALID, which says why and quotes nothing
 */
export function parseApiKey(raw: string): Secret {
  const key = raw.trim();
  if (key === '') throw invalid('nothing was given');
  if (/[\r\n]/.test(key)) throw invalid('it has more than one line');
  if (key.length > MAX_API_KEY_LENGTH) throw invalid(`it is longer than ${MAX_API_KEY_LENGTH} characters`);
  if (!isTokenText(key)) throw invalid('it has blanks or characters that no key has');
  return new Secret(key);
}

function invalid(detail: string): AppError {
  return new AppError('ERR_API_KEY_INVALID', { detail });
}
