import { sameSecret } from '../../core/constant-time.ts';
import { AppError } from '../../core/errors.ts';

/** Query parameters of an authorization response (RFC 6749 section 4.1.2). */
export type RedirectParameters = Readonly<Record<string, string>>;

interface Expectation {
  readonly state: string;
  readonly resolve: (parameters: RedirectParameters) => void;
}

/**
 * Owns the wait for Microsoft's redirect: either nothing is expected, or one `state` is. The sign-in calls `expect`;
 * the server passes every redirect that arrives to `take`. `state` proves that a redirect belongs to this sign-in, and
 * works once.
 */
export class RedirectInbox {
  #expected: Expectation | undefined;

  /**
   * Resolves with the parameters of the redirect that carries `state`. Replaces an earlier wait, which then only ends
   * when its own signal aborts.
   * @throws AppError when the signal aborts: its reason if that's an AppError, otherwise ERR_SIGN_IN_CANCELLED
   */
  expect(state: string, signal: AbortSignal): Promise<RedirectParameters> {
    return new Promise((resolve, reject) => {
      const expectation: Expectation = { state, resolve };
      const giveUp = (): void => {
        if (this.#expected === expectation) this.#expected = undefined;
        const reason: unknown = signal.reason;
        reject(reason instanceof AppError ? reason : new AppError('ERR_SIGN_IN_CANCELLED', { cause: reason }));
      };
      if (signal.aborted) {
        giveUp();
        return;
      }
      this.#expected = expectation;
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  /** Whether this query is the expected redirect. If so, it's used up. */
  take(query: URLSearchParams): boolean {
    const expected = this.#expected;
    const names = [...query.keys()];
    // RFC 6749 section 3.1: a parameter must not appear twice.
    if (expected === undefined || new Set(names).size !== names.length) return false;
    if (!sameSecret(query.get('state') ?? '', expected.state)) return false;
    if (!query.has('code') && !query.has('error')) return false;
    this.#expected = undefined;
    expected.resolve(Object.fromEntries(query));
    return true;
  }
}
