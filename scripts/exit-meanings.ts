/** What the exit codes mean. The error codes are in src/core/errors.ts. */
export const EXIT_MEANINGS: Readonly<Record<number, string>> = {
  0: 'done',
  1: 'unexpected',
  2: 'usage',
  3: 'configuration missing or invalid',
  4: 'sign-in required (or expired, revoked)',
  5: 'sign-in pending: waiting for the user',
  6: 'agent unreachable, untrusted, or a different version',
  7: 'network: DNS, proxy, TLS, timeout, throttled',
  8: 'keystore locked or unavailable',
  9: 'refused by Entra policy: Conditional Access, consent, assignment',
};
