import type { ErrorSpec } from './spec.ts';

const SIGN_IN_AGAIN = 'start a session in Claude Desktop, or run "foundry-credential-helper login"';

export const SIGN_IN_ERRORS = {
  ERR_SIGN_IN_REQUIRED: {
    category: 'sign-in',
    message: "you're not signed in",
    hint: SIGN_IN_AGAIN,
    page: 'again',
  },
  ERR_SIGN_IN_ENDED: {
    category: 'sign-in',
    message: 'the sign-in has expired or was revoked',
    hint: SIGN_IN_AGAIN,
    page: 'again',
  },
  ERR_SIGN_IN_REFUSED: {
    category: 'sign-in',
    message: "Entra doesn't accept this sign-in now",
    hint: `${SIGN_IN_AGAIN}; if that doesn't help, an admin finds the reason in the Entra sign-in log by the correlation ID`,
    retryable: true,
    page: 'again',
  },
  ERR_ACCOUNT_LOCKED: {
    category: 'sign-in',
    message: 'Entra has locked this account for a while, or blocks the address that you sign in from',
    hint: 'wait a few minutes, then try again; if it happens again, an admin finds out which of the two it is in the Entra sign-in log by the correlation ID',
    retryable: true,
    page: 'account-locked',
  },
  ERR_SIGN_IN_STEP_REQUIRED: {
    category: 'sign-in',
    message: 'Entra asks for another sign-in step',
    hint: SIGN_IN_AGAIN,
    page: 'again',
  },
  ERR_SIGN_IN_DECLINED: {
    category: 'sign-in',
    message: 'you declined the sign-in, or closed its window',
    hint: 'if you didn\'t mean to decline, run "foundry-credential-helper login"',
  },
  ERR_SIGN_IN_CODE_EXPIRED: {
    category: 'sign-in',
    message: "the sign-in wasn't finished in time",
    hint: 'run "foundry-credential-helper login" again; a code is valid for a short time only',
  },
  ERR_SIGN_IN_CANCELLED: {
    category: 'sign-in',
    message: 'the sign-in was canceled',
    hint: 'to start again, run "foundry-credential-helper login"',
  },
  ERR_SIGN_IN_OTHER_ACCOUNT: {
    category: 'sign-in',
    message: 'you signed in with a different account than the one configured',
    hint: 'sign in again with the account that "accountHint" names: run "foundry-credential-helper login"',
  },
  ERR_API_KEY_MISSING: {
    category: 'sign-in',
    message: 'no API key is stored for this resource',
    hint: 'run "foundry-credential-helper login --api-key" and paste the key that your IT department gave you',
  },
  ERR_SIGN_IN_PENDING: {
    category: 'pending',
    message: 'the sign-in is waiting for you',
    hint: 'finish it on the page or in the window that opened, then try again',
    retryable: true,
  },
} as const satisfies Record<string, ErrorSpec>;
