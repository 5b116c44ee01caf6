// The authorization endpoint: a page where a user chooses an account and continues or cancels, and the redirect back.
import { entraErrorReply } from './entra-errors.ts';
import { escapeHtml, htmlPage } from './entra-page.ts';
import { type BrowserSession, identify, staySignedInPage } from './entra-session-pages.ts';
import type { EntraTenant } from './entra-tenant.ts';
import type { Reply } from './https-listener.ts';

export interface AuthorizationDecision {
  /** Default: the tenant's first account. */
  readonly username?: string | undefined;
  readonly cancel?: boolean;
  /** When the user last entered their password (epoch ms). Default: now. */
  readonly authenticatedAt?: number;
}

/** `GET /{tenant}/oauth2/v2.0/authorize` (RFC 6749 section 4.1.1). */
export function authorizePage(tenant: EntraTenant, query: URLSearchParams): Reply {
  const fault = faultOf(tenant, query);
  if (fault !== undefined) return errorPage(fault);
  if (tenant.browserSession === undefined) return accountPage(tenant, query);
  return signInPage(tenant, query, new URLSearchParams(), tenant.browserSession);
}

/** The page's form, posted to the same address: `account` and `decision` (`continue` or `cancel`). */
export function submitAuthorizePage(tenant: EntraTenant, query: URLSearchParams, form: URLSearchParams): Reply {
  const fault = faultOf(tenant, query);
  if (fault !== undefined) return errorPage(fault);
  if (tenant.browserSession !== undefined) return signInPage(tenant, query, form, tenant.browserSession);
  const username = (form.get('account') ?? '').trim();
  const cancel = form.get('decision') === 'cancel';
  if (!cancel && username === '') return accountPage(tenant, query, 'Enter the name of your account.');
  return { status: 302, headers: { location: redirectOf(tenant, query, { username, cancel }) }, body: '' };
}

/**
 * Entra's own pages. With a session, Entra skips them, unless the application wants the user to choose
 * (`select_account`). `login`, or a policy, makes it ask for the password again.
 */
function signInPage(
  tenant: EntraTenant,
  query: URLSearchParams,
  form: URLSearchParams,
  session: BrowserSession,
): Reply {
  const { username } = tenant.account();
  const prompt = query.get('prompt');
  if (session === 'present' && (prompt === 'login' || tenant.isTooOld(tenant.browserAuthenticatedAt))) {
    return passwordAgain(tenant, query, form);
  }
  const isSilent = session === 'present' && prompt === null;
  const who = isSilent ? username : identify(form, { session, username, kept: {} });
  if (typeof who !== 'string') return who;
  if (session === 'absent' && !form.has('stay')) {
    return staySignedInPage({ loginfmt: who, passwd: form.get('passwd') ?? '' });
  }
  const authenticatedAt = session === 'present' ? tenant.browserAuthenticatedAt : Date.now();
  return {
    status: 302,
    headers: { location: redirectOf(tenant, query, { username: who, authenticatedAt }) },
    body: '',
  };
}

/** The hint is taken as the name, as Entra does. */
function passwordAgain(tenant: EntraTenant, query: URLSearchParams, form: URLSearchParams): Reply {
  const hint = query.get('login_hint');
  if (hint !== null && !form.has('loginfmt')) form.set('loginfmt', hint);
  const who = identify(form, { session: 'absent', username: '', kept: {} });
  if (typeof who !== 'string') return who;
  tenant.browserAuthenticatedAt = Date.now();
  return { status: 302, headers: { location: redirectOf(tenant, query, { username: who }) }, body: '' };
}

/**
 * Where the user's decision sends the browser (RFC 6749 sections 4.1.2 and 4.1.2.1).
 * @throws Error when the page wouldn't have let the user decide.
 */
export function redirectOf(tenant: EntraTenant, query: URLSearchParams, decision: AuthorizationDecision): string {
  const fault = faultOf(tenant, query);
  if (fault !== undefined) throw new Error(`the authorization page shows AADSTS${fault}`);
  const location = new URL(query.get('redirect_uri') ?? '');
  const error = decision.cancel ? 65004 : tenant.authorizationError;
  const answer = error === undefined ? { code: issueCode(tenant, query, decision) } : errorParameters(error);
  for (const [name, value] of Object.entries(answer)) location.searchParams.set(name, value);
  const state = query.get('state');
  if (state !== null) location.searchParams.set('state', state);
  location.searchParams.set('session_state', '0b1c2d3e-0000-4000-8000-000000000000');
  return location.href;
}

/** The AADSTS number that Entra shows on its own page; the browser isn't sent back then. */
function faultOf(tenant: EntraTenant, query: URLSearchParams): number | undefined {
  if (query.get('client_id')?.toLowerCase() !== tenant.clientId.toLowerCase()) return 700016;
  if (!isRegistered(tenant.redirectUris, query.get('redirect_uri') ?? '')) return 50011;
  if (query.get('response_type') !== 'code' || (query.get('response_mode') ?? 'query') !== 'query') return 900144;
  // Stricter than Entra, which takes a native client without PKCE.
  return query.get('code_challenge_method') === 'S256' && query.get('code_challenge')?.length === 43
    ? undefined
    : 9002325;
}

/** RFC 8252 section 7.3: of a loopback redirect anything but the port must match. */
function isRegistered(registered: readonly string[], asked: string): boolean {
  return registered.includes(asked.replace(/^(http:\/\/(?:127\.0\.0\.1|localhost)):\d{1,5}(?=\/|$)/, '$1'));
}

function issueCode(
  tenant: EntraTenant,
  query: URLSearchParams,
  { username, authenticatedAt = Date.now() }: AuthorizationDecision,
): string {
  const code = tenant.authorizationCodes.issue({
    clientId: tenant.clientId,
    redirectUri: query.get('redirect_uri') ?? '',
    codeChallenge: query.get('code_challenge') ?? '',
    scope: query.get('scope') ?? '',
    nonce: query.get('nonce') ?? undefined,
    account: tenant.account(username),
    authenticatedAt,
    expiresAt: Date.now() + tenant.authorizationCodeLifetimeSec * 1000,
  });
  tenant.issued.authorizationCodes.push(code);
  return code;
}

/** The token endpoint's error, but for the fields that a redirect doesn't have. */
function errorParameters(number: number): Record<string, string> {
  const { error, error_description, error_uri } = JSON.parse(entraErrorReply(number).body) as Record<string, string>;
  return {
    // Entra's name for a decline here; `authorization_declined` belongs to the device code grant.
    error: number === 65004 ? 'access_denied' : String(error),
    ...(number === 65004 ? { error_subcode: 'cancel' } : {}),
    error_description: String(error_description),
    error_uri: String(error_uri),
  };
}

function accountPage(tenant: EntraTenant, query: URLSearchParams, message = ''): Reply {
  const usernames = tenant.accounts.map(({ username }) => username);
  const options = usernames.map((username) => `<option value="${escapeHtml(username)}"></option>`).join('');
  const account = query.get('login_hint') ?? usernames[0] ?? '';
  return htmlPage(
    'Sign in to your account',
    `${message === '' ? '' : `<p role="alert" id="error">${escapeHtml(message)}</p>`}
<form method="post">
<label for="account">Account</label>
<input id="account" name="account" list="accounts" value="${escapeHtml(account)}">
<datalist id="accounts">${options}</datalist>
<button id="continue" name="decision" value="continue">Continue</button>
<button id="cancel" name="decision" value="cancel">Cancel</button>
</form>`,
  );
}

function errorPage(number: number): Reply {
  const { error_description } = JSON.parse(entraErrorReply(number).body) as { error_description: string };
  const text = `<p>Sorry, but we’re having trouble signing you in.</p><p id="error">${escapeHtml(error_description)}</p>`;
  return htmlPage('Sign in', text, 400);
}
