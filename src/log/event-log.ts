// The log's vocabulary. Only these fields exist, so that no call site can write a header, a body, a token or argv.
import { type ErrorCode, toAppError } from '../core/errors.ts';

/** Allow-list of log fields; all are public facts. Account names, URLs with queries, claims and bodies have no field. */
export interface LogFields {
  readonly code?: ErrorCode | undefined;
  readonly detail?: string | undefined;
  readonly correlationId?: string | undefined;
  readonly durationMs?: number | undefined;
  readonly delayMs?: number | undefined;
  readonly attempt?: number | undefined;
  readonly context?: string | undefined;
  readonly origin?: string | undefined;
  readonly host?: string | undefined;
  readonly status?: number | undefined;
  readonly pid?: number | undefined;
  readonly peerVersion?: string | undefined;
  readonly version?: string | undefined;
  readonly platform?: string | undefined;
  readonly hashSeed?: 'random' | 'fixed' | undefined;
  readonly reason?: string | undefined;
  readonly lifetimeMs?: number | undefined;
  /** A setting's name, never its value. */
  readonly key?: string | undefined;
  /** The file, registry key, or variable with a setting. */
  readonly location?: string | undefined;
  /** Class and code of a foreign error, never its message. */
  readonly cause?: string | undefined;
}

/** Where the agent says what happened. `event` is a stable kebab-case name, for example `token-refreshed`. */
export interface EventLog {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

export const silentLog: EventLog = { debug() {}, info() {}, warn() {}, error() {} };

/** Class and code of a thrown value, for the `cause` field. */
export function causeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return typeof thrown;
  const code = 'code' in thrown && typeof thrown.code === 'string' ? ` ${thrown.code}` : '';
  const inner = thrown.cause === undefined ? '' : ` < ${causeOf(thrown.cause)}`;
  return `${thrown.name}${code}${inner}`.slice(0, 200);
}

/** The fields that say what failed. An error's accounts have no field. */
export function failureFields(thrown: unknown): LogFields {
  const { code, detail, correlationId, cause } = toAppError(thrown);
  return { code, cause: cause === undefined ? undefined : causeOf(cause), correlationId, detail };
}
