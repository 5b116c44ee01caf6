import { toAppError } from '../core/errors.ts';
import { causeOf } from '../log/event-log.ts';
import type { Facts, Outcome } from './check.ts';

export interface FailureOptions {
  readonly state?: 'warn' | 'fail';
  /** Replaces the error table's. */
  readonly remedy?: string | undefined;
  readonly facts?: Facts;
}

/** A thrown error as a finding, with the error table's remedy. */
export function failure(thrown: unknown, { state = 'fail', remedy, facts }: FailureOptions = {}): Outcome {
  const error = toAppError(thrown);
  const { code, publicMessage, correlationId, cause } = error;
  return {
    state,
    detail: correlationId === undefined ? publicMessage : `${publicMessage} (correlation id ${correlationId})`,
    remedy: remedy ?? error.hint,
    facts: {
      code,
      ...(correlationId === undefined ? {} : { correlationId }),
      // Only the class and code of a foreign error are public.
      ...(code === 'ERR_INTERNAL' && cause !== undefined ? { cause: causeOf(cause) } : {}),
      ...facts,
    },
  };
}
