import { describe, expect, it } from 'vitest';
import { RateLimit } from '../../../src/managed-identity/rate-limit.ts';
import { parseTokenRequest } from '../../../src/managed-identity/token-request.ts';

const parse = (query: string) => parseTokenRequest(new URLSearchParams(query));
const RESOURCE = 'resource=https%3A%2F%2Fcognitiveservices.azure.com';

describe('a request of the managed-identity protocol', () => {
  it.each([
    [`api-version=2019-08-01&${RESOURCE}`, { resource: 'https://cognitiveservices.azure.com' }],
    [
      `${RESOURCE}&api-version=2019-08-01&client_id=c-1`,
      { resource: 'https://cognitiveservices.azure.com', clientId: 'c-1' },
    ],
    [`api-version=2019-08-01&${RESOURCE}&client_id=`, { resource: 'https://cognitiveservices.azure.com' }],
  ])('%s is read', (query, expected) => {
    expect(parse(query)).toEqual(expected);
  });

  it.each([
    ['', /api-version/],
    [`api-version=2017-09-01&${RESOURCE}`, /api-version 2019-08-01/],
    ['api-version=2019-08-01', /"resource" is missing/],
    ['api-version=2019-08-01&resource=', /"resource" is missing/],
    [`api-version=2019-08-01&resource=${'x'.repeat(501)}`, /"resource" is missing/],
    [`api-version=2019-08-01&${RESOURCE}&mi_res_id=/subscriptions/1`, /mi_res_id/],
    [`api-version=2019-08-01&${RESOURCE}&object_id=1`, /object_id/],
  ])('%s is refused', (query, reason) => {
    expect(parse(query)).toMatch(reason);
  });
});

describe('the rate limit', () => {
  it('lets a burst through, then as many as time brings', () => {
    let now = 0;
    const limit = new RateLimit({ requests: 3, perMs: 3_000, now: () => now });
    const take = () => Array.from({ length: 5 }, () => limit.take());
    expect(take()).toEqual([true, true, true, false, false]);
    now += 1_000;
    expect(take()).toEqual([true, false, false, false, false]);
    now += 3_600_000;
    expect(take()).toEqual([true, true, true, false, false]);
  });
});
