// The log's vocabulary. Only these fields exist, so that no call site can write a header, a body, a token or argv.
import { type ErrorCode, toAppError } from '../core/errors.ts';

/** Allow-list of log fields; all are public facts. Account names, URLs with queries, claims and bodies have no field. */
export interface LogFields {
  readonly code?: ErrorCode;
  readonly detail?: string;
  readonly correlationId?: string;
  readonly durationMs?: number;
  readonly delayMs?: number;
  readonly attempt?: number;
  readonly context?: string;
  readonly origin?: string;
  readonly host?: string;
  readonly status?: number;
  readonly pid?: number;
  readonly peerVersion?: string;
  readonly version?: string;
  readonly platform?: string;
  readonly hashSeed?: 'random' | 'fixed';
  readonly reason?: string;
  readonly lifetimeMs?: number;
  /** A setting's name, never its value. */
  readonly key?: string;
  /** The file, registry key, or variable with a setting. */
  readonly location?: string;
  /** Class and code of a foreign error, never its message. */
  readonly cause?: string;
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

/** The fields that say what failed; a detail that names accounts stays out. */
export function failureFields(thrown: unknown): LogFields {
  const { code, detail, correlationId, cause } = toAppError(thrown);
  return {
    code,
    ...(cause === undefined ? {} : { cause: causeOf(cause) }),
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(detail === undefined || code === 'ERR_SIGN_IN_OTHER_ACCOUNT' ? {} : { detail }),
  };
}
