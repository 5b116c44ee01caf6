/**
 * The page's script, plain JavaScript for browsers of the last four years. It holds no text of its own: markup comes
 * from `GET state`, words from data attributes and from the template `lost`.
 */
export const clientScript = `'use strict';
(() => {
  const POLL_MS = 1000;
  // Browsers slow hidden pages down further; this only keeps us from asking in vain.
  const HIDDEN_POLL_MS = 3000;
  const LOST_POLL_MS = 5000;
  // One failure may be the computer waking up, or a connection closed at that very moment.
  const FAILURES_UNTIL_LOST = 3;
  const CLOSE_AFTER_MS = 4000;

  const panel = document.getElementById('panel');
  const status = document.getElementById('status');
  const lost = document.getElementById('lost');
  let revision = panel.dataset.revision;
  let failures = 0;
  let polling = false;
  let ended = false;
  let timer;

  function announce(text) {
    // Emptied first, because a live region that is given the same text again says nothing.
    status.textContent = '';
    setTimeout(() => { status.textContent = text; }, 100);
  }

  function focusHeading() {
    panel.querySelector('h1').focus({ preventScroll: true });
    scrollTo(0, 0);
  }

  function show(reply) {
    if (reply.revision !== revision) {
      revision = reply.revision;
      panel.innerHTML = reply.html;
      document.title = reply.title;
      focusHeading();
      announce(reply.announcement);
    }
    const remaining = panel.querySelector('[data-remaining]');
    if (remaining && remaining.textContent !== reply.remaining) remaining.textContent = reply.remaining;
    if (reply.state === 'signed-in') end();
  }

  function showLost() {
    // What is complete without the agent, such as the text for the IT department, stays.
    if (revision === 'lost' || !panel.querySelector('form, [data-live]')) return;
    revision = 'lost';
    panel.replaceChildren(lost.content.cloneNode(true));
    document.title = panel.querySelector('h1').textContent;
    focusHeading();
    announce(document.title);
  }

  function end() {
    ended = true;
    // Browsers allow it only while this is the first page of its tab; else the text asks the user.
    if (history.length === 1) setTimeout(() => window.close(), CLOSE_AFTER_MS);
  }

  // A file that only begins like a picture: the name beside it says enough.
  const logo = document.querySelector('.logo');
  if (logo) {
    const drop = () => logo.remove();
    if (logo.complete && logo.naturalWidth === 0) drop();
    else logo.addEventListener('error', drop);
  }

  async function poll() {
    if (polling || ended) return;
    clearTimeout(timer);
    polling = true;
    try {
      const reply = await fetch('state', { cache: 'no-store', signal: AbortSignal.timeout(5000) });
      if (!reply.ok) throw new Error(String(reply.status));
      show(await reply.json());
      failures = 0;
    } catch {
      failures += 1;
      if (failures >= FAILURES_UNTIL_LOST) showLost();
    }
    polling = false;
    timer = setTimeout(poll, revision === 'lost' ? LOST_POLL_MS : document.hidden ? HIDDEN_POLL_MS : POLL_MS);
  }

  /** Copies at once, without asking for a permission; false where the browser does not do it. */
  function copyNow(text) {
    let copied = false;
    const put = (event) => {
      event.clipboardData.setData('text/plain', text);
      event.preventDefault();
      copied = true;
    };
    document.addEventListener('copy', put);
    try { document.execCommand('copy'); } catch { copied = false; }
    document.removeEventListener('copy', put);
    return copied;
  }

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return copyNow(text);
    }
  }

  function select(element) {
    const range = document.createRange();
    range.selectNodeContents(element);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  }

  async function onCopy(button) {
    const source = document.getElementById(button.dataset.copy);
    const copied = await copy(source.textContent);
    if (!copied) select(source);
    const label = button.querySelector('[data-label]');
    const words = copied ? button.dataset.copied : button.dataset.byHand;
    button.dataset.idle ??= label.textContent;
    label.textContent = words;
    button.classList.toggle('copied', copied);
    announce(words);
    clearTimeout(button.resetTimer);
    button.resetTimer = setTimeout(() => {
      label.textContent = button.dataset.idle;
      button.classList.remove('copied');
    }, copied ? 2500 : 8000);
  }

  async function onSubmit(form) {
    const button = form.querySelector('button');
    if (button.getAttribute('aria-disabled') === 'true') return;
    button.setAttribute('aria-disabled', 'true');
    // The answer is a redirect to this page, for browsers without scripts.
    await fetch(form.action, { method: 'POST', redirect: 'manual' }).catch(() => undefined);
    await poll();
    setTimeout(() => button.removeAttribute('aria-disabled'), 3000);
  }

  panel.addEventListener('click', (event) => {
    const button = event.target.closest('[data-copy]');
    if (button) void onCopy(button);
    const link = event.target.closest('[data-copy-first]');
    // At once, since a moment later the new tab has the focus and the clipboard is closed to us.
    if (link) {
      const text = document.getElementById(link.dataset.copyFirst).textContent;
      if (!copyNow(text)) void copy(text);
    }
  });
  panel.addEventListener('submit', (event) => {
    event.preventDefault();
    void onSubmit(event.target);
  });
  document.addEventListener('visibilitychange', () => { if (!document.hidden) void poll(); });
  addEventListener('online', () => void poll());
  if (panel.dataset.state === 'signed-in') end();
  else void poll();
})();
`;
