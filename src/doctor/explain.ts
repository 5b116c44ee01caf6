import { type ErrorCode, errorCatalog } from '../core/errors.ts';
import {
  EXPLANATIONS,
  type Explanation,
  errorPage,
  OAUTH_ERRORS,
  SUBERRORS,
  UNLISTED,
} from '../entra/replies/aadsts.ts';

export interface ExplainedError {
  /** `AADSTS50105`, `ERR_…`, a suberror, or an OAuth error name, as it is written. */
  readonly name: string;
  /** As a refresh reports it. */
  readonly code: ErrorCode;
  /** As a sign-in reports it, if that's different. */
  readonly atSignIn?: { readonly code: ErrorCode; readonly message: string; readonly remedy: string };
  readonly message: string;
  /** Why, if the table knows more than the message says. */
  readonly reason?: string;
  readonly remedy: string;
  /** The setting in question. */
  readonly key?: string | undefined;
  /** Microsoft's own page about the number. */
  readonly moreInfo?: string;
  /** Whether the user must sign in again because the refresh token never works again. */
  readonly endsSignIn?: true;
  /** The number means several things: a suberror or another OAuth error name in the same reply decides. */
  readonly isVague?: true;
  /** Whether this program knows the number, or only that Entra refused something. */
  readonly known: boolean;
}

/**
 * Explains `AADSTS50105`, `50105`, `ERR_NOT_ASSIGNED`, a suberror such as `bad_token`, or an OAuth error name such as
 * `invalid_grant`, in any case; `undefined` for any other text.
 */
export function explainError(text: string): ExplainedError | undefined {
  const name = text.trim();
  const code = name.toUpperCase();
  if (Object.hasOwn(errorCatalog, code)) return explained(code, { code: code as ErrorCode });
  const [, digits] = /^(?:AADSTS)?(\d{4,9})$/.exec(code) ?? [];
  return digits === undefined ? explainName(name.toLowerCase()) : explainNumber(Number(digits));
}

function explainNumber(number: number): ExplainedError {
  const known = EXPLANATIONS.get(number);
  return {
    ...explained(`AADSTS${number}`, known ?? UNLISTED),
    moreInfo: errorPage(number),
    known: known !== undefined,
  };
}

function inCatalog(code: ErrorCode) {
  const { message, hint: remedy } = errorCatalog[code];
  return { code, message, remedy };
}

function explainName(name: string): ExplainedError | undefined {
  const known = SUBERRORS.get(name) ?? OAUTH_ERRORS.get(name);
  return known && explained(name, known);
}

function explained(name: string, { code, atSignIn, reason, key, end, isVague }: Explanation): ExplainedError {
  return {
    name,
    ...inCatalog(code),
    ...(atSignIn === undefined || atSignIn === code ? {} : { atSignIn: inCatalog(atSignIn) }),
    ...(reason === undefined ? {} : { reason }),
    key,
    ...(end === undefined ? {} : { endsSignIn: true }),
    ...(isVague === undefined ? {} : { isVague }),
    known: true,
  };
}
