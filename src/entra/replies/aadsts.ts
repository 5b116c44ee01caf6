// What Entra's error numbers, suberrors, and OAuth error names mean: the one table that both the mapper and
// `doctor --explain` read. Numbers are from https://learn.microsoft.com/entra/identity-platform/reference-error-codes.
// Microsoft may change them, so a number without an entry decides nothing: its own sentence is shown instead.
import type { EndReason } from '../../core/end-reason.ts';
import type { ErrorCode } from '../../core/errors.ts';

export interface Explanation {
  /** What it means to this program; in a refresh, if that makes a difference. */
  readonly code: ErrorCode;
  /** The same for a sign-in. */
  readonly atSignIn?: ErrorCode;
  /** The setting to check. */
  readonly key?: string;
  /** Says more than the message of `code`: one sentence, lowercase, no period. */
  readonly reason?: string;
  /** Sent as invalid_grant to a refresh, it ends the sign-in. Without this, the refresh token is kept. */
  readonly end?: EndReason;
  /** The suberror or the OAuth error name next to it says more. */
  readonly isVague?: true;
}

type Rows = readonly [numbers: readonly number[], reason?: string][];

function rows(meaning: Omit<Explanation, 'reason'>, ...list: Rows): [number, Explanation][] {
  return list.flatMap(([numbers, reason]) =>
    numbers.map((number): [number, Explanation] => [number, reason === undefined ? meaning : { ...meaning, reason }]),
  );
}

const ENDED = { code: 'ERR_SIGN_IN_ENDED', atSignIn: 'ERR_ENTRA_REFUSED' } as const;

/** Microsoft says about each of these that the token has expired or was revoked, and that the user must sign in. */
const ends = [
  ...rows(
    { ...ENDED, end: 'revoked' },
    [[50173], 'the password was changed, or you or an admin revoked the sign-in'],
    [[50132, 50133], 'the password expired or was changed'],
  ),
  ...rows({ ...ENDED, end: 'unused' }, [[700082], 'it was unused for too long']),
  // For a code instead of a refresh token: it's too old.
  ...rows({ ...ENDED, atSignIn: 'ERR_SIGN_IN_CODE_EXPIRED', end: 'unused' }, [[70008], 'it was unused for too long']),
  ...rows(
    { ...ENDED, end: 'too-old' },
    [[70043, 70044], 'a sign-in frequency policy in Conditional Access requires a new sign-in'],
    [[700081], 'it has reached the longest time that your organization allows'],
    [
      [700084],
      "the app registration has the redirect URI of a single-page application, whose sign-ins can't be extended",
    ],
  ),
  // https://learn.microsoft.com/entra/identity/conditional-access/concept-authentication-flows: a policy against device
  // codes rejects the refresh tokens of sign-ins that began with one.
  ...rows({ code: 'ERR_DEVICE_CODE_BLOCKED', end: 'codes-blocked' }, [[530036]]),
];

const steps = rows(
  { code: 'ERR_SIGN_IN_STEP_REQUIRED' },
  [[50055, 50144], 'the password has expired'],
  [[50072, 50079], 'you need to set up multifactor authentication'],
  [[50074, 50076, 500121], 'multifactor authentication is required'],
  [[50078], 'your last multifactor authentication is too old'],
  [[50125], 'a password reset or its registration is due'],
  [[50135], 'the password must be changed, because the account is at risk'],
  [[50158], 'an external check is required'],
  [[50058, 700020], "the browser isn't signed in"],
);

const signIn = [
  ...rows({ code: 'ERR_SIGN_IN_CODE_EXPIRED' }, [[54005], 'the code was used already']),
  ...rows({ code: 'ERR_SIGN_IN_CODE_EXPIRED', isVague: true }, [[70018, 70019, 70020]]),
  ...rows({ code: 'ERR_SIGN_IN_DECLINED', isVague: true }, [[65004], "you didn't consent"]),
  ...rows({ code: 'ERR_ENTRA_REFUSED' }, [[70016], 'no one has entered the code yet']),
  ...rows(
    { code: 'ERR_SIGN_IN_REFUSED', atSignIn: 'ERR_ENTRA_REFUSED' },
    [[50126, 50056, 50064], 'the user name or password is wrong'],
    [[50085, 50139], 'the identity provider of the account requires a new sign-in'],
    [[50089], 'the sign-in took too long'],
    [[50197], "the user wasn't found; another account may be signed in to the browser"],
    [[135010], "Entra doesn't find the key of this device"],
  ),
  // 70000 means anything from a damaged to a withdrawn token.
  ...rows({ code: 'ERR_SIGN_IN_REFUSED', atSignIn: 'ERR_ENTRA_REFUSED', isVague: true }, [[70000]]),
];

const busy = rows(
  { code: 'ERR_THROTTLED' },
  // Sent as invalid_grant, but only means that the client must wait.
  [[50196], 'Entra received the same request too often'],
  [[90055], 'Entra received too many requests'],
  [[50033, 50087, 50088, 90006, 90012, 90024, 90033, 90090, 90091, 40010], 'a temporary error at Microsoft'],
);

/**
 * What policies answer that require a compliant, registered, or joined device. A device code can't meet them:
 * https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-grant.
 */
const devices = rows(
  { code: 'ERR_DEVICE_REQUIRED' },
  [[53000], "the policy requires a compliant device, and this one isn't, or Entra can't tell"],
  [[53001], "the policy requires a domain-joined device, and this one isn't, or Entra can't tell"],
  [[530005], 'the policy requires a compliant device or app'],
  [[50097, 50155, 50187], "the policy requires a registered device, and Entra can't recognize this one"],
  [[50129], 'the policy requires a registered device'],
);

const policies = [
  ...rows(
    { code: 'ERR_POLICY_BLOCKED' },
    [[53003, 53004, 530031, 530032, 530035]],
    [[53002, 530021], "the policy requires an approved app, which this program isn't"],
    [[53005, 53009], 'an app protection policy requires an app that Intune manages'],
    [[50005], "the policy doesn't support this operating system"],
    [[50127], 'the policy requires a broker app'],
    [[50131], 'the device, the risk, or a security policy blocks it'],
    [[53010], 'security info can only be set up at certain locations or on certain devices'],
    [[53011, 530034], 'the account is at risk in its home tenant'],
    [[135011], 'the device is disabled'],
  ),
  // Windows' broker meets it, and Linux has none that does:
  // https://learn.microsoft.com/entra/identity/conditional-access/deployment-guide-token-protection-windows.
  ...rows({ code: 'ERR_TOKEN_PROTECTION' }, [[530084]]),
  ...rows({ code: 'ERR_TENANT_RESTRICTED' }, [[50002, 500021, 500022]]),
  ...rows({ code: 'ERR_ENTRA_REFUSED' }, [[54000], "the organization's rules for minors block this account"]),
];

const accounts = [
  ...rows({ code: 'ERR_NOT_ASSIGNED' }, [[50105]]),
  ...rows(
    { code: 'ERR_WRONG_TENANT' },
    [[16000, 16003, 50020, 51004, 90072]],
    [[50014], "the guest hasn't accepted the invitation, or was invited to another tenant"],
    [[500208], "the organization doesn't accept accounts of this type"],
    [[500212], "the account's home organization doesn't allow it (cross-tenant access settings)"],
    [[500213], "the organization doesn't allow accounts of the other one (cross-tenant access settings)"],
  ),
  ...rows(
    { code: 'ERR_ACCOUNT_DISABLED' },
    [[50057], 'it is disabled'],
    [[50034], "it isn't in the tenant"],
    [[500341], 'it was deleted'],
  ),
  ...rows({ code: 'ERR_ACCOUNT_LOCKED' }, [[50053]]),
];

const applications = [
  ...rows({ code: 'ERR_CONSENT_REQUIRED' }, [[65001, 65005, 90008, 90093, 90094, 90095, 90099, 650056, 650057]]),
  ...rows({ code: 'ERR_ENTRA_APP_UNKNOWN', key: 'clientId' }, [[70001, 700011, 700016, 700038]]),
  ...rows({ code: 'ERR_ENTRA_APP_DISABLED' }, [[7000112]]),
  ...rows({ code: 'ERR_ENTRA_PUBLIC_CLIENT_OFF', key: 'clientId' }, [[70002, 7000218]]),
  ...rows({ code: 'ERR_ENTRA_REDIRECT_URI' }, [[50011, 70004, 900971, 9002325, 9002326, 9002327]]),
  ...rows({ code: 'ERR_ENTRA_TENANT_UNKNOWN', key: 'tenantId' }, [[50059, 50128, 90002, 90019, 900021, 900023]]),
  ...rows({ code: 'ERR_ENTRA_TENANT_UNKNOWN', key: 'cloud' }, [
    [90038, 900432, 900440],
    'it belongs to another national cloud',
  ]),
  ...rows({ code: 'ERR_ENTRA_SCOPE', key: 'scope' }, [[28002, 28003, 70011, 650053, 700022, 700023]]),
  ...rows({ code: 'ERR_ENTRA_SERVICE_MISSING' }, [[50001, 500011, 650052, 650054]]),
  ...rows({ code: 'ERR_ENTRA_SERVICE_DISABLED' }, [[500014]]),
  ...rows(
    { code: 'ERR_ENTRA_REFUSED' },
    [
      [700025, 700027, 7000215, 7000222],
      "it came with a client secret or certificate, which this program doesn't send",
    ],
    [[500112, 501481], "the code isn't the one that this sign-in asked for"],
    [
      [20001, 20012, 20033, 40008, 40009, 40015, 50008, 50107],
      "the organization's own identity provider reported an error",
    ],
    [[80001, 80002, 80005, 80007, 80010, 80013, 80014], "the organization's own servers couldn't check the password"],
    [[80012], 'the account may not sign in at this hour'],
  ),
];

/** What each AADSTS number means. */
export const EXPLANATIONS: ReadonlyMap<number, Explanation> = new Map([
  ...ends,
  ...steps,
  ...signIn,
  ...busy,
  ...devices,
  ...policies,
  ...accounts,
  ...applications,
]);

/**
 * What each `suberror` means next to a number that isn't listed. MSAL's own lists are in `InteractionRequiredAuthError`
 * (msal-common) and `OAuth2SubErrorCode` (its Android library); MSAL forgets a refresh token for bad_token only.
 */
export const SUBERRORS: ReadonlyMap<string, Explanation> = new Map<string, Explanation>([
  ['bad_token', { ...ENDED, end: 'revoked', reason: 'the refresh token expired or was revoked' }],
  ['token_expired', { code: 'ERR_SIGN_IN_REFUSED', atSignIn: 'ERR_ENTRA_REFUSED', reason: 'it has expired' }],
  [
    'client_mismatch',
    {
      code: 'ERR_SIGN_IN_REFUSED',
      atSignIn: 'ERR_ENTRA_REFUSED',
      reason: 'it belongs to another application',
    },
  ],
  ['basic_action', { code: 'ERR_SIGN_IN_STEP_REQUIRED' }],
  ['additional_action', { code: 'ERR_SIGN_IN_STEP_REQUIRED' }],
  ['interrupted_user', { code: 'ERR_SIGN_IN_STEP_REQUIRED' }],
  ['user_password_expired', { code: 'ERR_SIGN_IN_STEP_REQUIRED', reason: 'the password has expired' }],
  ['consent_required', { code: 'ERR_CONSENT_REQUIRED' }],
  // A condition that can't be met now, such as a location.
  ['message_only', { code: 'ERR_ENTRA_REFUSED' }],
  [
    'protection_policy_required',
    { code: 'ERR_POLICY_BLOCKED', reason: 'an app protection policy requires an app that Intune manages' },
  ],
  [
    'protection_policies_required',
    { code: 'ERR_POLICY_BLOCKED', reason: 'an app protection policy requires an app that Intune manages' },
  ],
]);

/** What each OAuth or OpenID Connect error name means if neither a number nor a suberror says more. */
export const OAUTH_ERRORS: ReadonlyMap<string, Explanation> = new Map<string, Explanation>([
  ['temporarily_unavailable', { code: 'ERR_THROTTLED' }],
  ['server_error', { code: 'ERR_THROTTLED' }],
  ['interaction_required', { code: 'ERR_SIGN_IN_STEP_REQUIRED' }],
  ['login_required', { code: 'ERR_SIGN_IN_STEP_REQUIRED' }],
  ['consent_required', { code: 'ERR_CONSENT_REQUIRED' }],
  ['authorization_declined', { code: 'ERR_SIGN_IN_DECLINED' }],
  ['access_denied', { code: 'ERR_SIGN_IN_DECLINED' }],
  ['expired_token', { code: 'ERR_SIGN_IN_CODE_EXPIRED' }],
  ['code_expired', { code: 'ERR_SIGN_IN_CODE_EXPIRED' }],
  ['bad_verification_code', { code: 'ERR_SIGN_IN_CODE_EXPIRED' }],
  ['unauthorized_client', { code: 'ERR_ENTRA_APP_UNKNOWN', key: 'clientId' }],
  ['invalid_client', { code: 'ERR_ENTRA_PUBLIC_CLIENT_OFF', key: 'clientId' }],
  ['invalid_scope', { code: 'ERR_ENTRA_SCOPE', key: 'scope' }],
  ['invalid_resource', { code: 'ERR_ENTRA_SCOPE', key: 'scope' }],
  // RFC 6749 section 5.2: invalid, expired, or revoked. Entra never sends it without a number; other servers do.
  ['invalid_grant', { ...ENDED, end: 'revoked' }],
]);

/**
 * A number that isn't listed, as invalid_grant: it may mean anything. The refresh token is kept until a new sign-in
 * helps, or waiting does.
 */
export const UNLISTED: Explanation = { code: 'ERR_SIGN_IN_REFUSED', atSignIn: 'ERR_ENTRA_REFUSED' };

/** Microsoft's page about a number. */
export function errorPage(number: number): string {
  return `https://login.microsoftonline.com/error?code=${number}`;
}
