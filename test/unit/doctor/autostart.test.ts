import { expect, it } from 'vitest';
import type { AutostartEntry } from '../../../src/autostart/autostart.ts';
import { judgeEntry } from '../../../src/doctor/checks/autostart.ts';

const own: AutostartEntry = {
  kind: 'launch-agent',
  scope: 'user',
  enabled: true,
  place: '/Users/ada/Library/LaunchAgents/agent.plist',
  program: process.execPath,
};

it('accepts an entry that starts this program, and no entry', () => {
  expect(judgeEntry(own)).toMatchObject({ state: 'ok', facts: { enabled: true } });
  expect(judgeEntry(undefined)).toMatchObject({ state: 'ok', facts: { installed: false } });
});

it('warns of an entry that was switched off, and says how to switch it on', () => {
  const switchOn = 'allow it in System Settings';
  expect(judgeEntry({ ...own, enabled: false, switchOn })).toMatchObject({
    state: 'warn',
    detail: expect.stringContaining(`${own.place} is switched off`),
    remedy: switchOn,
    facts: { enabled: false },
  });
});

it("warns of this user's own entry that isn't enabled, and accepts an admin's", () => {
  const place = '/home/ada/.config/systemd/user/foundry-credential-helper.service';
  const entry = { ...own, kind: 'systemd', place, enabled: false } as const;
  const detail = `${place} isn't enabled, so the agent starts only when Claude Desktop asks for a token`;
  const remedy = 'run "foundry-credential-helper agent install"';
  expect(judgeEntry(entry)).toMatchObject({ state: 'warn', detail, remedy });
  expect(judgeEntry({ ...entry, scope: 'system' })).toMatchObject({ state: 'ok', detail });
});

it('warns of an entry that starts another program', () => {
  expect(judgeEntry({ ...own, program: '/other' })).toMatchObject({
    state: 'warn',
    detail: expect.stringContaining('starts /other, not this program'),
  });
});
