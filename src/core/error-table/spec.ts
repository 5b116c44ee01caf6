/** The kinds of failure, each with the exit code of a process that fails this way. Code may branch on the kind. */
export const EXIT_CODES = {
  internal: 1,
  /** A problem with this computer prevented a command from finishing, or the user stopped it. */
  incomplete: 1,
  usage: 2,
  configuration: 3,
  /** The user must sign in again or store a new API key. */
  'sign-in': 4,
  pending: 5,
  agent: 6,
  network: 7,
  keystore: 8,
  /** Entra refuses the user or the application; only an admin can help. */
  policy: 9,
} as const;

export type ErrorCategory = keyof typeof EXIT_CODES;

export type FailureExitCode = (typeof EXIT_CODES)[ErrorCategory];

export interface PageFailureRule {
  /** The page has "Try again". */
  readonly tryAgain: boolean;
  /**
   * It can pass although nothing changes on this computer, so an open page tries again automatically. Not for a proxy
   * that refuses a password: repeating it may lock the account that it belongs to.
   */
  readonly passes?: true;
}

/**
 * What a failure is for the employee who reads it on the sign-in page. Several codes share a kind, because the
 * employee doesn't care which setting is wrong. Each language of the page has the words for each kind.
 */
export const PAGE_FAILURES = {
  /** Nothing that the employee could understand or change. */
  unexpected: { tryAgain: true },
  /** A setting of this program or of the app registration is wrong. */
  setup: { tryAgain: false },
  /** The organization's rules refuse the sign-in. */
  rules: { tryAgain: false },
  /** The organization requires protection that this program doesn't have. */
  protection: { tryAgain: false },
  /** The organization doesn't allow sign-in with a code. */
  'no-codes': { tryAgain: false },
  /** An admin hasn't approved the application. */
  approval: { tryAgain: false },
  /** The account has no access to the application, or no one has. */
  access: { tryAgain: false },
  /** The network lets people sign in to other organizations only. */
  'other-network': { tryAgain: true },
  /** The account is of another organization. */
  'other-organization': { tryAgain: true },
  'account-off': { tryAgain: true },
  'account-locked': { tryAgain: true },
  /** Someone else has the user name now. */
  'account-changed': { tryAgain: false },
  /** Microsoft wants one more sign-in. */
  again: { tryAgain: true },
  offline: { tryAgain: true, passes: true },
  busy: { tryAgain: true, passes: true },
  /** The sign-in page of a Wi-Fi network answers. */
  'network-sign-in': { tryAgain: true, passes: true },
  /** A proxy refuses the connection. */
  'network-blocks': { tryAgain: true, passes: true },
  /** A proxy wants a user name and a password. */
  'network-password': { tryAgain: true },
  /** The certificate isn't trusted. */
  insecure: { tryAgain: true, passes: true },
  /** The reply was for someone else. */
  'mixed-up': { tryAgain: true },
} as const satisfies Record<string, PageFailureRule>;

export type PageFailure = keyof typeof PAGE_FAILURES;

/** A failure and its words for each reader. */
export interface ErrorSpec {
  readonly category: ErrorCategory;
  /** For stderr, logs, and the docs: one sentence, lowercase, no period. `detail` follows it after a colon. */
  readonly message: string;
  /** What the user or the admin can do about it. Commands are in quotation marks and complete, to be pasted. */
  readonly hint: string;
  /** The same command can succeed later without anyone fixing something. */
  readonly retryable?: true;
  /** For the sign-in page; only for what can end a sign-in and doesn't have its own panel. */
  readonly page?: PageFailure;
}
