// One table has the words of every error for each of its readers: the terminal, the IT department, and the sign-in
// page.
import { describe, expect, it } from 'vitest';
import { pageFailureOf } from '../../../src/core/error-table/error-table.ts';
import { PAGE_FAILURES, type PageFailure } from '../../../src/core/error-table/spec.ts';
import { type ErrorCode, errorCatalog } from '../../../src/core/errors.ts';
import { messagesIn } from '../../../src/sign-in-page/languages/messages.ts';

const codes = Object.keys(errorCatalog) as ErrorCode[];
const failures = Object.keys(PAGE_FAILURES) as PageFailure[];

describe('each error', () => {
  it.each(codes)('%s has one sentence for stderr, and a remedy', (code) => {
    const { message, hint } = errorCatalog[code];
    expect(message).toMatch(/^(?!["'])(?:[^A-Z]|Entra |Claude |Microsoft).*[^.\s:;]$/);
    expect(hint).toMatch(/^(?:[^A-Z]|Claude |Entra ).*[^\s:;]$/);
    expect(message).not.toBe(hint);
  });

  it('differs from every other in its message', () => {
    expect(new Set(codes.map((code) => errorCatalog[code].message)).size).toBe(codes.length);
  });

  it.each(codes.filter((code) => errorCatalog[code].retryable))("%s doesn't send anyone for help first", (code) => {
    expect(errorCatalog[code].hint).not.toMatch(/^an admin|^ask/);
  });
});

describe('the remedy for a file', () => {
  const { ERR_CONFIG_UNREADABLE, ERR_FILE_UNREADABLE, ERR_CLIENT_SETTINGS_UNREADABLE } = errorCatalog;

  it("says that the program doesn't run only if the file holds its settings", () => {
    expect(ERR_CONFIG_UNREADABLE.hint).toMatch(/^fix or delete this file.*until then the program won't run$/);
    expect(ERR_FILE_UNREADABLE.hint).toMatch(/^check that it's the file you mean/);
    expect(ERR_CLIENT_SETTINGS_UNREADABLE.hint).toMatch(/nothing was changed$/);
    for (const { hint } of [ERR_FILE_UNREADABLE, ERR_CLIENT_SETTINGS_UNREADABLE]) {
      expect(hint).not.toMatch(/delete|program won't run/);
    }
  });
});

/** What only an admin or a developer understands, or can do something with. */
const TECHNICAL =
  /foundry-credential-helper|config\.json|terminal|stderr|command|hint|DNS|TLS|proxy|host|port \d|tenant|client ?id|scope|token|registr|conditional|entra|keystore|[/\\]|["<>{}]|_/i;

/** Camel case and capitals that don't come from a setting. */
const NAMES = /Wi-Fi|VPN|IT department/g;

describe("the page's words", () => {
  const { failures: words } = messagesIn('en');

  it.each(failures)('for "%s" are whole sentences without anything technical', (failure) => {
    const { title, text, advice } = words[failure];
    expect(title).toMatch(/^\p{Lu}.*[^.!?:]$/u);
    expect(text).toMatch(/^\p{Lu}[^.!?]*\.$/u);
    expect(advice).toMatch(/^\p{Lu}.*\.$/u);
    for (const sentence of [title, text, advice]) {
      const plain = sentence.replaceAll(NAMES, '');
      expect(plain.match(TECHNICAL)?.[0], sentence).toBeUndefined();
      expect(plain, sentence).not.toMatch(/[a-z][A-Z]/);
    }
  });

  it.each(failures)('for "%s" say what to do next, and suggest another try only with a button for it', (failure) => {
    const { advice } = words[failure];
    if (PAGE_FAILURES[failure].tryAgain) expect(advice).toMatch(/try again|check that|sign in to the network/i);
    else expect(advice).toMatch(/^(?!.*try again).*IT department/i);
  });
});

describe('the heading on the page', () => {
  const title = (code: ErrorCode) => messagesIn('en').failures[pageFailureOf(code)].title;

  it('says that the organization has to allow something only if it does', () => {
    const allowing = codes.filter((code) => title(code) === 'Your organization has to allow this');
    expect(allowing).toEqual([
      'ERR_POLICY_BLOCKED',
      'ERR_DEVICE_REQUIRED',
      'ERR_TOKEN_PROTECTION',
      'ERR_DEVICE_CODE_BLOCKED',
      'ERR_CONSENT_REQUIRED',
      'ERR_ENTRA_APP_DISABLED',
      'ERR_NOT_ASSIGNED',
      'ERR_ENTRA_REFUSED',
    ]);
  });

  it.each([
    ['ERR_NETWORK', 'Microsoft can’t be reached'],
    ['ERR_NETWORK_DNS', 'Microsoft can’t be reached'],
    ['ERR_NETWORK_TIMEOUT', 'Microsoft can’t be reached'],
    ['ERR_NETWORK_TLS', 'The connection may be intercepted'],
    ['ERR_NETWORK_PROXY', 'The network blocks Microsoft’s sign-in'],
    ['ERR_NETWORK_PROXY_AUTH', 'The network wants its own password'],
    ['ERR_NETWORK_REPLY', 'This network may want you to sign in first'],
    ['ERR_NETWORK_IDENTITY', 'The answer was for someone else'],
    ['ERR_THROTTLED', 'Microsoft’s sign-in is busy'],
    ['ERR_WRONG_TENANT', 'This account is from a different organization'],
    ['ERR_ACCOUNT_DISABLED', 'This account can’t sign in'],
    ['ERR_CONFIG_INVALID', 'Claude isn’t set up correctly'],
  ] as const)('of %s names the cause, and the person can try again: %s', (code, heading) => {
    expect(title(code)).toBe(heading);
    expect(PAGE_FAILURES[pageFailureOf(code)].tryAgain).toBe(code !== 'ERR_CONFIG_INVALID');
  });

  it('suggests checking the VPN only if the computer may be offline', () => {
    const aboutVpn = codes.filter((code) => messagesIn('en').failures[pageFailureOf(code)].advice.includes('VPN'));
    expect(aboutVpn).toEqual(['ERR_NETWORK', 'ERR_NETWORK_DNS', 'ERR_NETWORK_TIMEOUT']);
  });

  it('is used for at least one error of each kind', () => {
    expect(new Set(codes.map((code) => errorCatalog[code].page))).toEqual(new Set([...failures, undefined]));
  });
});
