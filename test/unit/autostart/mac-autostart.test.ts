// launchctl is a stand-in here: no macOS ran this.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'plist';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunCommand } from '../../../src/autostart/autostart.ts';
import { LABEL, MacAutostart } from '../../../src/autostart/mac-autostart.ts';

const PROGRAM = '/Applications/Tom & <Jerry>/foundry-credential-helper';
const JOB = `gui/501/${LABEL}`;
let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'autostart-'));
});
afterEach(() => rmSync(home, { recursive: true }));

const file = () => join(home, `Library/LaunchAgents/${LABEL}.plist`);

function system({ refuses }: { refuses?: string } = {}) {
  const calls: string[] = [];
  let isLoaded = false;
  const run: RunCommand = (command, args) => {
    const [verb = ''] = args;
    calls.push([command, ...args].join(' '));
    if (verb === refuses) return Promise.resolve({ exitCode: 5, stderr: 'Bootstrap failed: 5: Input/output error' });
    if (verb === 'bootstrap') isLoaded = true;
    else if (!isLoaded) return Promise.resolve({ exitCode: 113, stderr: 'Could not find service' });
    if (verb === 'bootout') isLoaded = false;
    return Promise.resolve({ exitCode: 0, stderr: '' });
  };
  const autostart = new MacAutostart({ env: { HOME: home }, uid: 501, run, systemFolder: join(home, 'system') });
  return { calls, autostart };
}

describe('a LaunchAgent', () => {
  it('is a property list that starts the agent at log-in, and again only after a failure', async () => {
    await system().autostart.install(PROGRAM);
    expect(parse(readFileSync(file(), 'utf8'))).toEqual({
      Label: LABEL,
      ProgramArguments: [PROGRAM, 'agent', 'run'],
      RunAtLoad: true,
      KeepAlive: { SuccessfulExit: false },
      LimitLoadToSessionType: 'Aqua',
      HardResourceLimits: { Core: 0 },
      SoftResourceLimits: { Core: 0 },
    });
  });

  it('is loaded; a second time changes nothing; another program is corrected and loaded anew', async () => {
    const { autostart, calls } = system();
    expect(await autostart.install(PROGRAM)).toEqual({ changed: true, place: file() });
    expect(calls.at(-1)).toBe(`/bin/launchctl bootstrap gui/501 ${file()}`);
    calls.length = 0;
    expect(await autostart.install(PROGRAM)).toEqual({ changed: false, place: file() });
    expect(calls).toEqual([`/bin/launchctl print ${JOB}`]);
    calls.length = 0;
    expect(await autostart.install('/other')).toMatchObject({ changed: true });
    expect(calls.slice(1)).toEqual([`/bin/launchctl bootout ${JOB}`, `/bin/launchctl bootstrap gui/501 ${file()}`]);
    expect((await autostart.entries())[0]).toMatchObject({ kind: 'launch-agent', scope: 'user', program: '/other' });
  });

  it('names what launchctl said when it refuses', async () => {
    await expect(system({ refuses: 'bootstrap' }).autostart.install(PROGRAM)).rejects.toMatchObject({
      code: 'ERR_AUTOSTART',
      detail: expect.stringContaining('Input/output error'),
    });
  });

  it('is unloaded and removed, then there is nothing', async () => {
    const { autostart, calls } = system();
    await autostart.install(PROGRAM);
    expect(await autostart.start()).toBe(true);
    expect(calls.at(-1)).toBe(`/bin/launchctl kickstart ${JOB}`);
    expect(await autostart.uninstall()).toEqual([file()]);
    expect(await autostart.uninstall()).toEqual([]);
    expect(await autostart.entries()).toEqual([]);
    expect(await autostart.start()).toBe(false);
  });
});
