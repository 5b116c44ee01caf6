import { describe, expect, it } from 'vitest';
import { namesOf, redactForeign, withoutNames } from '../../../src/doctor/report/redact.ts';

const names = { homes: ['/srv/ada'], users: ['ada'], computers: ['ADA-LAPTOP'] };

describe('names', () => {
  it.each([
    ['/srv/ada/.config/x', '~/.config/x'],
    ['/srv/ada', '~'],
    ['/srv/adam/x', '/srv/adam/x'],
    ['/home/grace/x and /Users/grace/y', '~/x and ~/y'],
    ['C:\\Users\\Grace Hopper\\x', '~\\x'],
    ["'C:\\\\Users\\\\Grace Hopper\\\\x'", "'~\\\\x'"],
    ['/var/ada/x', '/var/(user)/x'],
    ['canada and ada', 'canada and ada'],
    ['mail ada@contoso.com now', 'mail (account) now'],
    ['on ada-laptop.', 'on (computer).'],
    ['/run/user/1000/foundry-credential-helper', '/run/user/1000/foundry-credential-helper'],
    [
      'https://contoso-foundry.services.ai.azure.com/anthropic',
      'https://contoso-foundry.services.ai.azure.com/anthropic',
    ],
  ])('%s', (line, expected) => {
    expect(withoutNames(line, names)).toBe(expected);
  });

  it('anywhere in a line that others wrote', () => {
    expect(redactForeign('signed in as ada on ADA-LAPTOP', names)).toBe('signed in as (user) on (computer)');
  });

  it('are this account and those in the environment, except names that name no one', () => {
    const found = namesOf({ HOME: '/data/home/grace', USER: 'grace', LOGNAME: 'root', COMPUTERNAME: 'PC-0815' });
    expect(found.homes).toContain('/data/home/grace');
    expect(found.users).toContain('grace');
    expect(found.users).not.toContain('root');
    expect(found.computers).toContain('PC-0815');
  });
});
