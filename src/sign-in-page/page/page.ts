// The whole document, and the reply that the client script polls. Both show the same panel.
import { createHash } from 'node:crypto';
import { directionOf, type Language } from '../languages/languages.ts';
import { fill, type Messages, messagesIn } from '../languages/messages.ts';
import { changesByItself, isOffline, type PageState, type PageView } from '../page-state.ts';
import { type Html, html } from './html.ts';
import { icons } from './icons.ts';
import { panelTitle, renderNotice, renderPanel } from './panels.ts';
import { noticeStyle } from './style.ts';

/** The reply to `GET state`, as JSON. */
export interface StateReply {
  /** Changes if, and only if, the panel does. The remaining time and the connection don't change it. */
  readonly revision: string;
  readonly state: PageState['state'];
  /** Whether the page should ask again, because the state can change without the user. */
  readonly isRunning: boolean;
  /** Whether the page should say that Microsoft can't be reached right now. */
  readonly isOffline: boolean;
  readonly title: string;
  /** For the live region of screen readers. */
  readonly announcement: string;
  /** Markup of the panel. */
  readonly html: string;
  /** Text of the remaining time; empty unless waiting. */
  readonly remaining: string;
}

export interface RenderOptions {
  readonly view: PageView;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The state as the client script shows it. */
export function describeState({ view, now }: RenderOptions): StateReply {
  const messages = messagesIn(view.language);
  const remaining =
    view.state.state === 'waiting' ? remainingText(view.state.expiresAt - now, view.language, messages) : '';
  const title = panelTitle(view.state, messages);
  return {
    revision: createHash('sha256')
      .update(JSON.stringify({ ...view, state: { ...view.state, offline: undefined }, logo: undefined }))
      .digest('base64url')
      .slice(0, 16),
    state: view.state.state,
    isRunning: changesByItself(view.state),
    isOffline: isOffline(view.state),
    title: documentTitle(title, view),
    announcement: view.state.state === 'waiting' ? messages.waiting.announcement : title,
    html: renderPanel({ view, messages, remaining }).toString(),
    remaining,
  };
}

/**
 * The document with the current state in it, so it also works without its script. Without the script, it never
 * reloads, because only the script can check `proof`, which each reply to `GET state` must repeat.
 */
export function renderPage(options: RenderOptions, proof: string): string {
  const { view } = options;
  const messages = messagesIn(view.language);
  const reply = describeState(options);
  const panel = renderPanel({ view, messages, remaining: reply.remaining });
  const head = html`<link rel="stylesheet" href="style.css">
<script src="script.js" defer></script>`;
  const body = html`<div class="card">
<header class="asker">${mark(view)}<div>${asker(view)}</div></header>
<main id="panel" data-revision="${reply.revision}" data-state="${reply.state}" data-proof="${proof}"${reply.isRunning ? html` data-running` : undefined}${reply.isOffline ? html` data-offline` : undefined}>${panel}</main>
</div>
<footer>${messages.footer}</footer>
<p id="status" class="visually-hidden" role="status"></p>
<template id="lost">${renderNotice(messages.lost)}</template>
<template id="replaced">${renderNotice(messages.replaced)}</template>`;
  return renderDocument({ language: view.language, title: reply.title, head, body });
}

/** A page for a browser without a session. It shows only what to do, nothing about the sign-in. Its style is inline. */
export function renderNoticePage(kind: 'alreadyOpened' | 'notHere', language: Language): string {
  const notice = messagesIn(language)[kind];
  const body = html`<div class="card"><main id="panel">${renderNotice(notice)}</main></div>`;
  return renderDocument({ language, title: notice.title, head: html`<style>${noticeStyle}</style>`, body });
}

/**
 * The reply to Microsoft's redirect. It makes the browser go to `path` as a step of this site: the page's cookies are
 * SameSite=Strict, so the browser doesn't send them with the redirect itself.
 */
export function renderReturnPage(path: string, language: Language): string {
  const { title, text, goOn } = messagesIn(language).finishing;
  const head = html`<meta http-equiv="refresh" content="0; url=${path}">
<style>${noticeStyle}</style>`;
  const link = html`<p><a href="${path}">${goOn}</a></p>`;
  const body = html`<div class="card"><main id="panel">${renderNotice({ title, text })}${link}</main></div>`;
  return renderDocument({ language, title, head, body });
}

interface DocumentParts {
  readonly language: Language;
  readonly title: string;
  readonly head: Html;
  readonly body: Html;
}

/**
 * The referrer policy here is wider than the header's `no-referrer`: with that one, a browser sends `Origin: null` with
 * a form, and the buttons wouldn't work without the script. Other origins still get no referrer.
 * The icon is inline because browsers would otherwise request /favicon.ico.
 */
function renderDocument({ language, title, head, body }: DocumentParts): string {
  return html`<!doctype html>
<html lang="${language}" dir="${directionOf(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="same-origin">
<meta name="robots" content="noindex">
<title>${title}</title>
<link rel="icon" href="${favicon}">
${head}
</head>
<body>
${body}
</body>
</html>
`.toString();
}

const favicon =
  'data:image/svg+xml,' +
  encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#fff" stroke-width="2" stroke-linecap="round"><rect width="24" height="24" rx="6" fill="#1d5fa8" stroke="none"/><circle cx="9.5" cy="14.5" r="3.5"/><path d="M12 12l6-6M15.5 8.5l2 2"/></svg>',
  );

function asker({ organizationName, language }: PageView): Html {
  const messages = messagesIn(language);
  const [name, purpose] =
    organizationName === undefined
      ? [messages.application, messages.applicationPurpose]
      : [organizationName, messages.purpose];
  return html`<p class="organization"><bdi>${name}</bdi></p><p class="purpose">${purpose}</p>`;
}

/** No alternative text: the name next to it says who it is. */
function mark({ logo }: PageView): Html {
  return logo === undefined
    ? html`<span class="badge">${icons.key}</span>`
    : html`<img class="logo" src="logo" alt="">`;
}

function documentTitle(title: string, { organizationName }: PageView): string {
  return organizationName === undefined ? title : `${title} – ${organizationName}`;
}

/** In whole minutes, rounded down: better to hurry than to be late. */
function remainingText(leftMs: number, language: Language, { waiting }: Messages): string {
  const minutes = Math.floor(leftMs / 60_000);
  const { lessThanOne, other, ...plurals } = waiting.remaining;
  if (!(minutes >= 1)) return lessThanOne;
  const text = plurals[new Intl.PluralRules(language).select(minutes) as keyof typeof plurals] ?? other;
  return fill(text, { minutes: new Intl.NumberFormat(language).format(minutes) });
}
