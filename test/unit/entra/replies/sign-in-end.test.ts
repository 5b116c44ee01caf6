import { describe, expect, it } from 'vitest';
import { endReasonOf, signInTimes } from '../../../../src/entra/replies/sign-in-end.ts';

const NOW = Date.UTC(2026, 10, 23, 9);
const HOUR = 3_600_000;
const iat = NOW / 1000;
const reply = { refreshTokenMs: undefined, repliedAt: NOW, now: NOW };

describe('a reply', () => {
  it('usually says nothing about the end', () => {
    expect(signInTimes({ iat }, reply)).toEqual({});
  });

  it('names the end of the password, and when the user proved who they are', () => {
    expect(signInTimes({ iat, pwd_exp: 7_200, auth_time: iat - 60 }, reply)).toEqual({
      endsAt: { at: NOW + 2 * HOUR, reason: 'password' },
      authenticatedAt: NOW - 60_000,
    });
  });

  it("is read by this computer's clock, even if that one is wrong", () => {
    const wrong = { ...reply, now: NOW + 5 * HOUR };
    expect(signInTimes({ iat, pwd_exp: 7_200, auth_time: iat }, wrong)).toEqual({
      endsAt: { at: NOW + 7 * HOUR, reason: 'password' },
      authenticatedAt: NOW + 5 * HOUR,
    });
  });

  it('names the earlier end of the password and the refresh token', () => {
    const at = (refreshTokenMs: number) => signInTimes({ iat, pwd_exp: 7_200 }, { ...reply, refreshTokenMs }).endsAt;
    expect(at(HOUR)).toEqual({ at: NOW + HOUR, reason: 'session' });
    expect(at(3 * HOUR)).toEqual({ at: NOW + 2 * HOUR, reason: 'password' });
  });

  it.each([['7200'], [-1], [Number.NaN], [Number.POSITIVE_INFINITY], [1e300], [null], [{}]])(
    'with the claims %j says nothing',
    (value) => {
      expect(signInTimes({ iat, pwd_exp: value, auth_time: value }, reply)).toEqual({});
    },
  );
});

it.each([
  ['AADSTS70043', 'too-old'],
  ['AADSTS700082 ("scope")', 'unused'],
  ['AADSTS999999', undefined],
  ['host (HTTP 500)', undefined],
  [undefined, undefined],
])('the error %s ends a sign-in because it is %s', (detail, end) => {
  expect(endReasonOf(detail)).toBe(end);
});
