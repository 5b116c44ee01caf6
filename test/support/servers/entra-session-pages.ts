// Who signs in, page by page as Entra asks for it: with a session in the browser, one choice; without one, name and password.
import { escapeHtml, htmlPage } from './entra-page.ts';
import type { Reply } from './https-listener.ts';

/** Whether the browser has a session with Entra, as on a computer that is joined to the tenant. */
export type BrowserSession = 'present' | 'absent';

export interface Identification {
  readonly session: BrowserSession;
  /** The user with the session. */
  readonly username: string;
  /** Where the forms go; default: the address of the page. */
  readonly action?: string;
  /** Fields that each form sends again. */
  readonly kept: Readonly<Record<string, string>>;
}

/** The next page, or the user's name when they are known. */
export function identify(form: URLSearchParams, identification: Identification): Reply | string {
  const { session, username } = identification;
  if (session === 'present') {
    return form.get('account') ?? pickAccountPage(username, identification);
  }
  const name = form.get('loginfmt')?.trim();
  if (name === undefined || name === '') return userNamePage(identification);
  return (form.get('passwd') ?? '') === '' ? passwordPage(name, identification) : name;
}

function pickAccountPage(username: string, identification: Identification): Reply {
  const account = escapeHtml(username);
  const tile = `<button class="tile" name="account" value="${account}">${account}</button>`;
  return formPage('Pick an account', tile, identification);
}

function userNamePage(identification: Identification): Reply {
  const field = '<input name="loginfmt" autocomplete="off" autofocus placeholder="Email, phone, or Skype">';
  return formPage('Sign in', `${field}\n<button id="next">Next</button>`, identification);
}

function passwordPage(name: string, { kept, ...identification }: Identification): Reply {
  const field = '<input name="passwd" type="password" autofocus placeholder="Password">';
  const fields = { ...identification, kept: { ...kept, loginfmt: name } };
  return formPage('Enter password', `${field}\n<button id="sign-in">Sign in</button>`, fields);
}

/** Entra's last question before it sends the browser back. */
export function staySignedInPage(kept: Readonly<Record<string, string>>): Reply {
  const buttons = '<button name="stay" value="no">No</button><button id="yes" name="stay" value="yes">Yes</button>';
  return formPage('Stay signed in?', buttons, { kept });
}

function formPage(title: string, content: string, { action, kept }: Pick<Identification, 'action' | 'kept'>): Reply {
  const hidden = Object.entries(kept).map(
    ([name, value]) => `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`,
  );
  return htmlPage(
    title,
    `<form method="post"${action === undefined ? '' : ` action="${action}"`}>
${hidden.join('\n')}
${content}
</form>`,
  );
}
