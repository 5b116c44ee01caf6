import { describe, expect, it } from 'vitest';
import {
  cookieValues,
  redirectRefusalReason,
  refusalReason,
} from '../../../../src/sign-in-page/server/request-guard.ts';

const authority = '127.0.0.1:40123';
const origin = `http://${authority}`;

describe('refusalReason', () => {
  it.each([
    ['GET', { host: authority }],
    ['GET', { host: authority, 'sec-fetch-site': 'none' }],
    ['GET', { host: authority, 'sec-fetch-site': 'same-origin', origin }],
    ['POST', { host: authority, origin }],
    ['POST', { host: authority, origin, 'sec-fetch-site': 'same-origin' }],
  ])('lets %s %o pass', (method, headers) => {
    expect(refusalReason({ method, headers }, authority)).toBeUndefined();
  });

  it.each([
    ['GET', {}, 'host'],
    ['GET', { host: 'localhost:40123' }, 'host'],
    ['GET', { host: '127.0.0.1' }, 'host'],
    ['GET', { host: `${authority}.evil.example` }, 'host'],
    ['GET', { host: authority, origin: 'https://evil.example' }, 'origin'],
    ['GET', { host: authority, 'sec-fetch-site': 'cross-site' }, 'site'],
    ['GET', { host: authority, 'sec-fetch-site': 'same-site' }, 'site'],
    ['GET', { host: authority, 'sec-purpose': 'prefetch' }, 'prefetch'],
    ['POST', { host: authority }, 'origin'],
    ['POST', { host: authority, origin: 'null' }, 'origin'],
    ['POST', { host: authority, origin: 'http://127.0.0.1:40124' }, 'origin'],
    ['POST', { host: authority, origin, 'sec-fetch-site': 'none' }, 'site'],
    ['DELETE', { host: authority }, 'origin'],
  ])('refuses %s %o for its %s', (method, headers, reason) => {
    expect(refusalReason({ method, headers }, authority)).toBe(reason);
  });
});

describe('redirectRefusalReason', () => {
  const navigation = { host: authority, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };

  it.each([
    [{ host: authority }],
    [{ ...navigation, 'sec-fetch-dest': 'document' }],
    [{ ...navigation, 'sec-fetch-site': 'none' }],
    // Some browsers send it after a form that was posted to Microsoft.
    [{ ...navigation, origin: 'null' }],
  ])('lets %o pass', (headers) => {
    expect(redirectRefusalReason({ headers }, authority)).toBeUndefined();
  });

  it.each([
    [{}, 'host'],
    [{ host: 'evil.example' }, 'host'],
    [{ ...navigation, 'sec-fetch-mode': 'cors' }, 'mode'],
    [{ ...navigation, 'sec-fetch-dest': 'iframe' }, 'destination'],
    [{ ...navigation, 'sec-purpose': 'prefetch' }, 'prefetch'],
  ])('refuses %o for its %s', (headers, reason) => {
    expect(redirectRefusalReason({ headers }, authority)).toBe(reason);
  });
});

describe('cookieValues', () => {
  it('finds every cookie of the name and no other', () => {
    expect(cookieValues('a=1; name=x; names=y; name=z=; bname=w', 'name')).toEqual(['x', 'z=']);
  });

  it('finds nothing without a header', () => {
    expect(cookieValues(undefined, 'name')).toEqual([]);
  });
});
