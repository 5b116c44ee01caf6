import type { ErrorRecord } from '../../core/errors.ts';
import { endReasonOf } from '../../entra/replies/sign-in-end.ts';
import type { PreviousSignIn } from '../../sign-in-page/page-state.ts';

/** What Entra said when it last refused the stored sign-in; `at` is epoch milliseconds. */
type Cause = Pick<ErrorRecord, 'code' | 'detail'>;
type Refusal = (Cause | { readonly error: Cause }) & { readonly at: number };

/** The refusal as the page shows it: without Entra's number, which `status` and the log have. */
export function previousSignIn(refusal: Refusal | undefined): PreviousSignIn | undefined {
  if (refusal === undefined) return undefined;
  const { code, detail } = 'error' in refusal ? refusal.error : refusal;
  return { at: refusal.at, code, end: endReasonOf(detail) };
}
