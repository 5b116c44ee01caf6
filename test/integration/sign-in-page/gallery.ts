// Every page that a user can meet, with a name that its picture and its accessibility report have too.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../../src/core/clock.ts';
import type { PageContent, PageError, PageState } from '../../../src/sign-in-page/page-state.ts';
import { exampleStates } from './page-fixture.ts';

/** In the order in which the pictures are shown. */
export const GROUPS = {
  methods: 'The two ways to sign in',
  start: 'Before you continue',
  during: 'While you sign in',
  done: "When it's done",
  again: 'When you can simply start again',
  fix: 'Problems that you can fix',
  help: 'Problems for your IT department',
  gone: 'Pages that are no longer connected',
} as const;

type Group = keyof typeof GROUPS;

/** How the user gets somewhere that the address alone doesn't lead to. */
export type Way =
  | 'copy-code'
  | 'fail-to-copy-code'
  | 'open-twice'
  | 'open-old-address'
  | 'lose-program'
  | 'meet-another-program';

export interface Exhibit {
  readonly name: string;
  readonly group: Group;
  /** What it shows, for a reader of the docs: a phrase without a period. */
  readonly caption: string;
  readonly state: PageState;
  readonly view?: Partial<PageContent>;
  /** Neither an organization nor an account is configured. */
  readonly isBare?: true;
  /** What the user does to get there. If absent, the user opens the page. */
  readonly way?: Way;
}

/** Never advances, so a page that is opened again is the same. */
export const clock: Clock = { now: () => Date.UTC(2026, 10, 23, 9), monotonic: () => 0 };
const MINUTE_MS = 60_000;

const accountHint = 'anna.lindqvist@contoso.com';
const claudeUrl = 'claude://';
const correlationId = '5e1c1f5e-7d0b-4c55-9a75-1d3a1f0f3b11';
const waiting = { ...exampleStates.waiting, expiresAt: clock.now() + 14.5 * MINUTE_MS };
const { browser, finishing, starting, declined, expired, cancelled, ending, kept } = exampleStates;
const logo = { type: 'image/png', bytes: readFileSync(join(import.meta.dirname, 'contoso-logo.png')) };

const failed = (code: PageError['code'], detail?: string) =>
  ({ state: 'failed', code, detail }) as const satisfies PageState;
const blocked = (code: PageError['code'], detail?: string) =>
  ({ state: 'blocked', code, detail, correlationId }) as const satisfies PageState;

export const gallery: readonly Exhibit[] = [
  { name: 'browser', group: 'methods', caption: 'Sign-in in the browser', state: browser, view: { accountHint } },
  { name: 'waiting', group: 'methods', caption: 'Sign-in with a code', state: waiting, view: { accountHint } },

  { name: 'starting', group: 'start', caption: "The page is waiting for Microsoft's answer", state: starting },
  {
    name: 'with-logo',
    group: 'start',
    caption: "With the organization's logo",
    state: browser,
    view: { logo },
  },
  {
    name: 'without-organization',
    group: 'start',
    caption: 'No organization and no account are configured',
    state: waiting,
    isBare: true,
  },
  {
    name: 'signed-out',
    group: 'start',
    caption: 'The last sign-in stopped working',
    state: browser,
    view: {
      previous: { at: clock.now() - 26 * 60 * MINUTE_MS, code: 'ERR_SIGN_IN_ENDED', end: 'too-old' },
    },
  },

  {
    name: 'code-copied',
    group: 'during',
    caption: "The code is copied, and Microsoft's page is open in another tab",
    state: waiting,
    way: 'copy-code',
  },
  {
    name: 'code-not-copied',
    group: 'during',
    caption: "The browser didn't allow copying the code",
    state: waiting,
    way: 'fail-to-copy-code',
  },
  {
    name: 'last-minute',
    group: 'during',
    caption: 'The code expires soon',
    state: { ...waiting, expiresAt: clock.now() + 50_000 },
  },
  {
    name: 'offline',
    group: 'during',
    caption: 'No connection to Microsoft while a code is waiting',
    state: { ...waiting, offline: true },
  },
  {
    name: 'offline-browser',
    group: 'during',
    caption: 'No connection to Microsoft before the sign-in in the browser',
    state: { ...browser, offline: true },
  },
  {
    name: 'system-dialog',
    group: 'during',
    caption: "The computer's own sign-in window is open",
    state: exampleStates['system-dialog'],
  },
  { name: 'finishing', group: 'during', caption: "Back from Microsoft's page", state: finishing },

  {
    name: 'signed-in',
    group: 'done',
    caption: 'Signed in',
    state: exampleStates['signed-in'],
    view: { claudeUrl },
  },
  {
    name: 'signed-in-without-claude',
    group: 'done',
    caption: "Signed in, on a computer without a program for Claude's links",
    state: exampleStates['signed-in'],
  },

  { name: 'ending', group: 'done', caption: 'The sign-in ends tomorrow', state: ending, view: { accountHint } },
  {
    name: 'ending-password',
    group: 'done',
    caption: 'The password expires tomorrow',
    state: { ...ending, reason: 'password' },
    view: { accountHint },
  },
  { name: 'kept', group: 'done', caption: 'Not renewed now', state: kept, view: { claudeUrl } },

  { name: 'cancelled', group: 'again', caption: 'Canceled', state: cancelled, view: { claudeUrl } },
  { name: 'declined', group: 'again', caption: "Declined on Microsoft's page", state: declined },
  {
    name: 'declined-browser',
    group: 'again',
    caption: 'Declined, without a code',
    state: { ...declined, method: 'browser' },
  },
  { name: 'expired', group: 'again', caption: 'The code has expired', state: expired },
  {
    name: 'expired-with-a-way-through',
    group: 'again',
    caption: 'The code has expired, and signing in without one is allowed',
    state: { ...expired, offersBrowser: true },
  },
  {
    name: 'expired-browser',
    group: 'again',
    caption: 'Not finished in time, without a code',
    state: { ...expired, method: 'browser' },
  },
  {
    name: 'other-account',
    group: 'again',
    caption: 'A different account than the one configured',
    state: exampleStates['other-account'],
  },
  {
    name: 'other-account-browser',
    group: 'again',
    caption: 'A different account, without a code',
    state: { ...exampleStates['other-account'], method: 'browser' },
  },

  {
    name: 'no-network',
    group: 'fix',
    caption: "Microsoft can't be reached",
    state: failed('ERR_NETWORK_DNS', 'login.microsoftonline.com'),
  },
  {
    name: 'retrying',
    group: 'fix',
    caption: "Microsoft can't be reached, and the page tries again automatically",
    state: { ...failed('ERR_NETWORK_TIMEOUT', 'login.microsoftonline.com'), retrying: true },
  },
  {
    name: 'network-sign-in',
    group: 'fix',
    caption: 'A guest Wi-Fi wants you to sign in first',
    state: failed('ERR_NETWORK_REPLY', 'login.microsoftonline.com'),
  },
  {
    name: 'network-blocks',
    group: 'fix',
    caption: "The network blocks Microsoft's sign-in",
    state: failed('ERR_NETWORK_PROXY', 'proxy.contoso.com:8080: 403'),
  },
  {
    name: 'network-password',
    group: 'fix',
    caption: 'The network wants its own password',
    state: failed('ERR_NETWORK_PROXY_AUTH', 'proxy.contoso.com:8080'),
  },
  {
    name: 'insecure',
    group: 'fix',
    caption: "The connection isn't secure",
    state: failed('ERR_NETWORK_TLS', 'login.microsoftonline.com: SELF_SIGNED_CERT_IN_CHAIN'),
  },
  {
    name: 'busy',
    group: 'fix',
    caption: "Microsoft's sign-in is busy",
    state: failed('ERR_THROTTLED', 'login.microsoftonline.com: 429'),
  },
  {
    name: 'other-network',
    group: 'fix',
    caption: 'This network is for another organization',
    state: failed('ERR_TENANT_RESTRICTED', 'AADSTS500021'),
  },
  {
    name: 'other-organization',
    group: 'fix',
    caption: 'An account from a different organization',
    state: failed('ERR_WRONG_TENANT', 'AADSTS50020'),
  },
  {
    name: 'account-off',
    group: 'fix',
    caption: 'The account is turned off or unknown',
    state: failed('ERR_ACCOUNT_DISABLED', 'AADSTS50057'),
  },
  {
    name: 'account-locked',
    group: 'fix',
    caption: 'The account is locked for a while',
    state: failed('ERR_ACCOUNT_LOCKED', 'AADSTS50053'),
  },
  {
    name: 'again',
    group: 'fix',
    caption: "Microsoft didn't accept the sign-in",
    state: failed('ERR_SIGN_IN_REFUSED', 'AADSTS70000'),
  },
  {
    name: 'mixed-up',
    group: 'fix',
    caption: 'The answer was for someone else',
    state: failed('ERR_NETWORK_IDENTITY'),
  },
  { name: 'failed', group: 'fix', caption: 'Anything else', state: failed('ERR_INTERNAL') },

  {
    name: 'blocked',
    group: 'help',
    caption: "The organization's rules don't allow the sign-in",
    state: blocked('ERR_POLICY_BLOCKED', 'AADSTS53003'),
  },
  {
    name: 'no-codes',
    group: 'help',
    caption: "The organization doesn't allow codes",
    state: blocked('ERR_DEVICE_CODE_BLOCKED', 'AADSTS530036'),
  },
  {
    name: 'no-codes-with-a-way-through',
    group: 'help',
    caption: "The organization doesn't allow codes, but signing in without one is allowed",
    state: { ...blocked('ERR_DEVICE_CODE_BLOCKED', 'AADSTS530036'), offersBrowser: true },
  },
  {
    name: 'broker-with-a-way-through',
    group: 'help',
    caption: "The computer's broker can't sign the user in, but the browser may",
    state: { ...blocked('ERR_BROKER_NOT_ENROLLED'), method: 'broker', offersBrowser: true },
  },
  {
    name: 'approval',
    group: 'help',
    caption: 'No one has approved the sign-in yet',
    state: blocked('ERR_CONSENT_REQUIRED', 'AADSTS65001'),
  },
  {
    name: 'access',
    group: 'help',
    caption: "The account doesn't have access",
    state: blocked('ERR_NOT_ASSIGNED', 'AADSTS50105'),
  },
  {
    name: 'protection',
    group: 'help',
    caption: 'The organization requires token protection',
    state: blocked('ERR_TOKEN_PROTECTION', 'AADSTS530084'),
  },
  {
    name: 'account-changed',
    group: 'help',
    caption: 'The user name belongs to a different account now',
    state: blocked('ERR_ACCOUNT_REASSIGNED'),
  },
  {
    name: 'setup',
    group: 'help',
    caption: 'The sign-in is set up incorrectly',
    state: blocked('ERR_ENTRA_PUBLIC_CLIENT_OFF', 'AADSTS7000218'),
  },

  {
    name: 'already-opened',
    group: 'gone',
    caption: 'The one-time address was opened before',
    state: waiting,
    way: 'open-twice',
  },
  {
    name: 'not-here',
    group: 'gone',
    caption: 'The address is no longer valid',
    state: waiting,
    way: 'open-old-address',
  },
  {
    name: 'agent-gone',
    group: 'gone',
    caption: 'The program behind the page has ended',
    state: waiting,
    way: 'lose-program',
  },
  {
    name: 'another-program',
    group: 'gone',
    caption: 'A different program answers instead of the one behind the page',
    state: waiting,
    way: 'meet-another-program',
  },
];
