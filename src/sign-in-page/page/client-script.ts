/**
 * The page's script: plain JavaScript for browsers of the last four years. It contains no text. Markup comes from
 * `GET state`, words come from data attributes and from the template `lost`.
 */
export const clientScript = `'use strict';
(() => {
  const POLL_MS = 1000;
  // Ask less often for a hidden page; browsers slow it down further.
  const HIDDEN_POLL_MS = 3000;
  const LOST_POLL_MS = 5000;
  // One failure may only mean that the computer woke up or a connection was just closed.
  const FAILURES_UNTIL_LOST = 3;
  const REPLY_MS = 5000;
  const CLOSE_AFTER_MS = 4000;

  const panel = document.getElementById('panel');
  const status = document.getElementById('status');
  const { proof } = panel.dataset;
  let revision = panel.dataset.revision;
  let failures = 0;
  let polling = false;
  // Nothing changes until the user clicks something.
  let resting = panel.dataset.running === undefined;
  // Nothing is asked or shown any more.
  let ended = false;
  // Whether the agent can't reach Microsoft, and whether the browser has no network.
  let agentIsOffline = 'offline' in panel.dataset;
  let browserIsOffline = false;
  let timer;

  function announce(text) {
    // Clear it first: a live region that gets the same text again isn't announced.
    status.textContent = '';
    setTimeout(() => { status.textContent = text; }, 100);
  }

  function focusHeading() {
    panel.querySelector('h1').focus({ preventScroll: true });
    scrollTo(0, 0);
  }

  function show(reply) {
    resting = !reply.isRunning;
    agentIsOffline = reply.isOffline;
    showConnection();
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

  /** Says whether Microsoft can be reached, without moving the focus or the view. */
  function showConnection() {
    const isOffline = agentIsOffline || browserIsOffline;
    if (panel.hasAttribute('data-offline') === isOffline) return;
    panel.toggleAttribute('data-offline', isOffline);
    const line = panel.querySelector(isOffline ? '.when-offline' : '.when-online');
    if (line) announce(line.querySelector('[data-words]').textContent);
  }

  function showNotice(name) {
    revision = name;
    panel.replaceChildren(document.getElementById(name).content.cloneNode(true));
    document.title = panel.querySelector('h1').textContent;
    focusHeading();
    announce(document.title);
  }

  function showLost() {
    // Keep what works without the agent, such as the text for the IT department.
    if (revision !== 'lost' && panel.querySelector('form, [data-live]')) showNotice('lost');
  }

  function end() {
    ended = true;
    // Not before the user can click the button.
    if (document.getElementById('open-claude')) return;
    // Browsers allow this only for the first page of a tab. Otherwise the text asks the user to close it.
    if (history.length === 1) setTimeout(() => window.close(), CLOSE_AFTER_MS);
  }

  // Remove an image that can't be shown: the name next to it says enough.
  const logo = document.querySelector('.logo');
  if (logo) {
    const drop = () => logo.remove();
    if (logo.complete && logo.naturalWidth === 0) drop();
    else logo.addEventListener('error', drop);
  }

  /**
   * Asks for the state. Once the agent is gone, other programs can listen on its port: an answer without the proof, which
   * this page never sends, ends the page for good, and so does a port that no one listens on anymore.
   */
  async function poll() {
    if (polling || ended) return;
    clearTimeout(timer);
    polling = true;
    try {
      const response = await fetch('state', {
        // A user who doesn't see the page can be told that it's waiting.
        headers: { 'X-Sign-In-Page': document.visibilityState },
        cache: 'no-store',
        redirect: 'error',
        signal: AbortSignal.timeout(REPLY_MS),
      });
      const reply = await response.json().catch(() => ({}));
      if (reply?.proof === proof) show(reply);
      else {
        ended = true;
        showNotice('replaced');
      }
      failures = 0;
    } catch (error) {
      failures += 1;
      if (failures >= FAILURES_UNTIL_LOST) {
        showLost();
        // A busy agent only answers late. If no one listens, the agent is gone.
        ended = error.name !== 'TimeoutError';
      }
    }
    polling = false;
    if (!ended && (!resting || failures > 0)) timer = setTimeout(poll, pause());
  }

  function pause() {
    return revision === 'lost' ? LOST_POLL_MS : document.hidden ? HIDDEN_POLL_MS : POLL_MS;
  }

  /** Copies immediately, without asking for permission; returns false if the browser refuses. */
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

  /** Copies the code in the click that opens Microsoft's page: once the new tab has the focus, this page can't copy. */
  async function onOpen(link) {
    const code = document.getElementById(link.dataset.copyFirst).textContent;
    const copied = copyNow(code) || (await copy(code));
    const note = document.getElementById('code-note');
    if (!note) return;
    note.textContent = copied ? note.dataset.copied : note.dataset.notCopied;
    note.hidden = false;
    const box = document.getElementById('code-box');
    box.dataset.noted = copied ? 'copied' : 'not-copied';
    box.scrollIntoView({ block: 'nearest' });
    announce(note.textContent);
  }

  /** Sends a click. The reply is a redirect to this page, for browsers without scripts, and is never read. */
  async function post(address) {
    await fetch(address, { method: 'POST', redirect: 'manual', keepalive: true }).catch(() => undefined);
  }

  async function onSubmit(form) {
    const button = form.querySelector('button');
    if (button.getAttribute('aria-disabled') === 'true') return;
    button.setAttribute('aria-disabled', 'true');
    await post(form.action);
    await poll();
    setTimeout(() => button.removeAttribute('aria-disabled'), 3000);
  }

  panel.addEventListener('click', (event) => {
    const button = event.target.closest('[data-copy]');
    if (button) void onCopy(button);
    const link = event.target.closest('[data-copy-first]');
    if (link) void onOpen(link);
    if (event.target.closest('#continue')) void post('continue');
  });
  panel.addEventListener('submit', (event) => {
    event.preventDefault();
    void onSubmit(event.target);
  });
  document.addEventListener('visibilitychange', () => { if (!document.hidden && !resting) void poll(); });
  for (const type of ['offline', 'online']) {
    addEventListener(type, () => {
      browserIsOffline = type === 'offline';
      showConnection();
      if (!browserIsOffline && !resting) void poll();
    });
  }
  if (panel.dataset.state === 'signed-in') end();
  else if (!resting) void poll();
})();
`;
