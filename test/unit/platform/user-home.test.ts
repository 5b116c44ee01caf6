import { homedir, userInfo } from 'node:os';
import { expect, it, onTestFinished } from 'vitest';
import { userHome } from '../../../src/platform/user-home.ts';

const VARIABLE = process.platform === 'win32' ? 'USERPROFILE' : 'HOME';

it.each([
  ['linux', { HOME: '/home/ada' }, '/home/ada'],
  ['darwin', { HOME: '/Users/ada' }, '/Users/ada'],
  ['win32', { USERPROFILE: 'C:\\Users\\Ada' }, 'C:\\Users\\Ada'],
  ['win32', { USERPROFILE: '\\\\server\\share\\Ada' }, '\\\\server\\share\\Ada'],
] as const)('on %s is what the variable says: %o', (platform, env, home) => {
  expect(userHome(env, platform)).toBe(home);
});

it.each(['', 'relative', '.', '..\\x', 'C:x'])('is never relative to the working folder: %j', (home) => {
  expect(userHome({ HOME: home, USERPROFILE: home })).toBe(homedir());
  const before = process.env[VARIABLE];
  onTestFinished(() => void Object.assign(process.env, { [VARIABLE]: before }));
  process.env[VARIABLE] = home;
  expect(userHome()).toBe(userInfo().homedir);
});
