import { expect, it } from 'vitest';
import { Secret } from '../../../src/core/secret.ts';
import { readClaims } from '../../../src/doctor/token-claims.ts';

const jwt = (claims: unknown) =>
  new Secret(`e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2lnbmF0dXJl`);

it('reads v1.0 and v2.0 tokens', () => {
  expect(readClaims(jwt({ aud: 'https://a', tid: 't', appid: 'c', exp: 2, iat: 1, upn: 'ada@contoso.com' }))).toEqual({
    audience: 'https://a',
    tenantId: 't',
    clientId: 'c',
    expiresAt: 2,
    issuedAt: 1,
  });
  expect(readClaims(jwt({ azp: 'c' }))).toMatchObject({ clientId: 'c', audience: undefined });
});

it('ignores claims of another type, or with characters that a terminal would follow', () => {
  expect(readClaims(jwt({ aud: ['a'], tid: 'a\u001b[31m', exp: '2' }))).toEqual({
    audience: undefined,
    tenantId: undefined,
    clientId: undefined,
    expiresAt: undefined,
    issuedAt: undefined,
  });
});

it("ignores what isn't a JSON Web Token", () => {
  for (const text of ['opaque', 'a.b', 'a.b.c', 'a.W10x.c', '']) expect(readClaims(new Secret(text))).toBeUndefined();
});
