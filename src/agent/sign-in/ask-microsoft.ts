// The ways to sign in, each with the steps that the user sees.
import type { Clock } from '../../core/clock.ts';
import { AppError, toAppError } from '../../core/errors.ts';
import type { SignInMethod } from '../../core/sign-in-method.ts';
import { needsDialog } from '../../entra/broker/map-broker-failure.ts';
import type { OnReachable, TokenGrant, TokenSource } from '../../entra/token-source.ts';
import type { SignInPage } from './page-lifetime.ts';
import type { SignInState } from './sign-in-state.ts';

export interface Question {
  readonly source: TokenSource;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly claims: string | undefined;
  readonly accountHint: string | undefined;
  /** Whether Microsoft should ask for the account. */
  readonly selectAccount: boolean;
  /** Whether Microsoft should ask for credentials even if the browser is signed in. */
  readonly fresh: boolean;
  /** Why signing in with the broker failed without a dialog just now. */
  readonly failedSilently: AppError | undefined;
  /** Whether the system's dialog may open. */
  readonly mayPrompt: () => boolean;
  readonly servePage: () => Promise<SignInPage>;
  readonly enter: (state: SignInState) => void;
  readonly onReachable: OnReachable;
}

/** As long as a device code is valid. Without a limit, closing the browser would leave the sign-in open forever. */
const BROWSER_SIGN_IN_MS = 15 * 60_000;

/** Resolves when the user has signed in. @throws AppError as `TokenSource` */
export function askMicrosoft(method: SignInMethod, question: Question): Promise<TokenGrant> {
  switch (method) {
    case 'browser':
      return signInWithBrowser(question);
    case 'device-code':
      return signInWithDeviceCode(question);
    case 'broker':
      return signInWithBroker(question);
  }
}

async function signInWithBroker(question: Question): Promise<TokenGrant> {
  const { source, signal, claims, accountHint, selectAccount, failedSilently, mayPrompt, enter } = question;
  try {
    return await source.signInWithBroker({
      ...{ signal, claims, selectAccount, failedSilently, mayPrompt },
      loginHint: accountHint,
      onPrompt: () => {
        if (!signal.aborted) enter({ step: 'system-dialog' });
      },
    });
  } catch (thrown) {
    const error = toAppError(thrown);
    if (mayPrompt() || !needsDialog(error)) throw error;
    const { detail, correlationId, claims: wanted } = error;
    throw new AppError(error.code, { detail, correlationId, claims: wanted, reason: NO_DIALOG });
  }
}

const NO_DIALOG =
  "the system's sign-in window could help, but it doesn't open with --no-browser or over SSH: run the command on the computer's desktop";

function signInWithDeviceCode({ source, clock, signal, claims, enter, onReachable }: Question): Promise<TokenGrant> {
  return source.signInWithDeviceCode({
    signal,
    claims,
    onReachable,
    onAuthorization: ({ userCode, verificationUri, expiresInMs }) => {
      const expiresAt = clock.now() + expiresInMs;
      if (!signal.aborted) enter({ step: 'code', userCode, verificationUri, expiresAt });
    },
  });
}

async function signInWithBrowser(question: Question): Promise<TokenGrant> {
  const { source, signal, claims, accountHint, selectAccount, fresh, servePage, enter, onReachable } = question;
  const page = await servePage();
  const expiry = new AbortController();
  const timer = setTimeout(() => expiry.abort(new AppError('ERR_SIGN_IN_CODE_EXPIRED')), BROWSER_SIGN_IN_MS);
  timer.unref();
  const bounded = AbortSignal.any([signal, expiry.signal]);
  try {
    return await source.signInWithBrowser({
      signal: bounded,
      claims,
      loginHint: accountHint,
      selectAccount,
      fresh,
      redirectUri: page.redirectUri(),
      onReachable,
      authorize: async ({ url, state }) => {
        if (!signal.aborted) enter({ step: 'browser', authorizationUrl: url });
        const response = await page.redirect(state, bounded);
        enter({ step: 'finishing' });
        return response;
      },
    });
  } finally {
    clearTimeout(timer);
  }
}
