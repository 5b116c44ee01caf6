import { describe, expect, it } from 'vitest';
import { groupUserCode, spellUserCode } from '../../../../src/sign-in-page/page/user-code.ts';

describe('groupUserCode', () => {
  it.each([
    ['ABC', ['ABC']],
    ['ABCDEF', ['ABC', 'DEF']],
    ['ABCDEFG', ['ABCD', 'EFG']],
    ['ABCDEFGH', ['ABCD', 'EFGH']],
    ['HJKM7PQRT', ['HJK', 'M7P', 'QRT']],
    ['ABCD-EFGH', ['ABCD-', 'EFGH']],
  ])('%s', (code, groups) => {
    expect(groupUserCode(code)).toEqual(groups);
    expect(groupUserCode(code).join('')).toBe(code);
  });
});

it('spells a code for screen readers', () => {
  expect(spellUserCode('H7-K')).toBe('H 7 - K');
});
