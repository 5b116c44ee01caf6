import type { AppError } from '../../core/errors.ts';
import type { SignInMethod } from '../../core/sign-in-method.ts';
import type { AccessToken } from '../tokens/held-token.ts';
import type { FailedState } from './sign-in-state.ts';
import type { Waiters } from './waiters.ts';

/** What's asked of Microsoft. */
export interface Attempt {
  readonly method: SignInMethod;
  readonly claims: string | undefined;
  /** It renews a sign-in that still works. */
  readonly renews?: boolean | undefined;
}

/** A sign-in that is open. */
export interface Run extends Attempt {
  readonly abort: AbortController;
  readonly waiters: Waiters;
  readonly outcome: Promise<AccessToken>;
}

/** How a sign-in begins. */
export interface Beginning {
  /** It's started again without a click. */
  readonly retryOf?: FailedState;
  readonly failedSilently?: AppError | undefined;
}

export interface Try extends Attempt {
  readonly waiters: Waiters;
  readonly failedSilently: AppError | undefined;
}

/** Why a sign-in was aborted: another one took its place or came first. Its waiters get that one's outcome. */
export class Replaced {
  readonly outcome: Promise<AccessToken>;

  constructor(outcome: Promise<AccessToken>) {
    this.outcome = outcome;
  }
}
