import { sameSecret } from '../../core/constant-time.ts';
import { AppError } from '../../core/errors.ts';
import type { AuthorizationResponse } from '../token-source.ts';
import { mapAuthorizationError } from './map-error.ts';

/** Printable ASCII without spaces. Entra's codes have 1-2 KB. */
const CODE = /^[\x21-\x7e]{1,8192}$/;

/**
 * Returns the code of the redirect, which must carry this `state` (RFC 6749 section 4.1.2).
 * @throws AppError for Entra's refusal; ERR_NETWORK_REPLY if the redirect doesn't answer this request
 */
export function readAuthorizationCode(response: AuthorizationResponse, state: string, host: string): string {
  if (!sameSecret(response['state'] ?? '', state)) throw unusable(host, 'of another sign-in');
  if (response['error'] !== undefined) throw mapAuthorizationError(response, host);
  const code = response['code'] ?? '';
  if (!CODE.test(code)) throw unusable(host, 'without a usable code');
  return code;
}

function unusable(host: string, what: string): AppError {
  return new AppError('ERR_NETWORK_REPLY', { detail: `${host} (redirect ${what})` });
}
