/** How the user signs in: with a code on any device, or in this computer's browser. */
export const SIGN_IN_METHODS = ['device-code', 'browser'] as const;
export type SignInMethod = (typeof SIGN_IN_METHODS)[number];
