import { isPageError, type PageErrorCode } from '../core/error-table/error-table.ts';
import type { ErrorCode } from '../core/errors.ts';

/** The code that the page shows. An error that isn't expected to end a sign-in is shown as ERR_INTERNAL. */
export function pageErrorCode(code: ErrorCode): PageErrorCode {
  return isPageError(code) ? code : 'ERR_INTERNAL';
}
