import { AppError, type ErrorCode } from '../../core/errors.ts';

/** What Entra's answer means if it's about another resource: none of it is about Foundry or ends the sign-in. */
const MEANINGS: Readonly<Partial<Record<ErrorCode, ErrorCode>>> = {
  ERR_CONSENT_REQUIRED: 'ERR_RESOURCE_CONSENT_REQUIRED',
  ERR_ENTRA_SCOPE: 'ERR_RESOURCE_UNKNOWN',
  ERR_ENTRA_SERVICE_MISSING: 'ERR_RESOURCE_UNKNOWN',
  ERR_ENTRA_RESOURCE_MISSING: 'ERR_RESOURCE_UNKNOWN',
  ERR_SIGN_IN_STEP_REQUIRED: 'ERR_RESOURCE_STEP_REQUIRED',
  // A sign-in frequency may hold for one resource only. Whether the whole sign-in is over, its own refresh finds out.
  ERR_SIGN_IN_ENDED: 'ERR_RESOURCE_STEP_REQUIRED',
  ERR_DEVICE_CODE_BLOCKED: 'ERR_RESOURCE_STEP_REQUIRED',
};

const BY_ENTRA: readonly AppError['category'][] = ['sign-in', 'policy', 'configuration'];

/** The failure of a token for `scope`, naming it. A failure of the network or the keystore isn't the resource's. */
export function resourceError(error: AppError, scope: string): AppError {
  if (!BY_ENTRA.includes(error.category)) return error;
  const { reason, correlationId, retryAfterMs, claims } = error;
  // The rest of the detail names the setting "scope", which isn't to blame.
  const number = /\bAADSTS\d+/.exec(error.detail ?? '')?.[0];
  return new AppError(MEANINGS[error.code] ?? error.code, {
    detail: number === undefined ? scope : `${scope}, ${number}`,
    ...{ reason, correlationId, retryAfterMs, claims, cause: error },
  });
}
