// The part of the page that changes with the state. When it changes, the client script replaces it with the same
// markup.
import { pageFailureOf } from '../../core/error-table/error-table.ts';
import { errorCatalog } from '../../core/errors.ts';
import { dateWithWeekday, fill, type Messages } from '../languages/messages.ts';
import { authorizationUrl, claudeUrl, offersBrowser, type PageState, type PageView } from '../page-state.ts';
import { type Html, html, htmlWith } from './html.ts';
import { icons } from './icons.ts';
import {
  account,
  address,
  browserForm,
  cancelForm,
  copyButton,
  details,
  hero,
  lead,
  live,
  newCodeForm,
  warning,
} from './parts.ts';
import { groupUserCode, spellUserCode } from './user-code.ts';

export interface PanelContext {
  readonly view: PageView;
  readonly messages: Messages;
  /** Text of the remaining time; empty unless waiting. */
  readonly remaining: string;
}

type StateOf<Name extends PageState['state']> = Extract<PageState, { readonly state: Name }>;

/** The state's heading, which is also the window's title. */
export function panelTitle(state: PageState, messages: Messages): string {
  switch (state.state) {
    case 'starting':
      return messages.starting.title;
    case 'waiting':
      return messages.waiting.title;
    case 'browser':
      return messages.browser.title;
    case 'system-dialog':
      return messages.systemDialog.title;
    case 'finishing':
      return messages.finishing.title;
    case 'signed-in':
      return messages.signedIn.title;
    case 'ending':
      return state.reason === 'password' ? messages.ending.passwordTitle : messages.ending.title;
    case 'kept':
      return messages.kept.title;
    case 'declined':
      return messages.declined.title;
    case 'expired':
      return state.method === 'browser' ? messages.expired.browserTitle : messages.expired.title;
    case 'cancelled':
      return messages.cancelled.title;
    case 'other-account':
      return messages.otherAccount.title;
    case 'blocked':
    case 'failed':
      return messages.failures[pageFailureOf(state.code)].title;
  }
}

/** The state's content. `[data-live]` and forms mark what is useless without the agent. */
export function renderPanel(context: PanelContext): Html {
  const { messages } = context;
  const { state } = context.view;
  switch (state.state) {
    case 'starting':
      return html`${busy(messages.starting)}${cancelForm(state, messages.cancel)}`;
    case 'browser':
      return browser(state, context);
    case 'system-dialog':
      return html`${busy(messages.systemDialog)}${cancelForm(state, messages.cancel)}`;
    case 'finishing':
      return busy(messages.finishing);
    case 'waiting':
      return waiting(state, context);
    case 'signed-in':
      return signedIn(state, context);
    case 'ending':
      return ending(state, context);
    case 'kept':
      return html`${hero(icons.check, 'good', messages.kept.title)}
        ${lead(fill(messages.kept.text, { date: endDate(state, context) }))}${claudeLink(context, 'button')}`;
    case 'declined':
      return html`${hero(icons.cross, 'attention', panelTitle(state, messages))}
        ${lead(state.method === 'browser' ? messages.declined.browserText : messages.declined.text)}${againForm(state, messages)}`;
    case 'expired':
      return expired(state, messages);
    case 'cancelled':
      return html`${hero(icons.cross, 'quiet', messages.cancelled.title)}${lead(messages.cancelled.text)}
        ${claudeLink(context, 'button')}`;
    case 'other-account':
      return otherAccount(state, messages);
    case 'blocked':
      return blocked(state, messages);
    case 'failed':
      return failed(state, messages);
  }
}

/** A panel without controls: the agent is gone or replaced, or the address is no longer valid or never was. */
export function renderNotice(notice: { readonly title: string; readonly text: string }): Html {
  return html`${hero(icons.stop, 'quiet', notice.title)}${lead(notice.text)}`;
}

function busy(text: { readonly title: string; readonly text: string }): Html {
  return html`<div data-live>${hero(icons.key, 'busy', text.title)}
    ${lead(text.text)}${progress}</div>`;
}

const progress = html`<div class="progress" aria-hidden="true"></div>`;

function waiting(state: StateOf<'waiting'>, context: PanelContext): Html {
  const { messages, view } = context;
  const { waiting: text } = messages;
  const page = verificationPage(state.verificationUri);
  const groups = groupUserCode(state.userCode).map((group) => html`<span>${group}</span>`);
  return html`<h1 tabindex="-1">${text.title}</h1>
    ${page.href === undefined ? lead(text.textByHand) : html`<p class="lead">${scripted(text.text, text.textByHand)}</p>`}
    ${previous(context)}
    ${page.href === undefined ? undefined : openButton(page.href, page.name, messages)}
    ${view.accountHint === undefined ? undefined : account(messages.accountLabel, view.accountHint)}
    <div class="code-box" id="code-box"><p class="code-note" id="code-note" hidden data-copied="${text.codeCopied}" data-not-copied="${text.codeNotCopied}"></p>
      <div class="code-line"><p class="code"><span class="code-label">${text.codeLabel}</span> <span class="visually-hidden" translate="no">${spellUserCode(state.userCode)}</span><span id="user-code" class="user-code" dir="ltr" translate="no" aria-hidden="true">${groups}</span></p>
      ${copyButton('user-code', messages.copy, messages)}</div>
      <p class="hint">${htmlWith(text.otherDevice, { address: address(page.name) })}</p></div>
    ${live(messages, html` <span class="remaining" data-remaining>${context.remaining}</span>`)}
    <p class="hint needs-script">${text.afterwards}</p>
    ${warning(text.warningTitle, text.warning)}
    ${cancelForm(state, messages.cancel)}`;
}

/** Copies the code in the click, because the new tab takes the focus, without which a page can't copy. */
function openButton(href: string, name: string, messages: Messages): Html {
  const { waiting: text, opensInNewTab } = messages;
  return html`<div class="go"><a class="button primary" id="open" href="${href}" target="_blank" rel="noopener noreferrer" data-copy-first="user-code">${scripted(text.openButton, text.openButtonByHand)}${icons.outside}<span class="visually-hidden"> (${opensInNewTab})</span></a>
    <p class="hint">${htmlWith(text.opens, { address: address(name) })}</p></div>`;
}

/** Only https becomes a link: the address comes from the network, and `javascript:` would run in this page. */
function verificationPage(uri: string): { readonly name: string; readonly href?: string } {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  if (url?.protocol !== 'https:') return { name: uri };
  return { name: `${url.host}${url.pathname.replace(/\/$/, '')}`, href: url.href };
}

/** One text for browsers that run the script, and one for those that don't. */
function scripted(text: string, byHand: string): Html {
  return html`<span class="needs-script">${text}</span><span class="without-script">${byHand}</span>`;
}

/** Why someone is asked again. */
function previous({ view: { previous: last, language }, messages }: PanelContext): Html | undefined {
  if (last === undefined) return undefined;
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short' }).format(last.at);
  const reason =
    last.end === undefined ? messages.failures[pageFailureOf(last.code)].text : messages.previous[last.end];
  return html`<p class="hint">${fill(messages.previous.ended, { date })}<br>${reason}</p>`;
}

/** The script tells the agent when the user continues. The link doesn't depend on who listens on the agent's port. */
function browser(state: StateOf<'browser'>, context: PanelContext): Html {
  const { messages, view } = context;
  const { browser: text } = messages;
  const url = authorizationUrl(state);
  return html`<h1 tabindex="-1">${text.title}</h1>
    ${lead(text.text)}${previous(context)}
    ${
      url === undefined
        ? undefined
        : html`<div class="go"><a class="button primary" id="continue" href="${url.href}" rel="noreferrer"><span>${text.button}</span></a>
    <p class="hint">${htmlWith(text.opens, { address: address(url.host) })}</p></div>`
    }
    ${view.accountHint === undefined ? undefined : account(messages.accountLabel, view.accountHint)}
    ${live(messages)}
    ${warning(text.warningTitle, text.warning)}
    ${cancelForm(state, messages.cancel)}`;
}

function signedIn(state: StateOf<'signed-in'>, context: PanelContext): Html {
  const { signedIn: text } = context.messages;
  return html`${hero(icons.check, 'good', text.title)}
    ${lead(text.text)}${claudeLink(context, 'button primary')}${account(text.accountLabel, state.username)}`;
}

function ending(state: StateOf<'ending'>, context: PanelContext): Html {
  const { messages, view } = context;
  const { ending: text } = messages;
  const body = state.reason === 'password' ? text.passwordText : text.text;
  return html`${hero(icons.clock, 'attention', panelTitle(state, messages))}
    ${lead(fill(body, { date: endDate(state, context) }))}
    ${newCodeForm(state, text.button)}
    ${view.accountHint === undefined ? undefined : account(messages.accountLabel, view.accountHint)}
    ${cancelForm(state, text.later)}`;
}

/** With the day of the week, because the day is near. */
function endDate({ endsAt }: StateOf<'ending' | 'kept'>, { view }: PanelContext): string {
  return dateWithWeekday(endsAt, view.language);
}

function claudeLink({ view, messages }: PanelContext, rank: string): Html | undefined {
  const href = claudeUrl(view);
  if (href === undefined) return undefined;
  return html`<p class="go"><a class="${rank}" id="open-claude" href="${href}">${messages.openClaude}</a></p>`;
}

function expired(state: StateOf<'expired'>, messages: Messages): Html {
  const { expired: text } = messages;
  const hasCode = state.method !== 'browser';
  return html`${hero(icons.clock, 'attention', panelTitle(state, messages))}
    ${lead(hasCode ? text.text : text.browserText)}${againForm(state, messages)}
    ${hasCode ? html`<p class="hint">${text.blockedHint}</p>` : undefined}${browserForm(state, messages)}`;
}

function otherAccount(state: StateOf<'other-account'>, messages: Messages): Html {
  const { otherAccount: text } = messages;
  return html`${hero(icons.person, 'attention', text.title)}
    ${lead(text.text)}
    <div class="accounts">${account(text.signedInLabel, state.username)}${account(text.expectedLabel, state.expected)}</div>
    <p>${state.method === 'browser' ? text.browserAdvice : text.codeAdvice}</p>
    ${againForm(state, messages)}`;
}

function blocked(state: StateOf<'blocked'>, messages: Messages): Html {
  const { text, advice } = messages.failures[pageFailureOf(state.code)];
  return html`${hero(icons.lock, 'attention', panelTitle(state, messages))}
    ${lead(text)}
    ${browserForm(state, messages)}
    <p>${offersBrowser(state) ? messages.withoutCode.otherwise : advice}</p>
    ${details(state, messages)}`;
}

function failed(state: StateOf<'failed'>, messages: Messages): Html {
  const { text, advice } = messages.failures[pageFailureOf(state.code)];
  return html`${hero(isNetwork(state) ? icons.cloud : icons.stop, 'attention', panelTitle(state, messages))}
    ${lead(text)}
    <p>${advice}</p>
    ${state.retrying === true ? html`<div data-live><p class="hint">${messages.retrying}</p>${progress}</div>` : undefined}
    ${newCodeForm(state, messages.tryAgain)}
    ${browserForm(state, messages)}
    ${details(state, messages)}`;
}

function againForm(state: StateOf<'declined' | 'expired' | 'other-account'>, messages: Messages): Html | undefined {
  return newCodeForm(state, state.method === 'browser' ? messages.tryAgain : messages.newCode);
}

function isNetwork(state: StateOf<'failed'>): boolean {
  return errorCatalog[state.code].category === 'network';
}
