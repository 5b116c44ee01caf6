import type { ErrorCode } from '../../../src/core/errors.ts';
import type { HelperContext } from '../../support/harness/claude-desktop.ts';
import { isLong, sample } from '../../support/harness/long.ts';
import { canUnshareMounts } from '../../support/harness/mount-namespace.ts';
import type { Trouble } from './troubles.ts';

/** Which exchange with Entra the trouble meets. */
export type Step = 'device code' | 'poll' | 'authorization code' | 'refresh';

/** What must come of it for anyone who ran the helper, and for the sign-in that is kept. */
export interface Verdict {
  readonly exit: number;
  /** Left out for a run that succeeds. */
  readonly code?: ErrorCode;
  /**
   * The keystore entry after the run: `kept` byte for byte, `replaced` by a new refresh token, `ended` (no refresh
   * token in it any more), `none` (there is none, nor was there).
   */
  readonly refreshToken: 'kept' | 'replaced' | 'ended' | 'none';
  /**
   * The next unattended run, the trouble being over: `succeeds` without a prompt and without a new sign-in, or `asks`
   * (says that a sign-in is needed, sends Entra nothing, and a new sign-in works).
   */
  readonly next: 'succeeds' | 'asks';
}

/** One line of the fault matrix. */
export interface Row extends Verdict {
  readonly step: Step;
  readonly signal: string;
  readonly trouble: Trouble;
  /** Default: `mid-session-refresh` for a refresh, `interactive` for the steps of a sign-in. */
  readonly context?: HelperContext;
  /** Requests of this step that reach Entra; default 1. */
  readonly requests?: number;
  /** What the error line must name, such as a host, a proxy or a key of the configuration. */
  readonly names?: string;
  /** It is Entra's own answer that ends the step, with the request's correlation id. */
  readonly correlated?: true;
  /** The least pause in milliseconds before the step's second request. */
  readonly pauseMs?: number;
  /** What the user does at Microsoft's page; default: approves. */
  readonly user?: 'declines' | 'lets it expire';
  /** One of those of which the short form runs a sample. */
  readonly short?: true;
}

export type RowDetails = Partial<Omit<Row, 'step' | 'signal' | 'trouble'>>;

/** Makes the rows of one step. */
export const rowOf =
  (step: Step) =>
  (signal: string, trouble: Trouble, verdict: Verdict & RowDetails, rest: RowDetails = {}): Row => ({
    step,
    signal,
    trouble,
    ...verdict,
    ...rest,
  });

/** One of those of which the short form runs a sample. */
export const short = { short: true } as const;

/** The rows of this form. Those that wait longest begin first. */
export function rowsOfThisForm(rows: readonly Row[]): readonly Row[] {
  const those = isLong
    ? rows
    : sample(
        rows.filter(({ short }) => short === true),
        3,
      );
  return those.toSorted((a, b) => Number(isSlow(b)) - Number(isSlow(a)));
}

/** Why this user can't run the row. */
export function faultOf({ trouble }: Row): string | undefined {
  return trouble.needsMounts && !canUnshareMounts ? 'needs root, for a hosts file of its own' : undefined;
}

const isSlow = ({ code, signal }: Row): boolean => code === 'ERR_NETWORK_TIMEOUT' || signal === 'slow_down';
