import type { ErrorRecord } from '../../core/errors.ts';
import { EXPLANATIONS } from '../../entra/replies/aadsts.ts';
import { pageErrorCode } from '../../sign-in-page/page-errors.ts';
import type { PreviousSignIn } from '../../sign-in-page/page-state.ts';

/** What Entra said when it last refused the stored sign-in; `at` is epoch milliseconds. */
type Cause = Pick<ErrorRecord, 'code' | 'detail' | 'reason'>;
type Refusal = (Cause | { readonly error: Cause }) & { readonly at: number };

/** The refusal as the page shows it: in the page's language if this program knows the number, otherwise as Entra put it. */
export function previousSignIn(refusal: Refusal | undefined): PreviousSignIn | undefined {
  if (refusal === undefined) return undefined;
  const { code, detail, reason } = 'error' in refusal ? refusal.error : refusal;
  const known = EXPLANATIONS.get(Number(/^AADSTS(\d+)/.exec(detail ?? '')?.[1]));
  const words = known === undefined ? [detail, reason] : [detail];
  return {
    at: refusal.at,
    code: pageErrorCode(code),
    end: known?.end,
    detail: words.filter((text) => text !== undefined).join(': ') || undefined,
  };
}
