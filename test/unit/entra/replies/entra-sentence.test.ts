import { describe, expect, it } from 'vitest';
import { entraSentence } from '../../../../src/entra/replies/entra-sentence.ts';

const ID = '11111111-2222-4333-8444-555555555555';
const ends = `Trace ID: ${ID}\r\nCorrelation ID: ${ID}\r\nTimestamp: 2026-11-30 08:00:00Z`;

describe("Entra's own sentence", () => {
  it.each([
    [`AADSTS1: One. Two.\r\n${ends}`, 'One.'],
    [`AADSTS1: One, without a period\r\n${ends}`, 'One, without a period'],
    [`AADSTS1: One. ${ends.replaceAll('\r\n', ' ')}`, 'One.'],
    ['AADSTS1:  One\r\nand\tmore.', 'One and more.'],
    ['AADSTS1: Use version 2.0 of it, e.g. for apps.', 'Use version 2.0 of it, e.g. for apps.'],
    ['AADSTS1: Is it? It is.', 'Is it?'],
    [`AADSTS1: Application '${ID}'(Claude) is odd.`, `Application '${ID}'(Claude) is odd.`],
    [
      'AADSTS1: The resource https://cognitiveservices.azure.com is odd.',
      'The resource https://cognitiveservices.azure.com is odd.',
    ],
    [
      'AADSTS1: The token was issued on 2026-11-20T08:00:00.0000000Z and lives for 3600.',
      'The token was issued on 2026-11-20T08:00:00.0000000Z and lives for 3600.',
    ],
  ])('of %j is %j', (description, sentence) => {
    expect(entraSentence(description)).toBe(sentence);
  });

  it.each([
    undefined,
    null,
    5,
    {},
    '',
    'text',
    'AADSTS1:',
    `AADSTS1: ${ends}`,
    'AADSTS1: ...',
    'AADSTS1: ada@contoso.com',
  ])("isn't in %j", (description) => {
    expect(entraSentence(description)).toBeUndefined();
  });

  it.each([
    "User account 'ada@contoso.com' from identity provider 'live.com' is odd.",
    'The user account ada@contoso.co.uk has been deleted from the directory.',
    'The user ada_contoso.com#EXT#@fabrikam.onmicrosoft.com is odd.',
    "User 'ada lovelace' is odd.",
    'User “ada lovelace” is odd.',
    "The user's login hint 'ada' is odd: CONTOSO\\ada.",
    'Account name: "ada" is odd.',
    `User ID ${ID.replace('1111', 'ada0')} is odd.`,
    'The user ada7lovelace is odd.',
    'Look at https://contoso.com/ada@contoso.com/x for it.',
    'ada%40contoso.com is odd.',
  ])('never names a person: %j', (text) => {
    const sentence = entraSentence(`AADSTS1: ${text}`);
    expect(sentence).toContain('(not shown)');
    expect(sentence).not.toMatch(/ada/i);
  });

  it.each([
    'Sign-in from 203.0.113.77 was blocked.',
    'Sign-in from 2001:db8::8a2e:370:7334 was blocked.',
    'The token 0.AXoAbcdefgh1234567890-abc_DEF was blocked.',
    'The token eyJhbGciOiJSUzI1NiIsImtpZCI6 was blocked.',
  ])('never shows an address or a token: %j', (text) => {
    expect(entraSentence(`AADSTS1: ${text}`)).toMatch(/^(?:Sign-in from|The token) \(not shown\) was blocked\.$/);
  });

  it('is cut between words if it is too long', () => {
    const sentence = entraSentence(`AADSTS1: ${'long words '.repeat(400)}.`) ?? '';
    expect(sentence.length).toBeLessThan(250);
    expect(sentence).toMatch(/ words \.\.\.$| long \.\.\.$/);
  });
});
