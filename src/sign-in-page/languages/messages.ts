// Every text that the page shows. This folder has them in each language.
import type { EndReason } from '../../core/end-reason.ts';
import type { PageErrorCode } from '../../core/error-table/error-table.ts';
import type { PageFailure } from '../../core/error-table/spec.ts';

export const LANGUAGES = ['en', 'de', 'fr'] as const;

export type Language = (typeof LANGUAGES)[number];

/** A failure's texts for the employee: whole sentences, with nothing that only an admin knows. */
export interface FailureText {
  readonly title: string;
  /** What happened, in one sentence that makes sense without the others. */
  readonly text: string;
  /** What the employee can do. */
  readonly advice: string;
}

/** An error's texts for the IT department, as the error table has them: lowercase, without a period. */
export interface ErrorText {
  readonly message: string;
  /** What the user or the admin can do about it. */
  readonly hint: string;
}

export interface Messages {
  /** Who is asking, if no organization is named. */
  readonly application: string;
  /** Shown under the organization's or the application's name. */
  readonly purpose: string;
  readonly applicationPurpose: string;
  readonly footer: string;
  readonly opensInNewTab: string;
  readonly copy: string;
  readonly copied: string;
  /** Shown if the browser refuses to copy. The text is selected by then. */
  readonly copyByHand: string;
  readonly starting: { readonly title: string; readonly text: string };
  readonly waiting: {
    readonly title: string;
    readonly text: string;
    readonly announcement: string;
    readonly copyCode: string;
    readonly codeLabel: string;
    readonly openPage: string;
    readonly openPageHint: string;
    readonly openButton: string;
    /** Followed by the address. */
    readonly opens: string;
    /** For when Microsoft's page doesn't open; the address is shown above. */
    readonly openByHand: string;
    readonly accountLabel: string;
    readonly comeBack: string;
    readonly comeBackHint: string;
    readonly live: string;
    /** Whole minutes; 0 means less than one. */
    readonly remaining: (minutes: number) => string;
    readonly warningTitle: string;
    readonly warning: string;
    readonly cancel: string;
  };
  /** The sign-in without a code. */
  readonly browser: {
    readonly title: string;
    readonly text: string;
    readonly button: string;
    /** Follows the address that the button opens. */
    readonly hint: string;
    readonly warning: string;
  };
  readonly finishing: { readonly title: string; readonly text: string; readonly goOn: string };
  readonly signedIn: { readonly title: string; readonly accountLabel: string; readonly text: string };
  readonly declined: { readonly title: string; readonly text: string; readonly browserText: string };
  readonly expired: {
    readonly title: string;
    readonly text: string;
    /** If a policy blocks device codes, Entra tells only the user and lets the code expire. */
    readonly blockedHint: string;
    readonly browserTitle: string;
    readonly browserText: string;
  };
  readonly newCode: string;
  readonly otherAccount: {
    readonly title: string;
    readonly text: string;
    readonly signedInLabel: string;
    readonly expectedLabel: string;
    readonly codeAdvice: string;
    readonly browserAdvice: string;
  };
  /** Why the sign-in before this one no longer works. */
  readonly previous: {
    /** Followed by a reason. */
    readonly ended: (date: string) => string;
    readonly ends: Readonly<Record<EndReason, string>>;
  };
  readonly cancelled: { readonly title: string; readonly text: string };
  readonly blocked: {
    /** Before the button `useBrowser`. */
    readonly browserOffer: string;
    readonly useBrowser: string;
    /** Replaces the failure's advice if the browser is offered. */
    readonly otherAdvice: string;
    readonly reportTitle: string;
    readonly copyReport: string;
  };
  readonly failed: {
    readonly tryAgain: string;
    readonly reportTitle: string;
  };
  readonly report: {
    readonly title: string;
    /** Between a line's name and its value; French has a space before it. */
    readonly colon: string;
    readonly code: string;
    readonly problem: string;
    readonly remedy: string;
    readonly correlationId: string;
  };
  /** The agent no longer answers. */
  readonly lost: { readonly title: string; readonly text: string };
  /** Another program answers on the agent's port. */
  readonly replaced: { readonly title: string; readonly text: string };
  /** Shown if the one-time address is opened a second time. */
  readonly alreadyOpened: { readonly title: string; readonly text: string };
  readonly notHere: { readonly title: string; readonly text: string };
  readonly failures: Readonly<Record<PageFailure, FailureText>>;
  readonly errors: Readonly<Record<PageErrorCode, ErrorText>>;
}
