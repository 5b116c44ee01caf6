import { describe, expect, it } from 'vitest';
import { type PacHost, type PacValue, pacFunctions } from '../../../../src/proxy/pac/pac-functions.ts';

const names: Readonly<Record<string, readonly string[]>> = {
  'www.contoso.com': ['203.0.113.7', '2001:db8::7'],
  'six.contoso.com': ['2001:db8::6'],
};
const host = (moment = '2026-07-03T12:00:00Z', ownAddresses = ['10.1.2.3', 'fd00::3']): PacHost => ({
  resolve: (name) => names[name] ?? [],
  ownAddresses,
  now: () => new Date(moment),
});
const call = (name: string, args: readonly PacValue[], at = host()) => pacFunctions(at)[name]?.(...args);

describe.each<[string, readonly (readonly [readonly PacValue[], PacValue])[]]>([
  [
    'isPlainHostName',
    [
      [['www'], true],
      [['www.contoso.com'], false],
      [['::1'], false],
      [[undefined], true],
    ],
  ],
  [
    'dnsDomainIs',
    [
      [['www.contoso.com', '.contoso.com'], true],
      [['www.contoso.com', '.fabrikam.com'], false],
      [['contoso.com', '.contoso.com'], false],
    ],
  ],
  [
    'localHostOrDomainIs',
    [
      [['www.contoso.com', 'www.contoso.com'], true],
      [['www', 'www.contoso.com'], true],
      [['home.contoso.com', 'www.contoso.com'], false],
      [['ww', 'www.contoso.com'], false],
    ],
  ],
  [
    'dnsDomainLevels',
    [
      [['www'], 0],
      [['www.contoso.com'], 2],
    ],
  ],
  [
    'shExpMatch',
    [
      [['http://contoso.com/people/ari/index.html', '*/ari/*'], true],
      [['http://contoso.com/people/montulli/index.html', '*/ari/*'], false],
      [['www.contoso.com', '*.contoso.co?'], true],
      [['www.contoso.com', 'www.contoso.com'], true],
      [['wwwXcontoso.com', 'www.contoso.com'], false],
      [['a.b', 'a[.]b'], false],
      [['', '*'], true],
      [['', ''], true],
      [['a', ''], false],
      [['aab', '*ab'], true],
      [['aaab', '*a?b'], true],
      [['abc', '*b'], false],
    ],
  ],
  [
    'dnsResolve',
    [
      [['www.contoso.com'], '203.0.113.7'],
      [['six.contoso.com'], null],
      [['nobody.contoso.com'], null],
      [['192.0.2.1'], '192.0.2.1'],
      [['bad name'], null],
      [[''], null],
    ],
  ],
  [
    'isResolvable',
    [
      [['www.contoso.com'], true],
      [['nobody.contoso.com'], false],
    ],
  ],
  [
    'isInNet',
    [
      [['203.0.113.7', '203.0.113.0', '255.255.255.0'], true],
      [['www.contoso.com', '203.0.113.0', '255.255.255.0'], true],
      [['www.contoso.com', '203.0.112.0', '255.255.255.0'], false],
      [['203.0.113.7', '203.0.113.7', '255.255.255.255'], true],
      [['192.0.2.1', '0.0.0.0', '0.0.0.0'], true],
      [['nobody.contoso.com', '0.0.0.0', '0.0.0.0'], false],
      [['203.0.113.7', 'nonsense', '255.255.255.0'], false],
      [['203.0.113.7', '203.0.113.0', undefined], false],
      [['255.1.1.1', '128.0.0.0', '128.0.0.0'], true],
    ],
  ],
  ['myIpAddress', [[[], '10.1.2.3']]],
  ['convert_addr', [[['0.0.1.4'], 260]]],
  [
    'dnsResolveEx',
    [
      [['www.contoso.com'], '203.0.113.7;2001:db8::7'],
      [['nobody.contoso.com'], ''],
    ],
  ],
  ['isResolvableEx', [[['six.contoso.com'], true]]],
  [
    'isInNetEx',
    [
      [['six.contoso.com', '2001:db8::/32'], true],
      [['www.contoso.com', '203.0.113.0/24'], true],
      [['www.contoso.com', '203.0.113.0/33'], false],
      [['www.contoso.com', '203.0.113.0'], false],
      [['[2001:db8::1]', '2001:db8::/32'], true],
    ],
  ],
  ['myIpAddressEx', [[[], '10.1.2.3;fd00::3']]],
  [
    'sortIpAddressList',
    [
      [['10.2.3.9;2001:db8::1'], '2001:db8::1;10.2.3.9'],
      [['10.2.3.9;nonsense'], ''],
    ],
  ],
  ['alert', [[['hello'], undefined]]],
])('%s', (name, cases) => {
  it.each(cases)('of %j is %j', (args, expected) => {
    expect(call(name, args)).toBe(expected);
  });
});

it('myIpAddress is the computer itself without a network, as in Chromium', () => {
  expect(call('myIpAddress', [], host(undefined, []))).toBe('127.0.0.1');
});

// 3 July 2026 is a Friday.
describe.each<[string, string, readonly (readonly [readonly PacValue[], boolean])[]]>([
  [
    'weekdayRange',
    '2026-07-03T12:00:00Z',
    [
      [['FRI', 'GMT'], true],
      [['MON', 'FRI', 'GMT'], true],
      [['MON', 'THU', 'GMT'], false],
      [['THU', 'MON', 'GMT'], true],
      [['SAT', 'THU', 'GMT'], false],
      [['fri', 'GMT'], true],
      [['XYZ', 'GMT'], false],
      [['GMT'], false],
    ],
  ],
  [
    'dateRange',
    '2026-07-03T12:00:00Z',
    [
      [[3, 'GMT'], true],
      [[4, 'GMT'], false],
      [['JUL', 'GMT'], true],
      [[2026, 'GMT'], true],
      [[2027, 'GMT'], false],
      [[1, 15, 'GMT'], true],
      [[28, 5, 'GMT'], true],
      [['JUN', 'AUG', 'GMT'], true],
      [['NOV', 'JUL', 'GMT'], true],
      [[2025, 2026, 'GMT'], true],
      [[1, 'JUL', 31, 'AUG', 'GMT'], true],
      [[4, 'JUL', 31, 'AUG', 'GMT'], false],
      [[24, 'DEC', 6, 'JAN', 'GMT'], false],
      [['OCT', 2025, 'MAR', 2027, 'GMT'], true],
      [[1, 'JAN', 2026, 2, 'JUL', 2026, 'GMT'], false],
      [[1, 'JAN', 2026, 3, 'JUL', 2026, 'GMT'], true],
      [['GMT'], false],
    ],
  ],
  [
    'timeRange',
    '2026-07-03T17:30:15Z',
    [
      [[17, 'GMT'], true],
      [[12, 'GMT'], false],
      [[9, 17, 'GMT'], true],
      [[18, 20, 'GMT'], false],
      [[22, 18, 'GMT'], true],
      [[8, 30, 17, 30, 'GMT'], true],
      [[8, 30, 17, 29, 'GMT'], false],
      [[17, 30, 0, 17, 30, 14, 'GMT'], false],
      [[17, 30, 0, 17, 30, 15, 'GMT'], true],
      [['x', 'GMT'], false],
      [[1, 2, 3, 'GMT'], false],
    ],
  ],
])('%s at %s', (name, moment, cases) => {
  it.each(cases)('of %j is %j', (args, expected) => {
    expect(call(name, args, host(moment))).toBe(expected);
  });
});

it("times without GMT are this computer's", () => {
  const now = new Date(2026, 6, 3, 23, 30);
  const at = { ...host(), now: () => now };
  expect(call('timeRange', [23], at)).toBe(true);
  expect(call('dateRange', [3, 'JUL', 3, 'JUL'], at)).toBe(true);
  expect(call('weekdayRange', ['FRI'], at)).toBe(true);
});

it('shExpMatch ends soon for a pattern on which regular expressions take forever', () => {
  expect(call('shExpMatch', ['a'.repeat(5_000), `${'*a'.repeat(30)}*b`])).toBe(false);
});
