// The part of the page that changes with the state. When it changes, the client script replaces it with the same
// markup.
import { type PageErrorCode, pageFailureOf } from '../../core/error-table/error-table.ts';
import { errorCatalog } from '../../core/errors.ts';
import type { Messages } from '../languages/messages.ts';
import {
  authorizationUrl,
  offersBrowser,
  offersCancel,
  offersNewCode,
  type PageState,
  type PageView,
} from '../page-state.ts';
import { type Html, html } from './html.ts';
import { icons } from './icons.ts';
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
    case 'finishing':
      return messages.finishing.title;
    case 'signed-in':
      return messages.signedIn.title;
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
      return html`${busy(messages.starting)}${cancelForm(context)}`;
    case 'browser':
      return browser(state, context);
    case 'finishing':
      return busy(messages.finishing);
    case 'waiting':
      return waiting(state, context);
    case 'signed-in':
      return html`${hero(icons.check, 'good', messages.signedIn.title)}
        ${lead(messages.signedIn.text)}${account(messages.signedIn.accountLabel, state.username)}`;
    case 'declined':
      return html`${hero(icons.cross, 'attention', panelTitle(state, messages))}
        ${lead(state.method === 'browser' ? messages.declined.browserText : messages.declined.text)}${againForm(state, messages)}`;
    case 'expired':
      return html`${hero(icons.clock, 'attention', panelTitle(state, messages))}
        ${lead(state.method === 'browser' ? messages.expired.browserText : messages.expired.text)}${againForm(state, messages)}
        ${state.method === 'browser' ? undefined : html`<p class="hint">${messages.expired.blockedHint}</p>`}${browserForm(state, messages)}`;
    case 'cancelled':
      return html`${hero(icons.cross, 'quiet', messages.cancelled.title)}${lead(messages.cancelled.text)}`;
    case 'other-account':
      return otherAccount(state, messages);
    case 'blocked':
      return blocked(state, context);
    case 'failed':
      return failed(state, context);
  }
}

function busy(text: { readonly title: string; readonly text: string }): Html {
  return html`<div data-live>${hero(icons.key, 'busy', text.title)}
    ${lead(text.text)}<div class="progress" aria-hidden="true"></div></div>`;
}

/** A panel without controls: the agent is gone or replaced, or the address is no longer valid or never was. */
export function renderNotice(notice: { readonly title: string; readonly text: string }): Html {
  return html`${hero(icons.stop, 'quiet', notice.title)}${lead(notice.text)}`;
}

function waiting(state: StateOf<'waiting'>, context: PanelContext): Html {
  const { waiting: text } = context.messages;
  const groups = groupUserCode(state.userCode).map((group) => html`<span>${group}</span>`);
  return html`<h1 tabindex="-1">${text.title}</h1>
    ${lead(text.text)}${previous(context)}
    ${warning(text.warningTitle, text.warning)}
    <ol class="steps">
      <li><p class="step">${text.copyCode}</p>
        <div class="code-box"><p class="code"><span class="visually-hidden">${text.codeLabel} ${spellUserCode(state.userCode)}</span><span id="user-code" class="user-code" aria-hidden="true">${groups}</span></p>
        ${copyButton('user-code', context.messages.copy, context.messages)}</div></li>
      <li><p class="step">${text.openPage}</p>
        ${verificationLink(state.verificationUri, context.messages)}
        ${context.view.accountHint === undefined ? undefined : account(text.accountLabel, context.view.accountHint)}</li>
      <li><p class="step">${text.comeBack}</p><p class="hint needs-script">${text.comeBackHint}</p>
        <p class="live" data-live><span class="dot" aria-hidden="true"></span><span>${text.live}</span><span class="remaining" data-remaining>${context.remaining}</span></p></li>
    </ol>
    ${cancelForm(context)}`;
}

/** Why someone is asked again. */
function previous({ view: { previous: last, language }, messages }: PanelContext): Html | undefined {
  if (last === undefined) return undefined;
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short' }).format(last.at);
  const reason = last.end === undefined ? failureReason(last.code, messages) : messages.previous.ends[last.end];
  const detail = last.detail === undefined ? '' : ` (${last.detail})`;
  return html`<p class="hint">${messages.previous.ended(date)} ${reason + detail}.</p>`;
}

function warning(title: string, text: string): Html {
  return html`<div class="warning" role="note" aria-labelledby="warning-title">${icons.shield}<div><p id="warning-title" class="warning-title">${title}</p><p>${text}</p></div></div>`;
}

/** The script tells the agent when the user continues. The link itself doesn't depend on who listens on our port. */
function browser(state: StateOf<'browser'>, context: PanelContext): Html {
  const { messages, view } = context;
  const { browser: text, waiting: shared } = messages;
  const url = authorizationUrl(state);
  return html`<h1 tabindex="-1">${text.title}</h1>
    ${lead(text.text)}${previous(context)}
    ${warning(shared.warningTitle, text.warning)}
    ${view.accountHint === undefined ? undefined : account(shared.accountLabel, view.accountHint)}
    <div class="go">${
      url === undefined
        ? undefined
        : html`<a class="button primary" id="continue" href="${url.href}" rel="noreferrer"><span>${text.button}</span></a>
    <p class="hint">${shared.opens} <span class="address">${url.host}</span> ${text.hint}</p>`
    }</div>
    <p class="live" data-live><span class="dot" aria-hidden="true"></span><span>${shared.live}</span></p>
    ${cancelForm(context)}`;
}

/** Only https becomes a link: the address comes from the network, and `javascript:` would run in our page. */
function verificationLink(uri: string, messages: Messages): Html {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  if (url?.protocol !== 'https:') return html`<p class="address">${uri}</p>`;
  const address = `${url.host}${url.pathname.replace(/\/$/, '')}`;
  return html`<a class="button primary" id="open" href="${url.href}" target="_blank" rel="noopener noreferrer" data-copy-first="user-code"><span>${messages.waiting.openButton}</span>${icons.outside}<span class="visually-hidden">(${messages.opensInNewTab})</span></a>
    <p class="hint">${messages.waiting.opens} <span class="address">${address}</span><span class="needs-script"> &middot; ${messages.waiting.openPageHint}</span></p>
    <p class="hint">${messages.waiting.openByHand}</p>`;
}

function otherAccount(state: StateOf<'other-account'>, messages: Messages): Html {
  const { otherAccount: text } = messages;
  return html`${hero(icons.person, 'attention', text.title)}
    ${lead(text.text)}
    <div class="accounts">${account(text.signedInLabel, state.username)}${account(text.expectedLabel, state.expected)}</div>
    <p>${state.method === 'browser' ? text.browserAdvice : text.codeAdvice}</p>
    ${againForm(state, messages)}`;
}

function blocked(state: StateOf<'blocked'>, { messages }: PanelContext): Html {
  const { text, advice } = messages.failures[pageFailureOf(state.code)];
  return html`${hero(icons.lock, 'attention', panelTitle(state, messages))}
    ${lead(text)}
    ${browserForm(state, messages)}
    <p>${offersBrowser(state) ? messages.blocked.otherAdvice : advice}</p>
    <section class="report-box" aria-labelledby="report-title"><h2 id="report-title">${messages.blocked.reportTitle}</h2>
      ${report(state, messages)}${copyButton('report', messages.blocked.copyReport, messages)}</section>`;
}

function failed(state: StateOf<'failed'>, { messages }: PanelContext): Html {
  const { text, advice } = messages.failures[pageFailureOf(state.code)];
  return html`${hero(isNetwork(state) ? icons.cloud : icons.stop, 'attention', panelTitle(state, messages))}
    ${lead(text)}
    <p>${advice}</p>
    ${newCodeForm(state, messages.failed.tryAgain)}
    <details class="report-details"><summary>${messages.failed.reportTitle}</summary>
      <div class="report-box">${report(state, messages)}${copyButton('report', messages.blocked.copyReport, messages)}</div></details>`;
}

/** Plain lines, because it's pasted into a ticket or a chat. */
function report(state: StateOf<'blocked'> | StateOf<'failed'>, { report: text, errors }: Messages): Html {
  const { message, hint } = errors[state.code];
  const problem = state.detail === undefined ? message : message + text.colon + state.detail;
  const lines = [
    text.title,
    text.code + text.colon + state.code,
    text.problem + text.colon + sentence(problem),
    text.remedy + text.colon + sentence(hint),
    ...(state.correlationId === undefined ? [] : [text.correlationId + text.colon + state.correlationId]),
  ];
  return html`<pre id="report" tabindex="0">${lines.join('\n')}</pre>`;
}

function hero(icon: Html, tone: 'busy' | 'good' | 'attention' | 'quiet', title: string): Html {
  return html`<div class="hero ${tone}" aria-hidden="true">${icon}</div><h1 tabindex="-1">${title}</h1>`;
}

function lead(text: string): Html {
  return html`<p class="lead">${text}</p>`;
}

/** `bdi` keeps a name with right-to-left characters from reordering the text next to it. */
function account(label: string, name: string): Html {
  return html`<p class="account"><span class="account-label">${label}</span> <bdi>${breakable(name)}</bdi></p>`;
}

/** Lets a narrow window break an address before its domain rather than anywhere. */
function breakable(name: string): Html[] {
  return name.split(/(?=@)/).map((part, index) => (index === 0 ? html`${part}` : html`<wbr>${part}`));
}

function copyButton(target: string, label: string, messages: Messages): Html {
  return html`<button type="button" class="button copy needs-script" data-copy="${target}" data-copied="${messages.copied}" data-by-hand="${messages.copyByHand}"><span class="when-idle">${icons.copy}</span><span class="when-copied">${icons.check}</span><span data-label>${label}</span></button>`;
}

/** If there is another button, this one is the second choice. */
function browserForm(state: PageState, { blocked: text }: Messages): Html | undefined {
  if (!offersBrowser(state)) return undefined;
  const rank = state.state === 'blocked' ? 'button primary' : 'button second';
  return html`<p>${text.browserOffer}</p><form method="post" action="use-browser"><button class="${rank}">${text.useBrowser}</button></form>`;
}

function againForm(state: StateOf<'declined' | 'expired' | 'other-account'>, messages: Messages): Html | undefined {
  return newCodeForm(state, state.method === 'browser' ? messages.failed.tryAgain : messages.newCode);
}

function newCodeForm(state: PageState, label: string): Html | undefined {
  if (!offersNewCode(state)) return undefined;
  return html`<form method="post" action="new-code"><button class="button primary">${label}</button></form>`;
}

function cancelForm({ view, messages }: PanelContext): Html | undefined {
  if (!offersCancel(view.state)) return undefined;
  return html`<form method="post" action="cancel" class="cancel"><button class="button plain">${messages.waiting.cancel}</button></form>`;
}

/** What happened, as the end of a sentence. */
function failureReason(code: PageErrorCode, messages: Messages): string {
  return messages.failures[pageFailureOf(code)].text.replace(/\.$/, '');
}

function isNetwork(state: StateOf<'failed'>): boolean {
  return errorCatalog[state.code].category === 'network';
}

/** Makes a sentence of an error's text, which is in stderr style: lowercase, no period. */
function sentence(text: string): string {
  const start = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?\u2026:]$/.test(start) ? start : `${start}.`;
}
