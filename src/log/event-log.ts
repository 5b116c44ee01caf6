import { errnoOf } from '../core/errno.ts';
import { toAppError } from '../core/errors.ts';
import type { LogFields } from './public-fields.ts';

/**
 * The agent's log, as the parts that write to it see it. `event` is a stable kebab-case name, for example
 * `token-refreshed`; only public facts may go into `fields`.
 */
export interface EventLog {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

/** Drops every line. */
export const silentLog: EventLog = { debug() {}, info() {}, warn() {}, error() {} };

/** Class and code of a thrown value, for the `cause` field. */
export function causeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return typeof thrown;
  const code = errnoOf(thrown);
  const inner = thrown.cause === undefined ? '' : ` < ${causeOf(thrown.cause)}`;
  return `${thrown.name}${code === undefined ? '' : ` ${code}`}${inner}`.slice(0, 200);
}

/** Log fields that describe a failure, without the accounts that the error names. */
export function failureFields(thrown: unknown): LogFields {
  const { code, detail, reason, correlationId, cause } = toAppError(thrown);
  return { code, cause: cause === undefined ? undefined : causeOf(cause), correlationId, detail, reason };
}
