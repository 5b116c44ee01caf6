// What several panels are made of.
import type { Messages } from '../languages/messages.ts';
import { offersBrowser, offersCancel, offersNewCode, type PageError, type PageState } from '../page-state.ts';
import { type Html, html } from './html.ts';
import { icons } from './icons.ts';
import { reportText } from './report.ts';

export type Tone = 'busy' | 'good' | 'attention' | 'quiet';

export function hero(icon: Html, tone: Tone, title: string): Html {
  return html`<div class="headline"><div class="hero ${tone}" aria-hidden="true">${icon}</div><h1 tabindex="-1">${title}</h1></div>`;
}

export function lead(text: string): Html {
  return html`<p class="lead">${text}</p>`;
}

/** `bdi` keeps a name with right-to-left characters from reordering the text next to it. */
export function account(label: string, name: string): Html {
  return html`<p class="account"><span class="account-label">${label}</span> <bdi translate="no">${breakable(name)}</bdi></p>`;
}

/** Lets a narrow window break an address before its domain rather than anywhere. */
function breakable(name: string): Html[] {
  return name.split(/(?=@)/).map((part, index) => (index === 0 ? html`${part}` : html`<wbr>${part}`));
}

/** An address as people type it; always left to right. */
export function address(text: string): Html {
  return html`<bdi class="address" dir="ltr" translate="no">${text}</bdi>`;
}

export function warning(title: string, text: string): Html {
  return html`<div class="warning" role="note" aria-labelledby="warning-title">${icons.shield}<div><p id="warning-title" class="warning-title">${title}</p><p>${text}</p></div></div>`;
}

/** What the page waits for. The script and the style show one of the two lines. */
export function live({ live: text, offline }: Messages, remaining?: Html): Html {
  return html`<div data-live>
      <p class="live when-online"><span class="dot" aria-hidden="true"></span><span data-words>${text}</span>${remaining}</p>
      <p class="live when-offline">${icons.cloud}<span data-words>${offline}</span></p></div>`;
}

/** For the IT department. In the language of support, and not to be translated. */
export function details(error: PageError, messages: Messages): Html {
  const { title, copy } = messages.details;
  return html`<details class="details"><summary>${title}</summary>
      <div class="details-box"><pre id="report" tabindex="0" lang="en" dir="ltr" translate="no">${reportText(error)}</pre>${copyButton('report', copy, messages)}</div></details>`;
}

/** @param target id of the element whose text it copies */
export function copyButton(target: string, label: string, { copied, copyByHand }: Messages): Html {
  return html`<button type="button" class="button copy needs-script" data-copy="${target}" data-copied="${copied}" data-by-hand="${copyByHand}"><span class="when-idle">${icons.copy}</span><span class="when-copied">${icons.check}</span><span data-label>${label}</span></button>`;
}

/** If there is another button, this one is the second choice. */
export function browserForm(state: PageState, { withoutCode, inBrowser }: Messages): Html | undefined {
  if (!offersBrowser(state)) return undefined;
  const { offer, button } = 'method' in state && state.method === 'broker' ? inBrowser : withoutCode;
  const rank = state.state === 'blocked' ? 'button primary' : 'button second';
  return html`<p>${offer}</p><form method="post" action="use-browser"><button class="${rank}">${button}</button></form>`;
}

export function newCodeForm(state: PageState, label: string): Html | undefined {
  if (!offersNewCode(state)) return undefined;
  return html`<form method="post" action="new-code"><button class="button primary">${label}</button></form>`;
}

export function cancelForm(state: PageState, label: string): Html | undefined {
  if (!offersCancel(state)) return undefined;
  return html`<form method="post" action="cancel" class="cancel"><button class="button plain">${label}</button></form>`;
}
