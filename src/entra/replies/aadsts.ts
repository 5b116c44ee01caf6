// What Entra's error numbers mean. Microsoft may change the numbers, so they should only choose the wording of an
// error: https://learn.microsoft.com/entra/identity-platform/reference-error-codes
import type { ErrorCode } from '../../core/errors.ts';

export interface Explanation {
  readonly code: ErrorCode;
  /** The setting to check. */
  readonly key?: string;
}

const explain = (code: ErrorCode, numbers: readonly number[], key?: string): [number, Explanation][] =>
  numbers.map((number) => [number, key === undefined ? { code } : { code, key }]);

export const EXPLANATIONS: ReadonlyMap<number, Explanation> = new Map([
  ...explain('ERR_ENTRA_APP_UNKNOWN', [700016], 'clientId'),
  ...explain('ERR_ENTRA_PUBLIC_CLIENT_OFF', [7000218], 'clientId'),
  ...explain('ERR_ENTRA_TENANT_UNKNOWN', [90002, 900021, 900023, 50059, 50128], 'tenantId'),
  ...explain('ERR_ENTRA_SCOPE', [70011, 500011], 'scope'),
  ...explain('ERR_CONSENT_REQUIRED', [65001, 650056, 650057, 90093, 90094]),
  ...explain('ERR_NOT_ASSIGNED', [50105]),
  ...explain('ERR_WRONG_TENANT', [50020, 51004, 90072]),
  ...explain('ERR_ACCOUNT_DISABLED', [50034, 50057]),
  ...explain('ERR_POLICY_BLOCKED', [53000, 53001, 53002, 53003, 53004, 530031, 530032, 530035]),
  ...explain('ERR_DEVICE_CODE_BLOCKED', [530036]),
]);

/** The user must do something else first: multifactor authentication, a new password, or an external check. */
export const STEP_REQUIRED: ReadonlySet<number> = new Set([50055, 50072, 50074, 50076, 50078, 50079, 50144, 50158]);

/** The code was already redeemed (for example, because the reply was lost), or it expired. */
export const SPENT_CODE: ReadonlySet<number> = new Set([54005, 70008]);

/** "The client is in a request loop". Sent as invalid_grant, but only means that the client must wait. */
export const REQUEST_LOOP = 50196;
