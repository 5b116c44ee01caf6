import { type AppError, errorCatalog, errorToRecord } from '../core/errors.ts';
import type { SignInMethod } from '../ipc/protocol.ts';
import type { PromptState } from '../prompt/prompt-state.ts';

export interface FailedAttempt {
  readonly method: SignInMethod;
  /** What the configuration says; the page offers no other way than that. */
  readonly configuredMethod: SignInMethod;
}

const DEVICE_CODE: FailedAttempt = { method: 'device-code', configuredMethod: 'device-code' };

/** What the page shows of a failure: every error has its place. */
export function promptStateOf(error: AppError, attempt: FailedAttempt = DEVICE_CODE): PromptState {
  const method = attempt.method === 'browser' ? { method: attempt.method } : {};
  switch (error.code) {
    case 'ERR_SIGN_IN_DECLINED':
      return { state: 'declined', ...method };
    case 'ERR_SIGN_IN_CODE_EXPIRED':
      return { state: 'expired', ...method };
    case 'ERR_SIGN_IN_CANCELLED':
      return { state: 'cancelled' };
    default:
      return failureState(error, attempt);
  }
}

function failureState(error: AppError, attempt: FailedAttempt): PromptState {
  const { retryable, exit } = errorCatalog[error.code];
  const record = errorToRecord(error);
  // Only an admin can help with policy and configuration; anything else may pass by itself.
  if (exit !== 9 && exit !== 3) return { state: 'failed', retryable, ...record };
  const offer = offersBrowser(error, attempt) ? { offersBrowser: true } : {};
  return { state: 'blocked', ...record, ...offer };
}

/** Where a policy refuses device code, by its own number (530036) or by the one for all policies (53003). */
function offersBrowser({ code }: AppError, { method, configuredMethod }: FailedAttempt): boolean {
  if (method !== 'device-code' || configuredMethod !== 'browser') return false;
  return code === 'ERR_DEVICE_CODE_BLOCKED' || code === 'ERR_POLICY_BLOCKED';
}
