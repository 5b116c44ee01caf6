import type { ErrorCode } from '../core/errors.ts';

/**
 * The errors whose text the page shows: those that can end a sign-in and have no panel of their own. Every language of
 * the page has a text for each.
 */
export const PAGE_ERRORS = [
  'ERR_INTERNAL',
  'ERR_CONFIG_INVALID',
  'ERR_CONFIG_UNREADABLE',
  'ERR_ENTRA_APP_UNKNOWN',
  'ERR_ENTRA_TENANT_UNKNOWN',
  'ERR_ENTRA_PUBLIC_CLIENT_OFF',
  'ERR_ENTRA_REDIRECT_URI',
  'ERR_ENTRA_RESOURCE_MISSING',
  'ERR_ENTRA_SCOPE',
  'ERR_SIGN_IN_REQUIRED',
  'ERR_SIGN_IN_ENDED',
  'ERR_SIGN_IN_REFUSED',
  'ERR_SIGN_IN_STEP_REQUIRED',
  'ERR_NETWORK',
  'ERR_NETWORK_DNS',
  'ERR_NETWORK_TIMEOUT',
  'ERR_NETWORK_TLS',
  'ERR_NETWORK_PROXY',
  'ERR_NETWORK_PROXY_AUTH',
  'ERR_NETWORK_REPLY',
  'ERR_NETWORK_IDENTITY',
  'ERR_THROTTLED',
  'ERR_POLICY_BLOCKED',
  'ERR_TOKEN_PROTECTION',
  'ERR_DEVICE_CODE_BLOCKED',
  'ERR_CONSENT_REQUIRED',
  'ERR_ENTRA_APP_DISABLED',
  'ERR_ENTRA_SERVICE_MISSING',
  'ERR_ENTRA_SERVICE_DISABLED',
  'ERR_ENTRA_RESOURCE_DISABLED',
  'ERR_TENANT_RESTRICTED',
  'ERR_NOT_ASSIGNED',
  'ERR_WRONG_TENANT',
  'ERR_ACCOUNT_DISABLED',
  'ERR_ACCOUNT_LOCKED',
  'ERR_ACCOUNT_REASSIGNED',
  'ERR_ENTRA_REFUSED',
] as const satisfies readonly ErrorCode[];

export type PageErrorCode = (typeof PAGE_ERRORS)[number];

/** The code that the page shows. Any error not listed above is unexpected there and shown as ERR_INTERNAL. */
export function pageErrorCode(code: ErrorCode): PageErrorCode {
  return PAGE_ERRORS.find((shown) => shown === code) ?? 'ERR_INTERNAL';
}
