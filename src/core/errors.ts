// Every failure the product can report: stable code, category, message, and remedy. docs/error-reference.md is
// generated from it.
import { printable } from './printable.ts';
import { isTlsFault, type TlsFault, tlsFaults } from './tls-fault.ts';

/** The kinds of failure, each with the exit code of a process that fails this way. Code may branch on the kind. */
const EXIT_CODES = {
  internal: 1,
  /** A problem with this computer kept a command from finishing, or the user stopped it. */
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

interface ErrorSpec {
  readonly category: ErrorCategory;
  /** One sentence for the user: lowercase, no period. `detail` follows it after a colon. */
  readonly message: string;
  /** What the user or the admin can do about it. */
  readonly hint: string;
  /** The same command can succeed later without anyone fixing something. */
  readonly retryable?: true;
}

/** Codes are public: admins match on them. Add freely; never rename or reuse one. */
const ERRORS = {
  ERR_INTERNAL: {
    category: 'internal',
    message: 'unexpected failure',
    hint: 'run it again; if it stays, send what "foundry-credential-helper report" writes to support',
    retryable: true,
  },
  ERR_USAGE: {
    category: 'usage',
    message: 'this command line is not understood',
    hint: 'see "foundry-credential-helper --help"',
  },
  ERR_ROOT_IN_USER_HOME: {
    category: 'usage',
    message: "root can't run this program in another user's home folder",
    hint: 'run it without sudo; as a script that runs as root, run it as the user: sudo -H -u USER foundry-credential-helper ...',
  },
  ERR_CANCELLED: {
    category: 'incomplete',
    message: 'stopped before the end',
    hint: 'nothing was written; start again',
  },
  ERR_FILE_EXISTS: {
    category: 'usage',
    message: 'a file of this name exists and was not overwritten',
    hint: 'name another folder, or replace the files with --force',
  },
  ERR_FILE_UNWRITABLE: {
    category: 'incomplete',
    message: 'a file cannot be written',
    hint: 'free disk space, repair the permissions of the folder, or name another one',
  },
  ERR_OUTPUT_UNWRITABLE: {
    category: 'incomplete',
    message: "the output can't be written",
    hint: 'free disk space, or check the file or program that the output goes to, then try again',
  },
  ERR_API_KEY_INVALID: {
    category: 'usage',
    message: 'this is no API key',
    hint: 'copy the key alone, as one line: Azure shows it under "Keys and Endpoint" of the Foundry resource',
  },
  ERR_CONFIG_MISSING: {
    category: 'configuration',
    message: 'a required setting is missing',
    hint: 'ask your IT department to configure it, or set it in the file that "config show" names',
  },
  ERR_CONFIG_INVALID: {
    category: 'configuration',
    message: 'a setting is invalid',
    hint: 'correct the value where it is set; "config show" names every value and its origin',
  },
  ERR_POLICY_ONLY: {
    category: 'configuration',
    message: 'your organization manages all settings of this program',
    hint: "your own settings don't count on this computer: ask your IT department to change the policy; nothing was changed",
  },
  ERR_CONFIG_UNREADABLE: {
    category: 'configuration',
    message: 'a configuration source cannot be read',
    hint: 'repair or remove the named file; it is never skipped silently',
  },
  ERR_FILE_UNREADABLE: {
    category: 'configuration',
    message: "a file can't be checked",
    hint: 'check that it is the file you mean: a profile, property list, registry export, or JSON settings for foundry-credential-helper or Claude Desktop',
  },
  ERR_CLAUDE_CODE_CONFLICT: {
    category: 'configuration',
    message: "Claude Code's settings hold what would keep it from asking this program",
    hint: 'take the named keys out, or for another "apiKeyHelper" use --force; nothing was changed',
  },
  ERR_CLAUDE_DESKTOP_MANAGED: {
    category: 'configuration',
    message: "your organization manages Claude Desktop's settings on this computer",
    hint: 'Claude Desktop ignores local settings as long as they exist: ask your IT department to add this program to them; nothing was changed',
  },
  ERR_CLAUDE_DESKTOP_CONFLICT: {
    category: 'configuration',
    message: 'Claude Desktop uses another profile',
    hint: "if this program's profile is to take its place, use --force; the other one is kept; nothing was changed",
  },
  ERR_ENDPOINT_OFF: {
    category: 'configuration',
    message: 'the token endpoint for Azure SDKs is off',
    hint: 'the admin sets "allowTokenEndpoint" to true; whoever can run commands as this user can then fetch tokens by it',
  },
  ERR_ENDPOINT_RESOURCE: {
    category: 'configuration',
    message: 'tokens are handed out for one resource only',
    hint: 'use the scope that "config show" says, or correct "scope"; where AZURE_CLIENT_ID names another application, unset it for this command',
  },
  ERR_ENTRA_APP_UNKNOWN: {
    category: 'configuration',
    message: 'Entra does not know this application in the tenant',
    hint: 'check "clientId" and "tenantId": the application must be registered in, or consented for, that tenant',
  },
  ERR_ENTRA_TENANT_UNKNOWN: {
    category: 'configuration',
    message: 'Entra does not know this tenant',
    hint: 'check "tenantId" (and "cloud" for a national cloud)',
  },
  ERR_ENTRA_PUBLIC_CLIENT_OFF: {
    category: 'configuration',
    message: 'the application registration does not allow public client flows',
    hint: 'check "clientId"; in the app registration set Authentication > "Allow public client flows" to Yes',
  },
  ERR_ENTRA_REDIRECT_URI: {
    category: 'configuration',
    message: "the app registration doesn't have this program's redirect URI",
    hint: 'an admin adds http://127.0.0.1/callback to the app registration as a redirect URI for mobile and desktop applications: az ad app update --id CLIENT-ID --public-client-redirect-uris http://127.0.0.1/callback',
  },
  ERR_ENTRA_RESOURCE_MISSING: {
    category: 'configuration',
    message: 'the application that "scope" names isn\'t in your organization\'s Entra tenant',
    hint: 'check "scope" and "tenantId"; if they\'re right, an admin adds that application to the tenant: az ad sp create --id APPLICATION-ID',
  },
  ERR_ENTRA_SCOPE: {
    category: 'configuration',
    message: 'Entra does not accept the requested scope',
    hint: 'check "scope"; the default is right for Foundry',
  },
  ERR_SIGN_IN_REQUIRED: {
    category: 'sign-in',
    message: 'nobody is signed in',
    hint: 'start a session in Claude Desktop, or run "foundry-credential-helper login"',
  },
  ERR_SIGN_IN_ENDED: {
    category: 'sign-in',
    message: 'the sign-in has expired or was revoked',
    hint: 'start a session in Claude Desktop, or run "foundry-credential-helper login"',
  },
  ERR_SIGN_IN_REFUSED: {
    category: 'sign-in',
    message: "Entra doesn't accept this sign-in now",
    hint: 'start a session in Claude Desktop, or run "foundry-credential-helper login"; if that doesn\'t help, an admin finds the reason in the Entra sign-in log by the correlation ID',
    retryable: true,
  },
  ERR_ACCOUNT_LOCKED: {
    category: 'sign-in',
    message: 'Entra has locked this account for a while, or blocks the address that you sign in from',
    hint: 'wait a few minutes, then try again; if it stays, an admin finds out which of the two it is in the Entra sign-in log by the correlation ID',
    retryable: true,
  },
  ERR_SIGN_IN_STEP_REQUIRED: {
    category: 'sign-in',
    message: 'Entra asks for another sign-in step',
    hint: 'start a session in Claude Desktop, or run "foundry-credential-helper login"',
  },
  ERR_SIGN_IN_DECLINED: {
    category: 'sign-in',
    message: 'the sign-in was declined in the browser',
    hint: 'start again with "foundry-credential-helper login" if that was not intended',
  },
  ERR_SIGN_IN_CODE_EXPIRED: {
    category: 'sign-in',
    message: 'the sign-in was not finished in time',
    hint: 'start again with "foundry-credential-helper login"; a code is valid for a short time only',
  },
  ERR_SIGN_IN_CANCELLED: {
    category: 'sign-in',
    message: 'the sign-in was cancelled',
    hint: 'start again with "foundry-credential-helper login"',
  },
  ERR_SIGN_IN_OTHER_ACCOUNT: {
    category: 'sign-in',
    message: 'another account signed in than the configured one',
    hint: 'sign in again with the account that "accountHint" names',
  },
  ERR_API_KEY_MISSING: {
    category: 'sign-in',
    message: 'no API key is kept for this resource',
    hint: 'run "foundry-credential-helper login --api-key" and paste the key that your IT department gave you',
  },
  ERR_SIGN_IN_PENDING: {
    category: 'pending',
    message: 'waiting for the sign-in to be finished in the browser',
    hint: 'finish it on the page that opened and try again; the sign-in goes on meanwhile',
    retryable: true,
  },
  ERR_AGENT_UNREACHABLE: {
    category: 'agent',
    message: "the agent didn't answer",
    hint: 'try again; if it stays, run "foundry-credential-helper agent stop", which also ends an agent that hangs',
    retryable: true,
  },
  ERR_AGENT_NOT_RUNNING: {
    category: 'agent',
    message: "the agent isn't running",
    hint: 'no action needed: it starts when Claude Desktop asks for a token, or with "foundry-credential-helper agent start"',
  },
  ERR_AGENT_LOCKED: {
    category: 'agent',
    message: "another computer holds the lock of the agent's folder, or locks don't work there",
    hint: 'if your home folder is on a network drive, run "foundry-credential-helper agent stop" on the other computer, or set XDG_STATE_HOME for all your sessions to a folder on a local disk',
  },
  ERR_AGENT_UNTRUSTED: {
    category: 'agent',
    message: "a place that this program uses belongs to, or isn't protected from, another user",
    hint: 'if the named path is yours, run "chmod go-w" on it, or delete it if something else should be there; if a run with sudo left it, run sudo chown -R "$USER" on it; if it is someone else\'s, tell your IT department',
  },
  ERR_AGENT_VERSION: {
    category: 'agent',
    message: 'the running agent is of another version',
    hint: 'use the newest installed foundry-credential-helper everywhere, or run "agent stop" and try again',
    retryable: true,
  },
  ERR_AGENT_PROTOCOL: {
    category: 'agent',
    message: 'the agent and this program do not understand each other',
    hint: 'run "foundry-credential-helper agent stop" and try again',
  },
  ERR_AGENT_START: {
    category: 'agent',
    message: 'the agent could not be started',
    hint: 'run "foundry-credential-helper agent run" in a terminal to see why',
    retryable: true,
  },
  ERR_AGENT_DIAGNOSIS: {
    category: 'agent',
    message: "the agent couldn't run doctor's checks",
    hint: 'run "foundry-credential-helper agent stop" and try again',
  },
  ERR_AUTOSTART: {
    category: 'incomplete',
    message: "the agent's autostart cannot be changed",
    hint: 'repair what is named; without autostart the agent starts when Claude Desktop asks for a token',
  },
  ERR_STATE_UNWRITABLE: {
    category: 'agent',
    message: "the agent's folder cannot be used",
    hint: 'free disk space or repair the permissions of the named folder',
  },
  ERR_NETWORK: {
    category: 'network',
    message: 'the sign-in service cannot be reached',
    hint: 'check the network connection; the host must be reachable on port 443',
    retryable: true,
  },
  ERR_NETWORK_DNS: {
    category: 'network',
    message: "the sign-in service's name cannot be resolved",
    hint: 'check the network connection and DNS; behind a proxy set "proxy" or HTTPS_PROXY',
    retryable: true,
  },
  ERR_NETWORK_TIMEOUT: {
    category: 'network',
    message: 'the sign-in service did not answer in time',
    hint: 'check the network connection, the VPN and the proxy, then try again',
    retryable: true,
  },
  ERR_NETWORK_TLS: {
    category: 'network',
    message: 'no trusted TLS connection to the sign-in service',
    hint: 'run "foundry-credential-helper doctor", which says what is wrong with the certificate',
  },
  ERR_NETWORK_PROXY: {
    category: 'network',
    message: 'the proxy refused the connection to the sign-in service',
    hint: 'allow the sign-in host in the proxy, or correct "proxy" or HTTPS_PROXY',
  },
  ERR_NETWORK_PROXY_AUTH: {
    category: 'network',
    message: 'the proxy asks for credentials',
    hint: 'give them in "proxy" or HTTPS_PROXY; if the proxy only accepts Negotiate, NTLM, or Kerberos, run a relay such as Cntlm or Px and set "proxy" to it; or exempt the sign-in host from proxy authentication',
  },
  ERR_NETWORK_REPLY: {
    category: 'network',
    message: 'something that is not the sign-in service answered',
    hint: 'a captive portal or a proxy page answers in its place: open a browser and sign in to the network',
    retryable: true,
  },
  ERR_NETWORK_IDENTITY: {
    category: 'network',
    message: "the sign-in service's reply is for a different organization, application, or user",
    hint: 'check "cloud", "tenantId", and "clientId", run "foundry-credential-helper logout", then "login"; if it happens again, tell your IT department: something may be changing replies on the network',
  },
  ERR_THROTTLED: {
    category: 'network',
    message: 'the sign-in service asks to wait',
    hint: 'no action is needed: it is tried again by itself',
    retryable: true,
  },
  ERR_TOKEN_REJECTED: {
    category: 'network',
    message: 'the last token was rejected and no new one can be had at the moment',
    hint: 'check the network connection, then try again',
    retryable: true,
  },
  ERR_KEYSTORE_LOCKED: {
    category: 'keystore',
    message: 'the keystore is locked or refused access',
    hint: 'unlock it (log out of the computer and in again, or open your keyring or password manager) and allow access if it asks, then try again',
    retryable: true,
  },
  ERR_KEYSTORE_WAITING: {
    category: 'keystore',
    message: 'the keystore is waiting for your permission',
    hint: 'answer the dialog of your keyring or password manager: allow access, or unlock it; then try again',
    retryable: true,
  },
  ERR_KEYSTORE_MISSING: {
    category: 'keystore',
    message: "the keystore doesn't show the entry that this program stored in it",
    hint: 'unlock your keyring or password manager, then try again; if the entry was deleted there, start a session in Claude Desktop, or run "foundry-credential-helper login"',
    retryable: true,
  },
  ERR_KEYSTORE_UNAVAILABLE: {
    category: 'keystore',
    message: 'no keystore is available',
    hint: 'on Linux install and start a Secret Service (gnome-keyring or KWallet) in the desktop session; elsewhere see the reason given',
  },
  ERR_KEYSTORE_RECORD: {
    category: 'keystore',
    message: 'the sign-in kept in the keystore cannot be read',
    hint: 'run "foundry-credential-helper logout", then "login"; nothing was deleted',
  },
  ERR_KEYSTORE_DAMAGED: {
    category: 'keystore',
    message: 'the sign-in kept in the keystore is damaged',
    hint: 'start a session in Claude Desktop, or run "foundry-credential-helper login": a new sign-in replaces it',
  },
  ERR_POLICY_BLOCKED: {
    category: 'policy',
    message: 'a Conditional Access policy refuses this sign-in',
    hint: 'the admin finds the policy in the Entra sign-in log by the correlation id',
  },
  ERR_TOKEN_PROTECTION: {
    category: 'policy',
    message: "a Conditional Access policy requires token protection, which this program can't provide",
    hint: "an admin excludes this application or its users from the token protection policy in Entra; signing in again doesn't help",
  },
  ERR_DEVICE_CODE_BLOCKED: {
    category: 'policy',
    message: 'the organization does not allow device code sign-in',
    hint: 'the admin sets "signInMethod" to "browser" or "browserSignInFallback" to true, or exempts this application from the authentication flows policy',
  },
  ERR_CONSENT_REQUIRED: {
    category: 'policy',
    message: 'an admin has not yet approved this application',
    hint: 'grant admin consent for the delegated Azure Cognitive Services permission in Entra; if the app registration lacks the permission, add it first',
  },
  ERR_ENTRA_APP_DISABLED: {
    category: 'policy',
    message: 'your organization has turned off sign-in to this application',
    hint: 'an admin opens the application in Entra under Enterprise applications > Properties and sets "Enabled for users to sign-in?" to Yes',
  },
  ERR_ENTRA_SERVICE_MISSING: {
    category: 'policy',
    message: "your organization's Entra tenant doesn't have Azure Cognitive Services, which Foundry's tokens are for",
    hint: 'an admin adds its service principal: az ad sp create --id 7d312290-28c8-473c-a0ed-8e53749b6d6d',
  },
  ERR_ENTRA_SERVICE_DISABLED: {
    category: 'policy',
    message: "your organization's Entra tenant has turned off Azure Cognitive Services, which Foundry's tokens are for",
    hint: "an admin turns it on: az ad sp update --id 7d312290-28c8-473c-a0ed-8e53749b6d6d --set accountEnabled=true; if Entra doesn't find it: az ad sp create --id 7d312290-28c8-473c-a0ed-8e53749b6d6d; if the subscription has lapsed, renew it",
  },
  ERR_ENTRA_RESOURCE_DISABLED: {
    category: 'policy',
    message: 'the application that "scope" names is turned off in your organization\'s Entra tenant',
    hint: 'an admin opens that application in Entra under Enterprise applications > Properties and sets "Enabled for users to sign-in?" to Yes',
  },
  ERR_TENANT_RESTRICTED: {
    category: 'policy',
    message: "the network you're on doesn't allow sign-in to this organization",
    hint: "the network's admin adds your tenant to its tenant restrictions (on a proxy, the header Restrict-Access-To-Tenants)",
  },
  ERR_NOT_ASSIGNED: {
    category: 'policy',
    message: 'this account is not assigned to the application',
    hint: 'assign the user or a group of theirs in Enterprise applications > Users and groups',
  },
  ERR_WRONG_TENANT: {
    category: 'policy',
    message: 'this account does not belong to the configured organization',
    hint: 'sign in with the work account of that organization, or invite the account as a guest',
  },
  ERR_ACCOUNT_DISABLED: {
    category: 'policy',
    message: 'this account is disabled or unknown',
    hint: 'the admin checks the account in Entra',
  },
  ERR_ACCOUNT_REASSIGNED: {
    category: 'policy',
    message: 'this user name now belongs to a different account',
    hint: 'if your IT department created the account again or gave you the name, run "foundry-credential-helper logout", then "login"; otherwise tell them',
  },
  ERR_ENTRA_REFUSED: {
    category: 'policy',
    message: 'Entra refused the request',
    hint: 'the admin finds the reason in the Entra sign-in log by the correlation id',
  },
} as const satisfies Record<string, ErrorSpec>;

export type ErrorCode = keyof typeof ERRORS;

export const errorCatalog: Readonly<Record<ErrorCode, ErrorSpec>> = ERRORS;

/** Characters of a detail, an account, or a correlation ID that a message shows. */
const MAX_TEXT = 500;

export interface AppErrorOptions {
  /**
   * Public text added to the message: a key, a file, a host, or an AADSTS number. Never a secret or an account name.
   */
  readonly detail?: string | undefined;
  /**
   * Why, in a sentence that follows the detail after a colon. As public as `detail`, even if it's Entra's own sentence.
   */
  readonly reason?: string | undefined;
  /** The account that the failure is about. Shown to the user, but never logged or reported. */
  readonly account?: string | undefined;
  /** The account that should have signed in instead; as private as `account`. */
  readonly expectedAccount?: string | undefined;
  /** `host:port` of the proxy that the failed connection went through; `detail` names it too. */
  readonly proxy?: string | undefined;
  /** What is wrong with the TLS connection. Decides on the hint of ERR_NETWORK_TLS. */
  readonly tlsFault?: TlsFault | undefined;
  /** The server's correlation id, for the admin to search in the Entra sign-in log. */
  readonly correlationId?: string | undefined;
  /** Milliseconds the server asked to wait. */
  readonly retryAfterMs?: number | undefined;
  /** Claims challenge to pass on to the next interactive sign-in (OpenID Connect `claims` parameter). */
  readonly claims?: string | undefined;
  readonly cause?: unknown;
}

/** A failure as a value: what `describeFailure` prints and the agent sends over IPC. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  readonly reason: string | undefined;
  readonly account: string | undefined;
  readonly expectedAccount: string | undefined;
  readonly proxy: string | undefined;
  readonly tlsFault: TlsFault | undefined;
  readonly correlationId: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly claims: string | undefined;

  constructor(code: ErrorCode, options: AppErrorOptions = {}) {
    const { account, expectedAccount, detail, reason } = options;
    const accounts = expectedAccount === undefined ? account : `${account} instead of ${expectedAccount}`;
    super(messageWith(code, [accounts, detail], reason), { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.detail = detail === undefined ? undefined : printable(detail, MAX_TEXT);
    this.reason = reason === undefined ? undefined : printable(reason, MAX_TEXT);
    this.account = account;
    this.expectedAccount = expectedAccount;
    this.proxy = options.proxy;
    this.tlsFault = options.tlsFault;
    this.correlationId = options.correlationId;
    this.retryAfterMs = options.retryAfterMs;
    this.claims = options.claims;
  }

  get category(): ErrorCategory {
    return errorCatalog[this.code].category;
  }

  /** What the user or the admin can do about it. */
  get hint(): string {
    return this.tlsFault === undefined ? errorCatalog[this.code].hint : tlsFaults[this.tlsFault].hint;
  }

  /** The message without account names, for reports. */
  get publicMessage(): string {
    return messageWith(this.code, [this.detail], this.reason);
  }
}

function messageWith(code: ErrorCode, details: readonly (string | undefined)[], reason?: string): string {
  const detail = details.filter((text) => text !== undefined).join(', ');
  const parts = [detail, reason ?? ''].filter((text) => text !== '').map((text) => printable(text, MAX_TEXT));
  return [errorCatalog[code].message, ...parts].join(': ');
}

/** The exit code of a process that fails with this error. To handle a failure, look at its category instead. */
export function exitCodeOf(code: ErrorCode): FailureExitCode {
  return EXIT_CODES[errorCatalog[code].category];
}

/**
 * Never throws: any thrown value becomes an AppError. Another error's text isn't shown, because it may contain
 * anything.
 */
export function toAppError(thrown: unknown): AppError {
  return thrown instanceof AppError ? thrown : new AppError('ERR_INTERNAL', { cause: thrown });
}

/** The two stderr lines and the exit code for any thrown value. */
export function describeFailure(thrown: unknown): { readonly exit: FailureExitCode; readonly text: string } {
  const error = toAppError(thrown);
  const trace =
    error.correlationId === undefined ? '' : ` (correlation id ${printable(error.correlationId, MAX_TEXT)})`;
  const line = `foundry-credential-helper: error[${error.code}]: ${error.message}${trace}`;
  return { exit: exitCodeOf(error.code), text: `${line}\nhint: ${error.hint}\n` };
}

/** An AppError as it's sent over IPC and kept in state files: the code, not the text. */
export interface ErrorRecord {
  readonly code: ErrorCode;
  readonly detail?: string | undefined;
  readonly reason?: string | undefined;
  readonly account?: string | undefined;
  readonly expectedAccount?: string | undefined;
  readonly tlsFault?: TlsFault | undefined;
  readonly correlationId?: string | undefined;
}

export function errorToRecord({
  code,
  detail,
  reason,
  account,
  expectedAccount,
  tlsFault,
  correlationId,
}: AppError): ErrorRecord {
  return { code, detail, reason, account, expectedAccount, tlsFault, correlationId };
}

/** Reads a record from outside; returns `undefined` if it isn't one. An unknown code is shown, not dropped. */
export function errorFromRecord(value: unknown): AppError | undefined {
  if (typeof value !== 'object' || value === null || !('code' in value) || typeof value.code !== 'string') {
    return undefined;
  }
  const text = (name: keyof ErrorRecord): string | undefined => {
    const field: unknown = Reflect.get(value, name);
    return typeof field === 'string' ? field : undefined;
  };
  const correlationId = text('correlationId');
  if (!Object.hasOwn(errorCatalog, value.code)) {
    return new AppError('ERR_INTERNAL', { detail: value.code.slice(0, 80), correlationId });
  }
  const fault = text('tlsFault');
  const tlsFault = isTlsFault(fault) ? fault : undefined;
  return new AppError(value.code as ErrorCode, {
    detail: text('detail'),
    reason: text('reason'),
    account: text('account'),
    expectedAccount: text('expectedAccount'),
    tlsFault,
    correlationId,
  });
}
