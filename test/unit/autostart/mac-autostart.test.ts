// launchd is a stand-in here (test/support/fakes/launchctl.sh): no macOS ran this.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse } from 'plist';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LABEL, launchAgentText, MacAutostart } from '../../../src/autostart/mac-autostart.ts';
import { createFakeLaunchd, type FakeLaunchd } from '../../support/fakes/fake-launchd.ts';

const PROGRAM = '/Applications/Tom & <Jerry>/foundry-credential-helper';
const JOB = `gui/501/${LABEL}`;
let home: string;
let launchd: FakeLaunchd;
let pauses: number;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'autostart-'));
  launchd = createFakeLaunchd(join(home, 'launchd'));
  pauses = 0;
});
afterEach(() => rmSync(home, { recursive: true }));

const file = () => join(home, `Library/LaunchAgents/${LABEL}.plist`);
const systemFile = () => join(home, `system/${LABEL}.plist`);

function autostart(): MacAutostart {
  const pause = () => Promise.resolve(pauses++);
  return new MacAutostart({
    env: { HOME: home },
    uid: 501,
    run: launchd.run,
    systemFolder: join(home, 'system'),
    pause,
  });
}

/** What changed launchd's state since the last call. */
function changes(): readonly string[] {
  const lines = launchd.lines('changes').map((line) => line.replace('launchctl ', ''));
  launchd.set('changes', []);
  return lines;
}

function putSystemFile(program = '/Library/program'): void {
  mkdirSync(dirname(systemFile()));
  writeFileSync(systemFile(), launchAgentText(program));
}

// The stand-in is a shell script.
describe.skipIf(process.platform === 'win32')('a LaunchAgent', () => {
  it('is a property list that starts the agent at log-in, and again only after a failure', async () => {
    await autostart().install(PROGRAM);
    expect(parse(readFileSync(file(), 'utf8'))).toEqual({
      Label: LABEL,
      ProgramArguments: [PROGRAM, 'agent', 'run'],
      RunAtLoad: true,
      KeepAlive: { SuccessfulExit: false },
      LimitLoadToSessionType: 'Aqua',
      Umask: 0o77,
      HardResourceLimits: { Core: 0 },
      SoftResourceLimits: { Core: 0 },
    });
  });

  it('is loaded, and a second installation changes nothing', async () => {
    expect(await autostart().install(PROGRAM)).toEqual({ changed: true, place: file() });
    expect(changes()).toEqual([`bootstrap gui/501 ${file()}`]);
    expect(await autostart().install(PROGRAM)).toEqual({ changed: false, place: file() });
    expect(changes()).toEqual([]);
  });

  it('is loaded again for another program, once the old agent has ended', async () => {
    await autostart().install(PROGRAM);
    changes();
    expect(await autostart().install('/other')).toEqual({ changed: true, place: file() });
    expect(changes()).toEqual([`bootout ${JOB}`, `bootstrap gui/501 ${file()}`]);
    expect(pauses).toBeGreaterThan(0);
    expect(launchd.lines('loaded')).toEqual([JOB]);
    expect((await autostart().entries())[0]).toMatchObject({ kind: 'launch-agent', scope: 'user', program: '/other' });
  });

  it('is loaded when a job of the same name that someone else stopped has ended', async () => {
    await autostart().install(PROGRAM);
    launchd.launchctl('bootout', JOB);
    changes();
    launchd.set('ending', [`${JOB} 9`]);
    expect(await autostart().install('/other')).toMatchObject({ changed: true });
    expect(launchd.lines('loaded')).toEqual([JOB]);
  });

  it('is loaded despite temporary errors', async () => {
    launchd.set('transient', ['5', '37', '5']);
    expect(await autostart().install(PROGRAM)).toEqual({ changed: true, place: file() });
    expect(changes()).toHaveLength(4);
    expect(pauses).toBe(3);
  });

  it('counts as loaded if another installation has loaded the same file', async () => {
    await autostart().install(PROGRAM);
    // It's loaded right after launchd has answered that it isn't.
    const { run } = launchd;
    const answers = ['Could not find service'];
    launchd.run = (command, args, timeoutMs) => {
      const stderr = args[0] === 'print' ? answers.pop() : undefined;
      return stderr === undefined
        ? run(command, args, timeoutMs)
        : Promise.resolve({ exitCode: 113, stdout: '', stderr });
    };
    expect(await autostart().install(PROGRAM)).toEqual({ changed: true, place: file() });
    expect(launchd.lines('loaded')).toEqual([JOB]);
  });

  it('names a lasting error', async () => {
    launchd.set('refused', ['gui/501']);
    const installed = autostart().install(PROGRAM);
    await expect(installed).rejects.toMatchObject({
      code: 'ERR_AUTOSTART',
      detail: 'launchctl bootstrap: Bootstrap failed: 5: Input/output error',
    });
    expect(pauses).toBe(50);
    // The next try isn't misled by what the failed one left.
    launchd.set('refused', []);
    expect(await autostart().install(PROGRAM)).toMatchObject({ changed: true });
  });

  it("isn't loaded over an agent that never ends", async () => {
    await autostart().install(PROGRAM);
    launchd.set('stuck', [JOB]);
    changes();
    await expect(autostart().install('/other')).rejects.toMatchObject({
      code: 'ERR_AUTOSTART',
      detail: "launchctl bootout: the old agent doesn't end",
    });
    expect(changes()).toEqual([`bootout ${JOB}`]);
  });

  it("is started if it is loaded, unloaded and removed, and then there's nothing", async () => {
    await autostart().install(PROGRAM);
    expect(await autostart().start()).toBe(true);
    expect(changes().at(-1)).toBe(`kickstart ${JOB}`);
    expect(await autostart().uninstall()).toEqual([file()]);
    expect(launchd.lines('ending')).toEqual([]);
    expect(await autostart().uninstall()).toEqual([]);
    expect(await autostart().entries()).toEqual([]);
    expect(await autostart().start()).toBe(false);
  });
});

describe.skipIf(process.platform === 'win32')('a new program in the same place', () => {
  const program = () => join(home, 'program');

  it('is started instead of the old one', async () => {
    writeFileSync(program(), 'old');
    await autostart().install(program());
    changes();
    const before = launchd.lines('calls').length;
    launchd.elapsed = '01-02:03:04';
    writeFileSync(program(), 'new');
    expect(await autostart().install(program())).toEqual({
      changed: false,
      place: file(),
      note: expect.stringContaining('the agent was restarted'),
    });
    expect(changes()).toEqual([`kickstart -k ${JOB}`]);
    expect(launchd.lines('calls').length - before).toBeLessThan(5);
  });

  it('is noticed even if it keeps the time stamp of its package', async () => {
    writeFileSync(program(), 'old');
    await autostart().install(program());
    changes();
    launchd.elapsed = '10:00';
    writeFileSync(program(), 'new');
    utimesSync(program(), 0, 0);
    await autostart().install(program());
    expect(changes()).toEqual([`kickstart -k ${JOB}`]);
  });

  it('is what an agent runs that started after it was put there', async () => {
    // No program has been there for a second yet.
    await autostart().install('/bin/sh');
    changes();
    expect(await autostart().install('/bin/sh')).toEqual({ changed: false, place: file() });
    expect(changes()).toEqual([]);
  });
});

describe.skipIf(process.platform === 'win32')('an agent that is switched off', () => {
  it.each([[], ['old']])('is reported as such, in the words of each macOS: %s', async (...wording) => {
    launchd.set('wording', wording);
    await autostart().install(PROGRAM);
    expect(await autostart().entries()).toMatchObject([{ enabled: true }]);
    launchd.launchctl('disable', JOB);
    expect(await autostart().entries()).toMatchObject([
      { enabled: false, switchOn: expect.stringMatching(/Login Items.*launchctl enable gui\/501\//) },
    ]);
    launchd.launchctl('enable', JOB);
    const [entry] = await autostart().entries();
    expect(entry).toMatchObject({ enabled: true });
    expect(entry).not.toHaveProperty('switchOn');
  });

  it("stays off when it's installed, and says how to switch it on", async () => {
    launchd.launchctl('disable', JOB);
    changes();
    expect(await autostart().install(PROGRAM)).toEqual({
      changed: true,
      place: file(),
      note: expect.stringContaining(`launchctl enable ${JOB}`),
    });
    expect(changes()).toEqual([]);
  });

  it('stays off if only the attempt to load it shows that', async () => {
    launchd.set('unlisted', [JOB]);
    expect(await autostart().install(PROGRAM)).toMatchObject({ note: expect.stringContaining('switched off') });
  });

  it('is another one if only its name is longer', async () => {
    await autostart().install(PROGRAM);
    launchd.launchctl('disable', `${JOB}.other`);
    expect(await autostart().entries()).toMatchObject([{ enabled: true }]);
  });
});

describe.skipIf(process.platform === 'win32')("a user who isn't logged in at the screen", () => {
  beforeEach(() => launchd.set('sessions', []));

  it.each([[], ['5']])('gets a file that takes effect at the next log-in: %s', async (...code) => {
    launchd.set('no-domain', code);
    const note = expect.stringContaining('at the next log-in');
    expect(await autostart().install(PROGRAM)).toEqual({ changed: true, place: file(), note });
    expect(await autostart().install(PROGRAM)).toEqual({ changed: false, place: file(), note });
    expect(await autostart().start()).toBe(false);
    expect(await autostart().uninstall()).toEqual([file()]);
  });

  it("finds out that it's switched off", async () => {
    await autostart().install(PROGRAM);
    launchd.launchctl('disable', JOB);
    expect(await autostart().entries()).toMatchObject([{ enabled: false }]);
  });
});

describe.skipIf(process.platform === 'win32')("next to the package's agent", () => {
  const scopes = async () => (await autostart().entries()).map(({ scope }) => scope);

  it('the one that launchd has loaded counts', async () => {
    putSystemFile();
    await autostart().install(PROGRAM);
    expect(await scopes()).toEqual(['user', 'system']);
    launchd.set('loaded', []);
    launchd.launchctl('bootstrap', 'gui/501', systemFile());
    expect(await scopes()).toEqual(['system', 'user']);
  });

  it("the user's own is removed without stopping the package's", async () => {
    putSystemFile();
    mkdirSync(dirname(file()), { recursive: true });
    writeFileSync(file(), launchAgentText(PROGRAM));
    launchd.launchctl('bootstrap', 'gui/501', systemFile());
    changes();
    expect(await autostart().uninstall()).toEqual([file()]);
    expect(changes()).toEqual([]);
  });

  it("the user's own is removed, and the package's takes its place", async () => {
    putSystemFile();
    await autostart().install(PROGRAM);
    changes();
    expect(await autostart().uninstall()).toEqual([file()]);
    expect(changes()).toEqual([`bootout ${JOB}`, `bootstrap gui/501 ${systemFile()}`]);
  });
});
