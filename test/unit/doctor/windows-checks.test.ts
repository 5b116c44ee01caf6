import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { AutostartEntry } from '../../../src/autostart/autostart.ts';
import { describePackage, privateCopies } from '../../../src/doctor/checks/app-package.ts';
import { taskProblem } from '../../../src/doctor/checks/autostart.ts';

const entry: AutostartEntry = {
  kind: 'scheduled-task',
  scope: 'user',
  enabled: true,
  place: 'Task Scheduler\\Foundry Credential Helper',
  program: 'C:\\foundry-credential-helperw.exe',
};

describe("the task that starts Windows' agent", () => {
  it('is right if it is enabled', () => {
    expect(taskProblem(entry)).toBeUndefined();
  });

  it.each([
    ['missing', undefined, /no scheduled task/, /agent install/],
    ['disabled', { ...entry, enabled: false }, /disabled/, /^run .*agent install/],
    [
      "disabled, and an administrator's",
      { ...entry, scope: 'system', enabled: false } as const,
      /disabled/,
      /IT department/,
    ],
    ['a value of the Run key', { ...entry, kind: 'run-key' } as const, /only when you sign in/, /agent install/],
  ])('gets a warning if it is %s', (_, found, detail, remedy) => {
    expect(taskProblem(found)).toMatchObject({
      state: 'warn',
      detail: expect.stringMatching(detail),
      remedy: expect.stringMatching(remedy),
    });
  });
});

describe('a packaged app', () => {
  const PACKAGE = 'Claude_1.2.3.0_x64__pzs8sxrjxfjjc';

  it('around this program is named, with a warning if no task starts the agent outside of it', () => {
    expect(describePackage({ container: PACKAGE, hasTask: true, copies: [] })).toMatchObject({
      state: 'ok',
      detail: expect.stringContaining(PACKAGE),
    });
    expect(describePackage({ container: PACKAGE, hasTask: false, copies: [] })).toMatchObject({
      state: 'warn',
      detail: expect.stringContaining(PACKAGE),
      remedy: expect.stringContaining('agent install'),
    });
    expect(describePackage({ container: undefined, hasTask: false, copies: [] })).toMatchObject({ state: 'ok' });
  });

  it("with files of this program's in its private folder is a warning that names the folder", () => {
    const home = mkdtempSync(join(tmpdir(), 'packages-'));
    onTestFinished(() => rmSync(home, { recursive: true }));
    const packages = join(home, 'AppData/Local/Packages');
    const copies = [
      join(packages, 'Claude_pzs8sxrjxfjjc/LocalCache/Local/foundry-credential-helper'),
      join(packages, 'AnthropicPBC.Claude_fnn82j28hfe8t/LocalCache/Roaming/.foundry-credential-helper'),
    ];
    for (const folder of copies) mkdirSync(folder, { recursive: true });
    mkdirSync(join(packages, 'Other_abc/LocalCache/Local/Other'), { recursive: true });
    const own = join(home, '.foundry-credential-helper');
    const env = { USERPROFILE: home, LOCALAPPDATA: join(home, 'AppData/Local') };
    expect([...privateCopies(env, own)].sort()).toEqual([...copies].sort());
    expect([...privateCopies({ USERPROFILE: home }, own)].sort()).toEqual([...copies].sort());
    expect(privateCopies({}, own)).toEqual([]);
    const relativeHome = relative(process.cwd(), home);
    expect(privateCopies({ USERPROFILE: relativeHome, LOCALAPPDATA: '' }, own)).toEqual([]);
    expect(describePackage({ container: undefined, hasTask: true, copies })).toMatchObject({
      state: 'warn',
      detail: expect.stringContaining(copies[0] ?? ''),
      remedy: expect.stringMatching(/logout.*delete/),
    });
  });
});
