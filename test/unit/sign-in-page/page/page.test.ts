import { describe, expect, it } from 'vitest';
import { fill, messagesIn } from '../../../../src/sign-in-page/languages/messages.ts';
import { describeState, renderPage } from '../../../../src/sign-in-page/page/page.ts';
import type { PageState, PageView } from '../../../../src/sign-in-page/page-state.ts';

const now = Date.UTC(2026, 10, 23, 9);
const waiting = {
  state: 'waiting',
  userCode: 'ABCDEFGH',
  verificationUri: 'https://microsoft.com/devicelogin',
  expiresAt: now + 15 * 60_000,
} as const satisfies PageState;

function render(state: PageState, view: Partial<PageView> = {}): string {
  return renderPage({ view: { language: 'en', ...view, state }, now }, 'proof');
}

describe('hostile text', () => {
  const hostile = `<img src=x onerror=alert(1)>"'&`;
  const states: PageState[] = [
    { ...waiting, userCode: hostile, verificationUri: hostile },
    { ...waiting, verificationUri: `https://example.com/${hostile}` },
    { state: 'signed-in', username: hostile },
    { state: 'blocked', code: 'ERR_POLICY_BLOCKED', detail: hostile, correlationId: hostile },
    { state: 'failed', code: 'ERR_INTERNAL', detail: hostile, correlationId: hostile },
  ];

  it.each(states)('stays text in $state', (state) => {
    const page = render(state, { organizationName: hostile, accountHint: hostile });
    expect(page).not.toContain('<img');
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;');
  });

  it.each(['javascript:alert(1)', 'data:text/html,x', 'http://microsoft.com/devicelogin', 'not an address'])(
    "isn't a link: %s",
    (verificationUri) => {
      const page = render({ ...waiting, verificationUri });
      expect(page).not.toContain('<a ');
      expect(page).toContain(`<bdi class="address" dir="ltr" translate="no">${verificationUri}</bdi>`);
    },
  );
});

describe('waiting', () => {
  it('shows the code in groups, spelt for screen readers, and exact when copied', () => {
    const page = render(waiting);
    expect(page).toContain('aria-hidden="true"><span>ABCD</span><span>EFGH</span></span>');
    expect(page).toContain('<span class="visually-hidden" translate="no">A B C D E F G H</span>');
  });

  it('links to the verification page without handing it anything', () => {
    expect(render(waiting)).toMatch(
      /<a [^>]*href="https:\/\/microsoft\.com\/devicelogin" target="_blank" rel="noopener noreferrer"/,
    );
  });

  it('names who asks, and the account to use', () => {
    const page = render(waiting, { organizationName: 'Contoso', accountHint: 'anna@contoso.com' });
    expect(page).toContain('<bdi>Contoso</bdi>');
    expect(page).toContain('Sign-in for Claude Desktop');
    expect(page).toContain('<bdi translate="no">anna<wbr>@contoso.com</bdi>');
    expect(page).toContain('<title>Sign in to use Claude – Contoso</title>');
  });

  it.each([
    [15 * 60_000, 'About 15 minutes left'],
    [15 * 60_000 - 1, 'About 14 minutes left'],
    [60_000, 'About 1 minute left'],
    [59_999, 'Less than a minute left'],
    [-1, 'Less than a minute left'],
  ])('says after %i ms: %s', (left, text) => {
    const state = { ...waiting, expiresAt: now + left };
    expect(describeState({ view: { state, language: 'en' }, now }).remaining).toBe(text);
    expect(render(state)).toContain(`data-remaining>${text}<`);
  });

  it.each([
    ['pl', 1, 'one'],
    ['pl', 2, 'few'],
    ['pl', 5, 'many'],
    ['ar', 2, 'two'],
    ['ar', 3, 'few'],
    ['ar', 11, 'many'],
    ['ar', 100, 'other'],
    ['ja', 1, 'other'],
  ] as const)('counts in %s as that language does: %i is "%s"', (language, minutes, category) => {
    const state = { ...waiting, expiresAt: now + minutes * 60_000 };
    const text = messagesIn(language).waiting.remaining[category] ?? 'none';
    const expected = fill(text, { minutes: new Intl.NumberFormat(language).format(minutes) });
    expect(describeState({ view: { state, language }, now }).remaining).toBe(expected);
  });

  it('offers to cancel only where that can be done', () => {
    expect(render(waiting)).toContain('action="cancel"');
    expect(render({ state: 'finishing' })).not.toContain('action="cancel"');
  });
});

describe('browser', () => {
  const browser = { state: 'browser', authorizationUrl: 'https://login.microsoftonline.com/t/authorize?state=secret' };

  it("leads straight to Microsoft, no matter who listens on the agent's port by then", () => {
    const page = render(browser as PageState, { accountHint: 'anna@contoso.com' });
    expect(page).toContain(`id="continue" href="${browser.authorizationUrl.replaceAll('&', '&amp;')}"`);
    expect(page).toContain('<bdi class="address" dir="ltr" translate="no">login.microsoftonline.com</bdi>');
    expect(page).toContain('<bdi translate="no">anna<wbr>@contoso.com</bdi>');
    expect(page).toContain('action="cancel"');
  });

  it.each(['javascript:alert(1)', 'http://login.microsoftonline.com/', 'not an address'])("isn't a link: %s", (url) => {
    expect(render({ state: 'browser', authorizationUrl: url })).not.toContain('<a ');
  });

  it('says neither code nor "new code" where it ended', () => {
    const main = (state: PageState): string => /<main[\s\S]*<\/main>/.exec(render(state))?.[0] ?? '';
    for (const state of ['declined', 'expired'] as const) {
      expect(main({ state })).toMatch(/new code/);
      expect(main({ state, method: 'browser' })).not.toMatch(/>[^<]*\bcodes?\b/i);
      expect(main({ state, method: 'browser' })).toContain('Try again');
    }
  });
});

describe('the state reply', () => {
  const describeAt = (state: PageState, at: number) => describeState({ view: { state, language: 'en' }, now: at });

  it('keeps its revision while only time passes', () => {
    const [first, later] = [describeAt(waiting, now), describeAt(waiting, now + 120_000)];
    expect(later.revision).toBe(first.revision);
    expect(later.remaining).not.toBe(first.remaining);
  });

  it('keeps its revision when Microsoft can’t be reached, and says so', () => {
    const [online, offline] = [describeAt(waiting, now), describeAt({ ...waiting, offline: true }, now)];
    expect([online.isOffline, offline.isOffline]).toEqual([false, true]);
    expect(offline.revision).toBe(online.revision);
    expect(offline.html).toBe(online.html);
  });

  it('tells the page to keep asking while the agent retries automatically', () => {
    const failed = { state: 'failed', code: 'ERR_NETWORK' } as const;
    expect(describeAt(failed, now).isRunning).toBe(false);
    expect(describeAt({ ...failed, retrying: true }, now).isRunning).toBe(true);
  });

  it('has another revision for another code', () => {
    expect(describeAt({ ...waiting, userCode: 'ZZZZZZZZ' }, now).revision).not.toBe(describeAt(waiting, now).revision);
  });

  it('holds the same panel as the page', () => {
    expect(render(waiting)).toContain(describeAt(waiting, now).html);
  });
});

describe('failures', () => {
  const blocked = {
    state: 'blocked',
    code: 'ERR_POLICY_BLOCKED',
    detail: 'AADSTS53003',
    correlationId: '11111111-2222-3333-4444-555555555555',
  } as const satisfies PageState;

  it('turns the catalog’s lines into sentences and a text for the IT department', () => {
    const page = render(blocked);
    expect(page).toContain('<h1 tabindex="-1">Your organization has to allow this</h1>');
    expect(page).toContain(
      [
        'Sign-in for Claude Desktop failed',
        'Error: ERR_POLICY_BLOCKED',
        'Problem: A Conditional Access policy refuses this sign-in: AADSTS53003.',
        'Remedy: An admin finds the reason in the Entra sign-in log by the correlation ID; if it&#39;s the device, an enrolled Windows or Linux computer can show itself with &quot;signInMethod&quot; set to &quot;broker&quot;.',
        'Correlation ID: 11111111-2222-3333-4444-555555555555',
      ].join('\n'),
    );
    expect(page).not.toContain('<form');
  });

  it('speaks the reader’s language, and English in the details for the IT department', () => {
    const page = render(blocked, { language: 'fr' });
    expect(page).toContain('<html lang="fr" dir="ltr">');
    expect(page).toContain('Votre organisation doit');
    expect(page).toContain(
      '<pre id="report" tabindex="0" lang="en" dir="ltr" translate="no">Sign-in for Claude Desktop failed\nError: ERR_POLICY_BLOCKED',
    );
  });

  it('offers the browser where the agent allows it, and still the text for the IT department', () => {
    const page = render({ ...blocked, offersBrowser: true });
    expect(page).toContain('action="use-browser"');
    expect(page).toContain('id="report"');
  });

  it("says nothing about codes if the computer's broker failed", () => {
    const failed = { state: 'failed', code: 'ERR_BROKER', method: 'broker', offersBrowser: true } as const;
    for (const page of [render({ ...blocked, method: 'broker', offersBrowser: true }), render(failed)]) {
      expect(page).toContain('<button class="button');
      expect(page).toContain('Sign in with this browser');
      expect(page).not.toContain('without a code');
    }
  });

  it('leaves out a missing correlation ID', () => {
    const { correlationId: _, ...rest } = blocked;
    expect(render(rest)).not.toContain('Correlation');
  });

  it('offers another try if that can help', () => {
    const page = render({ state: 'failed', code: 'ERR_NETWORK_DNS' });
    expect(page).toContain('<h1 tabindex="-1">Microsoft can’t be reached</h1>');
    expect(page).toContain('<button class="button primary">Try again</button>');
  });
});

it('never reloads: without the script, nothing checks who answers', () => {
  expect(render(waiting)).not.toContain('http-equiv');
});

it('has nothing inline that the CSP would stop', () => {
  expect(render(waiting)).not.toMatch(/<style|<script(?! src="script\.js" defer><\/script>)|\sstyle=|\son[a-z]+=/);
});
