import type { EndReason } from '../core/end-reason.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { Language } from './languages/languages.ts';

/** The state of a sign-in as the page shows it. All strings are plain text; the page escapes them. */
export type PageState =
  /** Microsoft is being asked for a code, or the link to its page is being prepared. */
  | { readonly state: 'starting' }
  | {
      readonly state: 'waiting';
      readonly userCode: string;
      /** https only; anything else is shown as text, not as a link. */
      readonly verificationUri: string;
      /** Milliseconds since the epoch. */
      readonly expiresAt: number;
      /** Microsoft can't be reached right now. */
      readonly offline?: true;
    }
  | {
      readonly state: 'browser';
      /** https only. Anything else isn't opened. */
      readonly authorizationUrl: string;
      /** Microsoft can't be reached right now. */
      readonly offline?: true;
    }
  /** The user continues in the system's own sign-in window. */
  | { readonly state: 'system-dialog' }
  /** The user is back from Microsoft's page, and the tokens are being fetched. */
  | { readonly state: 'finishing' }
  | { readonly state: 'signed-in'; readonly username: string }
  /** The sign-in still works, but will end. The user can renew it now. */
  | {
      readonly state: 'ending';
      /** Milliseconds since the epoch. */
      readonly endsAt: number;
      /** `password`: it ends because the password expires. */
      readonly reason?: 'password';
    }
  /** The user didn't renew a sign-in that still works until `endsAt`. */
  | { readonly state: 'kept'; readonly endsAt: number }
  /** `browser`: the sign-in had no code, so the text doesn't mention one. */
  | { readonly state: 'declined'; readonly method?: 'browser' }
  | {
      readonly state: 'expired';
      readonly method?: 'browser';
      /** Offers to continue without a code. */
      readonly offersBrowser?: boolean;
    }
  | { readonly state: 'cancelled' }
  /** The user signed in with a different account than the one configured. */
  | {
      readonly state: 'other-account';
      readonly username: string;
      readonly expected: string;
      readonly method?: 'browser';
    }
  /** Only the admin can help. */
  | ({
      readonly state: 'blocked';
      /** `broker`: the sign-in had no code, so the text doesn't mention one. */
      readonly method?: 'broker';
      /** Offers to continue in the browser. */
      readonly offersBrowser?: boolean;
    } & PageError)
  /** The user can try again. */
  | ({
      readonly state: 'failed';
      /** The agent retries automatically as long as the page is open. */
      readonly retrying?: true;
      readonly method?: 'broker';
      /** Offers to continue in the browser. */
      readonly offersBrowser?: boolean;
    } & PageError);

/** A failure as the page shows it. All of it may be sent to support. */
export interface PageError {
  readonly code: ErrorCode;
  readonly detail?: string | undefined;
  readonly correlationId?: string | undefined;
}

/** Why the sign-in before this one no longer works. */
export interface PreviousSignIn {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly code: ErrorCode;
  /** Why it ended, if Entra said so in a way that this program knows. */
  readonly end?: EndReason | undefined;
}

/** Everything that the page shows, in any language. */
export interface PageContent {
  readonly state: PageState;
  readonly previous?: PreviousSignIn;
  readonly organizationName?: string;
  readonly accountHint?: string;
  /** Opens Claude Desktop. `claude:` only. Anything else isn't shown. */
  readonly claudeUrl?: string;
  /** Replaces the badge; served next to the page. */
  readonly logo?: PageLogo;
}

/** An image in a format that browsers show. */
export interface PageLogo {
  readonly type: string;
  readonly bytes: Buffer;
}

/** What the page shows, for a reader of this language. */
export interface PageView extends PageContent {
  readonly language: Language;
}

/** Whether the page has a button that starts a sign-in. Without the button, a request for one is ignored. */
export function offersNewCode(state: PageState): boolean {
  return ['failed', 'expired', 'declined', 'other-account', 'ending'].includes(state.state);
}

/** Whether there is something to cancel: a sign-in that runs, or the offer of one. */
export function offersCancel(state: PageState): boolean {
  return ['starting', 'waiting', 'browser', 'system-dialog', 'ending'].includes(state.state);
}

/** Whether the page has a button to continue in the browser after another method failed. */
export function offersBrowser(state: PageState): boolean {
  return 'offersBrowser' in state && state.offersBrowser === true;
}

/** The address behind "Continue to Microsoft"; `undefined` in every state without that button. */
export function authorizationUrl(state: PageState): URL | undefined {
  if (state.state !== 'browser' || !URL.canParse(state.authorizationUrl)) return undefined;
  const url = new URL(state.authorizationUrl);
  return url.protocol === 'https:' ? url : undefined;
}

/** Whether the page says that Microsoft can't be reached right now. The sign-in continues automatically when it can. */
export function isOffline(state: PageState): boolean {
  return (state.state === 'waiting' || state.state === 'browser') && state.offline === true;
}

/** The address that opens Claude Desktop, if it's one. */
export function claudeUrl({ claudeUrl: address }: PageContent): string | undefined {
  return address !== undefined && URL.canParse(address) && new URL(address).protocol === 'claude:'
    ? address
    : undefined;
}

/** Whether the sign-in is running. In every other state, nothing changes until the user clicks something. */
export function isRunning(state: PageState): boolean {
  return ['starting', 'waiting', 'browser', 'finishing'].includes(state.state);
}

/** Whether the page should keep asking: the state can change without a click on it. */
export function changesByItself(state: PageState): boolean {
  return isRunning(state) || (state.state === 'failed' && state.retrying === true);
}

/** Whether the page has nothing more to offer: the sign-in is over, and starts again from Claude only. */
export function isFinal(state: PageState): boolean {
  return !isRunning(state) && !offersNewCode(state) && !offersBrowser(state);
}
