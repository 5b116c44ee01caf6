import { describe, expect, it } from 'vitest';
import { previousSignIn } from '../../../../src/agent/sign-in/previous-sign-in.ts';
import { LANGUAGES } from '../../../../src/sign-in-page/languages/languages.ts';
import { messagesIn } from '../../../../src/sign-in-page/languages/messages.ts';
import { describeState } from '../../../../src/sign-in-page/page/page.ts';

const at = Date.parse('2026-11-29T12:00:00Z');

describe('why the page asks again', () => {
  it('is undefined if no sign-in ended', () => {
    expect(previousSignIn(undefined)).toBeUndefined();
  });

  it("is a reason in the page's language for a number that is listed", () => {
    const ended = { code: 'ERR_SIGN_IN_ENDED', detail: 'AADSTS50173', reason: 'in English', at } as const;
    expect(previousSignIn(ended)).toEqual({ at, code: 'ERR_SIGN_IN_ENDED', end: 'revoked' });
  });

  it('is the kind of error for any other number, and for none', () => {
    const error = { code: 'ERR_SIGN_IN_REFUSED', detail: 'AADSTS999999', reason: 'Moon; see https://x' } as const;
    expect(previousSignIn({ error, at })).toEqual({ at, code: 'ERR_SIGN_IN_REFUSED', end: undefined });
    expect(previousSignIn({ code: 'ERR_SIGN_IN_ENDED', at })?.end).toBeUndefined();
  });

  it.each(LANGUAGES)('is on the page in two sentences, without an error number, in %s', (language) => {
    const state = { state: 'browser', authorizationUrl: 'https://login.microsoftonline.com/' } as const;
    const panel = (detail: string): string => {
      const previous = previousSignIn({ code: 'ERR_SIGN_IN_ENDED', detail, at });
      return describeState({ view: { state, language, ...(previous && { previous }) }, now: at }).html;
    };
    const { previous, failures } = messagesIn(language);
    expect(panel('AADSTS50173')).toMatch(/2026/);
    expect(panel('AADSTS50173')).toContain(`<br>${previous.revoked}</p>`);
    expect(panel('AADSTS999999')).toContain(`<br>${failures.again.text}</p>`);
    expect(panel('AADSTS999999')).not.toContain('AADSTS');
  });
});
