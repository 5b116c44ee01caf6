/**
 * How the user signs in: with a code on any device, in this computer's browser, or with the account that the system's
 * broker keeps.
 */
export const SIGN_IN_METHODS = ['device-code', 'browser', 'broker'] as const;
export type SignInMethod = (typeof SIGN_IN_METHODS)[number];

export interface AllowedMethods {
  readonly signInMethod: SignInMethod;
  readonly browserSignInFallback: boolean;
}

/**
 * Whether the settings let someone sign in this way. An admin who chooses the broker wants no refresh token on the
 * computer, so nothing else is possible unless the fallback is on; and the broker is used only if it's chosen.
 */
export function isMethodAllowed(
  method: SignInMethod,
  { signInMethod, browserSignInFallback }: AllowedMethods,
): boolean {
  if (method === signInMethod) return true;
  if (signInMethod === 'broker') return method === 'browser' && browserSignInFallback;
  return method !== 'broker';
}
