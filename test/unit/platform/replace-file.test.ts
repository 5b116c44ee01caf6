import { expect, it } from 'vitest';
import { replaceFile } from '../../../src/platform/replace-file.ts';

/** A rename that another program's open file refuses `times` times. */
function refusing(code: string, times: number): { rename: () => void; calls: () => number } {
  let calls = 0;
  return {
    calls: () => calls,
    rename: () => {
      calls += 1;
      if (calls <= times) throw Object.assign(new Error(code), { code });
    },
  };
}

it.each(['EPERM', 'EACCES', 'EBUSY'])('tries again on Windows after %s', (code) => {
  const { rename, calls } = refusing(code, 3);
  replaceFile('a', 'b', 'win32', rename);
  expect(calls()).toBe(4);
});

it('gives up on a file that stays in use', () => {
  const { rename, calls } = refusing('EPERM', Number.POSITIVE_INFINITY);
  expect(() => replaceFile('a', 'b', 'win32', rename)).toThrow('EPERM');
  expect(calls()).toBeGreaterThan(5);
});

it.each([
  ['win32', 'ENOSPC'],
  ['linux', 'EPERM'],
] as const)("doesn't try again on %s after %s", (platform, code) => {
  const { rename, calls } = refusing(code, 1);
  expect(() => replaceFile('a', 'b', platform, rename)).toThrow(code);
  expect(calls()).toBe(1);
});
