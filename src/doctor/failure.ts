import { errorCatalog, toAppError } from '../core/errors.ts';
import { causeOf } from '../log/event-log.ts';
import type { Facts, Outcome } from './check.ts';

export interface FailureOptions {
  readonly state?: 'warn' | 'fail';
  /** In place of the error table's. */
  readonly remedy?: string | undefined;
  readonly facts?: Facts;
}

/** A thrown error as a finding: its own words and its remedy of the error table. */
export function failure(thrown: unknown, { state = 'fail', remedy, facts }: FailureOptions = {}): Outcome {
  const error = toAppError(thrown);
  const { code, publicMessage, correlationId, cause } = error;
  return {
    state,
    detail: correlationId === undefined ? publicMessage : `${publicMessage} (correlation id ${correlationId})`,
    remedy: remedy ?? errorCatalog[code].hint,
    facts: {
      code,
      ...(correlationId === undefined ? {} : { correlationId }),
      // Of a foreign error only its class and code are public.
      ...(code === 'ERR_INTERNAL' && cause !== undefined ? { cause: causeOf(cause) } : {}),
      ...facts,
    },
  };
}
