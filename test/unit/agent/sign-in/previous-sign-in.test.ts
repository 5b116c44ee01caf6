import { describe, expect, it } from 'vitest';
import { previousSignIn } from '../../../../src/agent/sign-in/previous-sign-in.ts';
import { LANGUAGES } from '../../../../src/sign-in-page/languages/messages.ts';
import { describeState } from '../../../../src/sign-in-page/page/page.ts';

const at = Date.parse('2026-11-29T12:00:00Z');

describe('why the page asks again', () => {
  it('is nothing where nothing ended', () => {
    expect(previousSignIn(undefined)).toBeUndefined();
  });

  it("is a reason in the page's language for a number that is listed", () => {
    const ended = { code: 'ERR_SIGN_IN_ENDED', detail: 'AADSTS50173', reason: 'in English', at } as const;
    expect(previousSignIn(ended)).toEqual({ at, code: 'ERR_SIGN_IN_ENDED', end: 'revoked', detail: 'AADSTS50173' });
  });

  it("is Entra's own sentence for a number that isn't", () => {
    const error = { code: 'ERR_SIGN_IN_REFUSED', detail: 'AADSTS999999', reason: 'Moon; see https://x' } as const;
    expect(previousSignIn({ error, at })).toEqual({
      at,
      code: 'ERR_SIGN_IN_REFUSED',
      end: undefined,
      detail: 'AADSTS999999: Moon; see https://x',
    });
  });

  it('is the code alone where Entra said nothing', () => {
    expect(previousSignIn({ code: 'ERR_SIGN_IN_ENDED', at })?.detail).toBeUndefined();
  });

  it.each(LANGUAGES)('stands on the page, escaped, in %s', (language) => {
    const state = { state: 'browser', authorizationUrl: 'https://login.microsoftonline.com/' } as const;
    const panel = (detail: string): string => {
      const previous = previousSignIn({ code: 'ERR_SIGN_IN_ENDED', detail, reason: '<b>Moon</b>', at });
      return describeState({ view: { state, language, ...(previous && { previous }) }, now: at }).html;
    };
    expect(panel('AADSTS50173')).toMatch(/2026.*\(AADSTS50173\)\.<\/p>/);
    expect(panel('AADSTS999999')).toContain('(AADSTS999999: &lt;b&gt;Moon&lt;/b&gt;)');
  });
});
