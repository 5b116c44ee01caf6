// A failure as a value, and how it's shown. What each failure means is in error-table/.
import { type ErrorCode, errorCatalog } from './error-table/error-table.ts';
import { type ErrorCategory, EXIT_CODES, type FailureExitCode } from './error-table/spec.ts';
import { printable } from './printable.ts';
import { isTlsFault, type TlsFault, tlsFaults } from './tls-fault.ts';

export { type ErrorCode, errorCatalog } from './error-table/error-table.ts';
export type { ErrorCategory, FailureExitCode } from './error-table/spec.ts';

/** Characters of a detail, an account, or a correlation ID that a message shows. */
const MAX_TEXT = 500;

export interface AppErrorOptions {
  /**
   * Public text added to the message: a key, a file, a host, or an AADSTS number. Never a secret or an account name.
   */
  readonly detail?: string | undefined;
  /**
   * Why, in a sentence that follows the detail after a colon. As public as `detail`, even if it's Entra's own sentence.
   */
  readonly reason?: string | undefined;
  /** The account that the failure is about. Shown to the user, but never logged or reported. */
  readonly account?: string | undefined;
  /** The account that should have signed in instead; as private as `account`. */
  readonly expectedAccount?: string | undefined;
  /** `host:port` of the proxy that the failed connection went through; `detail` names it too. */
  readonly proxy?: string | undefined;
  /** What is wrong with the TLS connection. Decides on the hint of ERR_NETWORK_TLS. */
  readonly tlsFault?: TlsFault | undefined;
  /** The server's correlation ID, which the admin searches for in the Entra sign-in log. */
  readonly correlationId?: string | undefined;
  /** Milliseconds the server asked to wait. */
  readonly retryAfterMs?: number | undefined;
  /** Claims challenge to pass on to the next interactive sign-in (OpenID Connect `claims` parameter). */
  readonly claims?: string | undefined;
  readonly cause?: unknown;
}

/** A failure as a value: what `describeFailure` prints and the agent sends over IPC. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  readonly reason: string | undefined;
  readonly account: string | undefined;
  readonly expectedAccount: string | undefined;
  readonly proxy: string | undefined;
  readonly tlsFault: TlsFault | undefined;
  readonly correlationId: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly claims: string | undefined;

  constructor(code: ErrorCode, options: AppErrorOptions = {}) {
    const { account, expectedAccount, detail, reason } = options;
    const accounts = expectedAccount === undefined ? account : `${account} instead of ${expectedAccount}`;
    super(messageWith(code, [accounts, detail], reason), { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.detail = detail === undefined ? undefined : printable(detail, MAX_TEXT);
    this.reason = reason === undefined ? undefined : printable(reason, MAX_TEXT);
    this.account = account;
    this.expectedAccount = expectedAccount;
    this.proxy = options.proxy;
    this.tlsFault = options.tlsFault;
    this.correlationId = options.correlationId;
    this.retryAfterMs = options.retryAfterMs;
    this.claims = options.claims;
  }

  get category(): ErrorCategory {
    return errorCatalog[this.code].category;
  }

  /** What the user or the admin can do about it. */
  get hint(): string {
    return this.tlsFault === undefined ? errorCatalog[this.code].hint : tlsFaults[this.tlsFault].hint;
  }

  /** The message without account names, for reports. */
  get publicMessage(): string {
    return messageWith(this.code, [this.detail], this.reason);
  }
}

function messageWith(code: ErrorCode, details: readonly (string | undefined)[], reason?: string): string {
  const detail = details.filter((text) => text !== undefined).join(', ');
  const parts = [detail, reason ?? ''].filter((text) => text !== '').map((text) => printable(text, MAX_TEXT));
  return [errorCatalog[code].message, ...parts].join(': ');
}

/** The exit code of a process that fails with this error. To handle a failure, use its category instead. */
export function exitCodeOf(code: ErrorCode): FailureExitCode {
  return EXIT_CODES[errorCatalog[code].category];
}

/**
 * Never throws: any thrown value becomes an AppError. Another error's text isn't shown, because it may contain
 * anything.
 */
export function toAppError(thrown: unknown): AppError {
  return thrown instanceof AppError ? thrown : new AppError('ERR_INTERNAL', { cause: thrown });
}

/** The two stderr lines and the exit code for any thrown value. */
export function describeFailure(thrown: unknown): { readonly exit: FailureExitCode; readonly text: string } {
  const error = toAppError(thrown);
  const trace =
    error.correlationId === undefined ? '' : ` (correlation id ${printable(error.correlationId, MAX_TEXT)})`;
  const line = `foundry-credential-helper: error[${error.code}]: ${error.message}${trace}`;
  return { exit: exitCodeOf(error.code), text: `${line}\nhint: ${error.hint}\n` };
}

/** An AppError as it's sent over IPC and kept in state files: the code, not the text. */
export interface ErrorRecord {
  readonly code: ErrorCode;
  readonly detail?: string | undefined;
  readonly reason?: string | undefined;
  readonly account?: string | undefined;
  readonly expectedAccount?: string | undefined;
  readonly tlsFault?: TlsFault | undefined;
  readonly correlationId?: string | undefined;
}

export function errorToRecord({
  code,
  detail,
  reason,
  account,
  expectedAccount,
  tlsFault,
  correlationId,
}: AppError): ErrorRecord {
  return { code, detail, reason, account, expectedAccount, tlsFault, correlationId };
}

/** Reads a record from outside; returns `undefined` if it isn't one. An unknown code is shown, not dropped. */
export function errorFromRecord(value: unknown): AppError | undefined {
  if (typeof value !== 'object' || value === null || !('code' in value) || typeof value.code !== 'string') {
    return undefined;
  }
  const text = (name: keyof ErrorRecord): string | undefined => {
    const field: unknown = Reflect.get(value, name);
    return typeof field === 'string' ? field : undefined;
  };
  const correlationId = text('correlationId');
  if (!Object.hasOwn(errorCatalog, value.code)) {
    return new AppError('ERR_INTERNAL', { detail: value.code.slice(0, 80), correlationId });
  }
  const fault = text('tlsFault');
  const tlsFault = isTlsFault(fault) ? fault : undefined;
  return new AppError(value.code as ErrorCode, {
    detail: text('detail'),
    reason: text('reason'),
    account: text('account'),
    expectedAccount: text('expectedAccount'),
    tlsFault,
    correlationId,
  });
}
