import type { Language } from './languages/messages.ts';
import type { PageErrorCode } from './page-errors.ts';

/** Where a sign-in stands, as the page shows it. All strings are plain text; the page escapes them. */
export type PageState =
  /** Microsoft is being asked for a code, or the way to its page is prepared. */
  | { readonly state: 'starting' }
  | {
      readonly state: 'waiting';
      readonly userCode: string;
      /** https only; anything else is shown as text, not as a link. */
      readonly verificationUri: string;
      /** Milliseconds since the epoch. */
      readonly expiresAt: number;
    }
  | {
      readonly state: 'browser';
      /** https only; anything else is not opened. */
      readonly authorizationUrl: string;
    }
  /** The user is back from Microsoft's page, and the tokens are being fetched. */
  | { readonly state: 'finishing' }
  | { readonly state: 'signed-in'; readonly username: string }
  /** `browser`: no code was involved, so that there is no new one either. */
  | { readonly state: 'declined'; readonly method?: 'browser' }
  | {
      readonly state: 'expired';
      readonly method?: 'browser';
      /** Offers to go on without a code. */
      readonly offersBrowser?: boolean;
    }
  | { readonly state: 'cancelled' }
  /** Somebody signed in with another account than the only one that is accepted. */
  | {
      readonly state: 'other-account';
      readonly username: string;
      readonly expected: string;
      readonly method?: 'browser';
    }
  /** Only the admin can help. */
  | ({
      readonly state: 'blocked';
      /** Offers to go on without a code. */
      readonly offersBrowser?: boolean;
    } & PageError)
  | ({
      readonly state: 'failed';
      /** Offers "Try again". */
      readonly retryable: boolean;
    } & PageError);

/** A failure with its text; all of it may be sent to support. */
export interface PageError {
  readonly code: PageErrorCode;
  readonly detail?: string | undefined;
  readonly correlationId?: string | undefined;
}

/** Everything that the page shows, whoever reads it. */
export interface PageContent {
  readonly state: PageState;
  readonly organizationName?: string;
  readonly accountHint?: string;
  /** In place of the badge; served beside the page. */
  readonly logo?: PageLogo;
}

/** A picture in a form that browsers show. */
export interface PageLogo {
  readonly type: string;
  readonly bytes: Buffer;
}

/** The same for a reader of this language. */
export interface PageView extends PageContent {
  readonly language: Language;
}

/** Whether the page has a button that asks for a new code; without one, such a request is ignored. */
export function offersNewCode(state: PageState): boolean {
  if (state.state === 'failed') return state.retryable;
  return state.state === 'expired' || state.state === 'declined' || state.state === 'other-account';
}

/** Whether there is something to cancel. */
export function offersCancel(state: PageState): boolean {
  return state.state === 'starting' || state.state === 'waiting' || state.state === 'browser';
}

/** Whether the page has a button that goes on in the browser where a code was refused. */
export function offersBrowser(state: PageState): boolean {
  return (state.state === 'blocked' || state.state === 'expired') && state.offersBrowser === true;
}

/** Where the button "Continue to Microsoft" leads, in the state that has it. */
export function authorizationUrl(state: PageState): URL | undefined {
  if (state.state !== 'browser' || !URL.canParse(state.authorizationUrl)) return undefined;
  const url = new URL(state.authorizationUrl);
  return url.protocol === 'https:' ? url : undefined;
}
