import type { Cloud } from '../../core/cloud.ts';
import { sameSecret } from '../../core/constant-time.ts';
import { AppError } from '../../core/errors.ts';
import { tenantOfIssuer } from '../cloud.ts';
import type { AuthorizationResponse } from '../token-source.ts';
import { identityError } from './id-token.ts';
import { mapAuthorizationError } from './map-error.ts';

/** Printable ASCII without spaces. Entra's codes have 1-2 KB. */
const CODE = /^[\x21-\x7e]{1,8192}$/;

interface AuthorizationRequest {
  readonly state: string;
  readonly host: string;
  readonly cloud: Cloud;
  readonly scope?: string;
}

/**
 * Returns the code of the redirect, which must carry this `state` (RFC 6749 section 4.1.2), and the tenant that it names
 * as its issuer, if any (RFC 9207: a server that mixes up sign-ins can't have its code redeemed elsewhere).
 * @throws AppError for Entra's refusal; ERR_NETWORK_REPLY if the redirect doesn't answer this request;
 * ERR_NETWORK_IDENTITY if its issuer isn't one of this cloud
 */
export function readAuthorizationCode(
  response: AuthorizationResponse,
  { state, host, cloud, scope }: AuthorizationRequest,
): { readonly code: string; readonly issuerTenant?: string } {
  if (!sameSecret(response['state'] ?? '', state)) throw unusable(host, 'of another sign-in');
  const issuerTenant = response['iss'] === undefined ? {} : { issuerTenant: issuerIn(response['iss'], cloud, host) };
  if (response['error'] !== undefined) throw mapAuthorizationError(response, host, scope);
  const code = response['code'] ?? '';
  if (!CODE.test(code)) throw unusable(host, 'without a usable code');
  return { code, ...issuerTenant };
}

function issuerIn(iss: string, cloud: Cloud, host: string): string {
  const tenant = tenantOfIssuer(cloud, iss);
  if (tenant === undefined) throw identityError(host, 'a redirect with another iss');
  return tenant;
}

function unusable(host: string, what: string): AppError {
  return new AppError('ERR_NETWORK_REPLY', { detail: `${host} (redirect ${what})` });
}
