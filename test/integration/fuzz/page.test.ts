import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LANGUAGES } from '../../../src/sign-in-page/languages/languages.ts';
import { html } from '../../../src/sign-in-page/page/html.ts';
import { describeState, renderPage } from '../../../src/sign-in-page/page/page.ts';
import { groupUserCode, spellUserCode } from '../../../src/sign-in-page/page/user-code.ts';
import type { PageState } from '../../../src/sign-in-page/page-state.ts';
import { check, TIMEOUT_MS, text, trickyText } from './support.ts';

const hostile = fc.oneof(
  text,
  fc.string({ unit: fc.constantFrom(...'<>"\'&;=/ aonx!-\n`{}()') }),
  trickyText,
  fc.constantFrom(
    '</template><script>x</script>',
    '" onload="x',
    "' onload='x",
    '<!--',
    ']]>',
    '&lt;script&gt;',
    '<svg/onload=x>',
  ),
);
const uri = fc.oneof(
  hostile,
  fc.webUrl({ validSchemes: ['https'], withQueryParameters: true, withFragments: true }),
  hostile.map((rest) => `https://microsoft.com/${rest}`),
  fc.constantFrom(
    'javascript:alert(1)',
    'JAVASCRIPT:alert(1)//https://',
    ' javascript:x',
    'data:text/html,x',
    'http://x/',
  ),
);

const claudeUrl = fc.oneof(
  uri,
  hostile.map((rest) => `claude:${rest}`),
);

const state: fc.Arbitrary<PageState> = fc.oneof(
  fc.record({
    state: fc.constant('waiting' as const),
    userCode: hostile,
    verificationUri: uri,
    expiresAt: fc.double(),
  }),
  fc.record({ state: fc.constant('signed-in' as const), username: hostile }),
  fc.record({
    state: fc.constant('blocked' as const),
    detail: hostile,
    code: fc.constant('ERR_POLICY_BLOCKED' as const),
    correlationId: hostile,
  }),
  fc.record({
    state: fc.constant('failed' as const),
    detail: hostile,
    code: fc.constantFrom('ERR_NETWORK', 'ERR_KEYSTORE_LOCKED'),
    correlationId: hostile,
  }),
  fc.constant({ state: 'cancelled' as const }),
);

/** One tag as this program writes them; an attribute's value ends at its quote and nowhere else. */
const TAG = /<(?:!doctype html|\/?[a-z][a-z0-9]*(?:\s+[a-z-]+(?:="[^"<>]*")?)*\s*\/?)>/gi;
const ATTRIBUTE = /\s([a-z-]+)(?:="([^"]*)")?/gi;

/** Tag and attribute names, links and sources; @throws where a `<` or `>` belongs to no tag. */
function structure(markup: string): { readonly names: Set<string>; readonly links: string[] } {
  const names = new Set<string>();
  const links: string[] = [];
  for (const [tag] of markup.matchAll(TAG)) {
    const name = /^<\/?([a-z!0-9]+)/i.exec(tag)?.[1] ?? '';
    names.add(name);
    for (const [, attribute = '', value = ''] of tag.matchAll(ATTRIBUTE)) {
      names.add(`${name} ${attribute}`);
      if (/^(href|src|action)$/.test(attribute)) links.push(value);
    }
  }
  const rest = markup.replace(TAG, '');
  if (/[<>]/.test(rest)) throw new Error(`markup that is no tag of ours: ${rest}`);
  return { names, links };
}

const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};
const unescaped = (markup: string): string =>
  markup.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => entities[entity] ?? '');

describe('the sign-in page', { timeout: TIMEOUT_MS }, () => {
  it('shows any text as text', () =>
    check(
      fc.property(hostile, (value) => {
        const markup = html`<p title="${value}">${value}</p>`.toString();
        expect(unescaped(markup)).toBe(`<p title="${value}">${value}</p>`);
        expect(
          markup
            .replace(/^<p title="/, '')
            .replace(/<\/p>$/, '')
            .replace('">', ''),
        ).not.toMatch(/[<>"']/);
      }),
    ));

  it('has the same tags and attributes whatever names, codes and messages it shows', () =>
    check(
      fc.property(
        state,
        hostile,
        hostile,
        claudeUrl,
        fc.constantFrom(...LANGUAGES),
        (shown, organizationName, accountHint, openClaude, language) => {
          const view = { state: shown, organizationName, accountHint, claudeUrl: openClaude, language };
          const page = structure(renderPage({ view, now: 0 }, 'proof'));
          const forbidden = [...page.names].filter(
            (name) => /^script(?! (?:src|defer)$)./.test(name) || / on|srcdoc|iframe|object/.test(name),
          );
          expect(forbidden).toEqual([]);
          const foreign = page.links.filter(
            (link) => !/^(?:https:\/\/|claude:|data:image\/svg\+xml,|[a-z-]+(?:\.css|\.js)?$)/.test(link),
          );
          expect(foreign).toEqual([]);
          structure(describeState({ view, now: 0 }).html);
        },
      ),
    ));

  it('shows any code whole: the groups joined are the code', () =>
    check(
      fc.property(fc.oneof(hostile, fc.stringMatching(/^[A-Z0-9-]{1,12}$/)), (code) => {
        expect(groupUserCode(code).join('')).toBe(code);
        expect(spellUserCode(code).replaceAll(' ', '')).toBe(code.replaceAll(' ', ''));
        if (!code.includes('-')) expect(groupUserCode(code).every((group) => [...group].length <= 4)).toBe(true);
      }),
    ));
});
