import { type AppError, errorCatalog } from '../../core/errors.ts';
import type { SignInMethod } from '../../core/sign-in-method.ts';
import { pageErrorCode } from '../../sign-in-page/page-errors.ts';
import type { PageError, PageState } from '../../sign-in-page/page-state.ts';

export interface FailedAttempt {
  readonly method: SignInMethod;
  /** Whether the configuration lets the page offer the way without a code. */
  readonly isBrowserAllowed: boolean;
}

const DEVICE_CODE: FailedAttempt = { method: 'device-code', isBrowserAllowed: false };

/** What the page shows of a failure: every error has its place. */
export function pageStateOf(error: AppError, attempt: FailedAttempt = DEVICE_CODE): PageState {
  const method = attempt.method === 'browser' ? { method: attempt.method } : {};
  switch (error.code) {
    case 'ERR_SIGN_IN_DECLINED':
      return { state: 'declined', ...method };
    case 'ERR_SIGN_IN_CODE_EXPIRED':
      return { state: 'expired', ...method, ...offer(attempt.method === 'device-code' && attempt.isBrowserAllowed) };
    case 'ERR_SIGN_IN_CANCELLED':
      return { state: 'cancelled' };
    case 'ERR_SIGN_IN_OTHER_ACCOUNT': {
      const { account = '', expectedAccount = '' } = error;
      return { state: 'other-account', username: account, expected: expectedAccount, ...method };
    }
    default:
      return failureState(error, attempt);
  }
}

function failureState(error: AppError, attempt: FailedAttempt): PageState {
  const { retryable, category } = errorCatalog[error.code];
  // Only an admin can help with policy and configuration; anything else may pass by itself.
  if (category !== 'policy' && category !== 'configuration') return { state: 'failed', retryable, ...pageError(error) };
  return { state: 'blocked', ...pageError(error), ...offer(offersBrowser(error, attempt)) };
}

/** An error that the page has no text for is named in the detail. */
function pageError({ code, detail, correlationId }: AppError): PageError {
  const shown = pageErrorCode(code);
  return { code: shown, detail: shown === code ? detail : code, correlationId };
}

function offer(isOffered: boolean): { readonly offersBrowser?: true } {
  return isOffered ? { offersBrowser: true } : {};
}

/** Where a policy refuses device code, by its own number (530036) or by the one for all policies (53003). */
function offersBrowser({ code }: AppError, { method, isBrowserAllowed }: FailedAttempt): boolean {
  if (method !== 'device-code' || !isBrowserAllowed) return false;
  return code === 'ERR_DEVICE_CODE_BLOCKED' || code === 'ERR_POLICY_BLOCKED';
}
