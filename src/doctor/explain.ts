import { type ErrorCode, errorCatalog } from '../core/errors.ts';
import { EXPLANATIONS, REQUEST_LOOP, SPENT_CODE, STEP_REQUIRED } from '../entra/replies/aadsts.ts';

export interface ExplainedError {
  /** `AADSTS50105` or `ERR_…`, as it is written. */
  readonly name: string;
  readonly code: ErrorCode;
  readonly message: string;
  readonly remedy: string;
  /** The setting in question. */
  readonly key?: string | undefined;
  /** Microsoft's own page about the number. */
  readonly moreInfo?: string;
  /** Whether this program knows the number, or only that Entra refused something. */
  readonly known: boolean;
}

/** Explains `AADSTS50105`, `50105`, or `ERR_NOT_ASSIGNED`, in any case; `undefined` for any other text. */
export function explainError(text: string): ExplainedError | undefined {
  const name = text.trim().toUpperCase();
  if (Object.hasOwn(errorCatalog, name)) return explained(name, name as ErrorCode);
  const [, digits] = /^(?:AADSTS)?(\d{4,9})$/.exec(name) ?? [];
  if (digits === undefined) return undefined;
  const number = Number(digits);
  const { code, key } = meaning(number) ?? {};
  return {
    ...explained(`AADSTS${digits}`, code ?? 'ERR_ENTRA_REFUSED'),
    key,
    moreInfo: `https://login.microsoftonline.com/error?code=${digits}`,
    known: code !== undefined,
  };
}

function meaning(number: number): { readonly code: ErrorCode; readonly key?: string } | undefined {
  if (STEP_REQUIRED.has(number)) return { code: 'ERR_SIGN_IN_STEP_REQUIRED' };
  if (SPENT_CODE.has(number)) return { code: 'ERR_SIGN_IN_CODE_EXPIRED' };
  if (number === REQUEST_LOOP) return { code: 'ERR_THROTTLED' };
  return EXPLANATIONS.get(number);
}

function explained(name: string, code: ErrorCode): ExplainedError {
  const { message, hint } = errorCatalog[code];
  return { name, code, message, remedy: hint, known: true };
}
