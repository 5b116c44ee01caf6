/** Why a refresh token will never work again. The sign-in page has a text for each. */
export type EndReason = 'revoked' | 'unused' | 'too-old' | 'codes-blocked';
