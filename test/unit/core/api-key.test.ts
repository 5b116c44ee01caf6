import { describe, expect, it } from 'vitest';
import { MAX_API_KEY_LENGTH, parseApiKey } from '../../../src/core/api-key.ts';
import { AppError } from '../../../src/core/errors.ts';

const KEY = '3fKc4naryKey0123456789abcdefABCDEF'.padEnd(84, 'x');

function refusal(raw: string): AppError {
  try {
    parseApiKey(raw);
  } catch (thrown) {
    if (thrown instanceof AppError) return thrown;
    throw thrown;
  }
  throw new Error('it was taken');
}

describe('parseApiKey', () => {
  it.each([
    ['bare', KEY],
    ['with the line break of a pipe', `${KEY}\n`],
    ['from Windows', `\uFEFF${KEY}\r\n`],
    ['with blanks around', `  \t${KEY} \n\n`],
  ])('takes a key %s', (_, raw) => {
    expect(parseApiKey(raw).reveal()).toBe(KEY);
  });

  it("takes every character of a bearer token, which a gateway's keys may have", () => {
    expect(parseApiKey('sk-ant_api03~a.b/c+d==').reveal()).toBe('sk-ant_api03~a.b/c+d==');
  });

  it('takes the longest', () => {
    expect(parseApiKey('k'.repeat(MAX_API_KEY_LENGTH)).reveal()).toHaveLength(MAX_API_KEY_LENGTH);
  });

  it.each([
    ['nothing', '', 'nothing was given'],
    ['blanks', ' \n\t ', 'nothing was given'],
    ['two lines', `${KEY}\n${KEY}`, 'more than one line'],
    ['one character too many', 'k'.repeat(MAX_API_KEY_LENGTH + 1), 'longer than'],
    ['a blank inside', `${KEY} ${KEY}`, 'blanks'],
    ['JSON', '{"token":"x","headers":{"X-Evil":"1"}}', 'blanks'],
    ['what begins as JSON', `{${KEY}`, 'blanks'],
    ['a header', `${KEY}:x`, 'blanks'],
    ['quotes', `"${KEY}"`, 'blanks'],
    ['a control character', `${KEY}\u0007x`, 'blanks'],
    ['what a header cannot hold', `${KEY}é`, 'blanks'],
    ['UTF-16 read as UTF-8', [...KEY].join('\0'), 'blanks'],
  ])('refuses %s and quotes no part of it', (_, raw, reason) => {
    const error = refusal(raw);
    expect(error).toMatchObject({ code: 'ERR_API_KEY_INVALID', category: 'usage' });
    expect(error.message).toContain(reason);
    expect(error.message).not.toContain(KEY.slice(0, 8));
  });
});
