// What comes of a sign-in that meets trouble, in whichever step.
import type { Verdict } from './row.ts';

/** No one was signed in, and no one is now. */
export const nobody = { refreshToken: 'none', next: 'asks' } as const;

export const WORKS: Verdict = { exit: 0, refreshToken: 'replaced', next: 'succeeds' };
export const THROTTLED: Verdict = { exit: 7, code: 'ERR_THROTTLED', ...nobody };
export const REPLY: Verdict = { exit: 7, code: 'ERR_NETWORK_REPLY', ...nobody };
export const TIMEOUT: Verdict = { exit: 7, code: 'ERR_NETWORK_TIMEOUT', ...nobody };
export const LOST: Verdict = { exit: 7, code: 'ERR_NETWORK', ...nobody };
export const TLS: Verdict = { exit: 7, code: 'ERR_NETWORK_TLS', ...nobody };
export const POLICY: Verdict = { exit: 9, code: 'ERR_POLICY_BLOCKED', ...nobody };
export const DEVICE: Verdict = { exit: 9, code: 'ERR_DEVICE_REQUIRED', ...nobody };
export const CONSENT: Verdict = { exit: 9, code: 'ERR_CONSENT_REQUIRED', ...nobody };
export const STEP: Verdict = { exit: 4, code: 'ERR_SIGN_IN_STEP_REQUIRED', ...nobody };
export const REFUSED: Verdict = { exit: 9, code: 'ERR_ENTRA_REFUSED', ...nobody };
export const EXPIRED: Verdict = { exit: 4, code: 'ERR_SIGN_IN_CODE_EXPIRED', ...nobody };
export const DECLINED: Verdict = { exit: 4, code: 'ERR_SIGN_IN_DECLINED', ...nobody };
