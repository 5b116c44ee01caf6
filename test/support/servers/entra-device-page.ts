// The verification page where a user enters the code, chooses an account and continues or cancels.
import type { DeviceAuthorizationState } from './entra-grants.ts';
import { isWaiting } from './entra-grants.ts';
import { escapeHtml, htmlPage } from './entra-page.ts';
import { type BrowserSession, identify } from './entra-session-pages.ts';
import type { Reply } from './https-listener.ts';

export interface DevicePageActions {
  find(userCode: string): DeviceAuthorizationState | undefined;
  approve(userCode: string, username: string): void;
  decline(userCode: string): void;
  /** User names that the page offers; another one may be typed. */
  usernames(): readonly string[];
  /** If set, the user is asked who they are as Entra does it, before the question whether to continue. */
  readonly session: BrowserSession | undefined;
}

/** `GET /device`. */
export function enterCodePage(message = ''): Reply {
  return htmlPage(
    'Enter code to allow access',
    `${message === '' ? '' : `<p role="alert" id="error">${escapeHtml(message)}</p>`}
<form method="post" action="/device">
<label for="otc">Enter the code displayed on your app or device.</label>
<input id="otc" name="otc" maxlength="32" autocomplete="off" autofocus required>
<button id="next">Next</button>
</form>`,
  );
}

/** `POST /device`: the fields are `otc`, then also `account` and `decision` (`continue` or `cancel`). */
export function submitDevicePage(form: URLSearchParams, actions: DevicePageActions): Reply {
  const authorization = actions.find(form.get('otc') ?? '');
  if (authorization === undefined) return enterCodePage("That code didn't work. Check the code and try again.");
  if (!isWaiting(authorization)) return enterCodePage('That code has expired or was used. Start again on your device.');
  const [first = ''] = actions.usernames();
  const { session } = actions;
  if (session !== undefined && !form.has('decision')) {
    const kept = { otc: authorization.userCode };
    const who = identify(form, { session, username: first, action: '/device', kept });
    return typeof who === 'string' ? accountPage(authorization, [who]) : who;
  }
  const username = (form.get('account') ?? '').trim();
  switch (form.get('decision')) {
    case 'cancel':
      actions.decline(authorization.userCode);
      return htmlPage(
        'Sign-in cancelled',
        '<p id="outcome">You have not been signed in. You may now close this window.</p>',
      );
    case 'continue':
      if (username === '') return accountPage(authorization, actions.usernames(), 'Enter the name of your account.');
      actions.approve(authorization.userCode, username);
      return htmlPage(
        'Signed in',
        '<p id="outcome">You have signed in on your device. You may now close this window.</p>',
      );
    default:
      return accountPage(authorization, actions.usernames());
  }
}

function accountPage(authorization: DeviceAuthorizationState, usernames: readonly string[], message = ''): Reply {
  const options = usernames.map((username) => `<option value="${escapeHtml(username)}"></option>`).join('');
  return htmlPage(
    'Are you trying to sign in?',
    `${message === '' ? '' : `<p role="alert" id="error">${escapeHtml(message)}</p>`}
<p>Only continue if you asked for this sign-in on a device that you trust.</p>
<form method="post" action="/device">
<input type="hidden" name="otc" value="${escapeHtml(authorization.userCode)}">
<label for="account">Account</label>
<input id="account" name="account" list="accounts" value="${escapeHtml(usernames[0] ?? '')}">
<datalist id="accounts">${options}</datalist>
<button id="continue" name="decision" value="continue">Continue</button>
<button id="cancel" name="decision" value="cancel">Cancel</button>
</form>`,
  );
}
