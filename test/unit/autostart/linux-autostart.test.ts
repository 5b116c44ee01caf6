import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunCommand } from '../../../src/autostart/autostart.ts';
import { desktopEntryFormat, desktopEntryText, programOfDesktopEntry } from '../../../src/autostart/desktop-entry.ts';
import { LinuxAutostart } from '../../../src/autostart/linux-autostart.ts';
import { programOfUnit, UNIT, unitText } from '../../../src/autostart/systemd-unit.ts';

const PROGRAM = '/opt/foundry/foundry-credential-helper';
let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'autostart-'));
});
afterEach(() => rmSync(home, { recursive: true }));

const unitFile = () => join(home, '.config/systemd/user', UNIT);
const desktopFile = () => join(home, '.config/autostart/foundry-credential-helper.desktop');

/** A user manager that answers, or none; `enable` links as systemd does. */
function system({ answers = true } = {}) {
  const calls: string[] = [];
  const run: RunCommand = (file, args) => {
    calls.push([file, ...args].join(' '));
    if (!answers) return Promise.resolve({ exitCode: 1, stdout: '', stderr: 'Failed to connect to bus' });
    if (args.includes('enable')) {
      const link = join(dirname(unitFile()), 'graphical-session.target.wants', UNIT);
      mkdirSync(dirname(link), { recursive: true });
      rmSync(link, { force: true });
      symlinkSync(unitFile(), link);
    }
    return Promise.resolve({ exitCode: 0, stdout: '', stderr: '' });
  };
  const systemUnitFolders = [join(home, 'system')];
  // Relative ones are to be ignored.
  const env = { HOME: home, XDG_CONFIG_HOME: 'config', XDG_DATA_HOME: 'data' };
  return { calls, autostart: new LinuxAutostart({ env, run, systemUnitFolders }) };
}

const onUnix = process.platform !== 'win32';

describe.runIf(onUnix)('if a systemd user manager answers', () => {
  it('writes and enables the unit; a second time changes nothing and asks no one', async () => {
    const { autostart, calls } = system();
    expect(await autostart.install(PROGRAM)).toEqual({ changed: true, place: unitFile() });
    expect(calls).toEqual([
      'systemctl --user show-environment',
      'systemctl --user daemon-reload',
      `systemctl --user enable ${UNIT}`,
    ]);
    expect(await autostart.entries()).toEqual([
      { kind: 'systemd', scope: 'user', enabled: true, place: unitFile(), program: PROGRAM },
    ]);
    expect(await autostart.install(PROGRAM)).toEqual({ changed: false, place: unitFile() });
    expect(calls).toHaveLength(3);
  });

  it('corrects a unit of another program, and a link that is in its place', async () => {
    const { autostart } = system();
    const elsewhere = join(home, 'elsewhere');
    writeFileSync(elsewhere, unitText('/other'));
    mkdirSync(dirname(unitFile()), { recursive: true });
    symlinkSync(elsewhere, unitFile());
    expect(await autostart.install(PROGRAM)).toMatchObject({ changed: true });
    expect((await autostart.entries())[0]?.program).toBe(PROGRAM);
    expect(readFileSync(elsewhere, 'utf8')).toBe(unitText('/other'));
  });

  it('takes the place of an XDG autostart file', async () => {
    await system({ answers: false }).autostart.install(PROGRAM);
    const { autostart } = system();
    await autostart.install(PROGRAM);
    expect((await autostart.entries()).map(({ kind }) => kind)).toEqual(['systemd']);
  });

  it('removes all of it, and the second time nothing', async () => {
    const { autostart, calls } = system();
    await autostart.install(PROGRAM);
    expect(await autostart.uninstall()).toEqual([unitFile()]);
    expect(calls).toContain(`systemctl --user disable --now ${UNIT}`);
    expect(await autostart.entries()).toEqual([]);
    expect(await autostart.uninstall()).toEqual([]);
  });

  it("treats a masked unit as one that isn't enabled, and replaces it", async () => {
    const { autostart } = system();
    await autostart.install(PROGRAM);
    rmSync(unitFile());
    symlinkSync('/dev/null', unitFile());
    expect(await autostart.entries()).toMatchObject([{ scope: 'user', enabled: false, program: '' }]);
    await autostart.install(PROGRAM);
    expect(await autostart.entries()).toMatchObject([{ enabled: true, program: PROGRAM }]);
  });

  it('starts the unit without waiting for it', async () => {
    const { autostart, calls } = system();
    await autostart.install(PROGRAM);
    const [entry] = await autostart.entries();
    expect(entry && (await autostart.start(entry))).toBe(true);
    expect(calls.at(-1)).toBe(`systemctl --user start --no-block ${UNIT}`);
  });

  it('finds a unit of the system behind the user’s own', async () => {
    const { autostart } = system();
    mkdirSync(join(home, 'system'));
    writeFileSync(join(home, 'system', UNIT), unitText('/usr/bin/foundry-credential-helper'));
    expect(await autostart.entries()).toMatchObject([{ scope: 'system', enabled: false }]);
    await autostart.install(PROGRAM);
    expect((await autostart.entries()).map(({ scope }) => scope)).toEqual(['user', 'system']);
  });
});

describe.runIf(onUnix)('without one', () => {
  it('writes an XDG autostart file and says why; start leaves it to the caller', async () => {
    const { autostart } = system({ answers: false });
    const installation = await autostart.install(PROGRAM);
    expect(installation).toMatchObject({
      changed: true,
      place: desktopFile(),
      note: expect.stringContaining('systemd'),
    });
    expect(await autostart.install(PROGRAM)).toMatchObject({ changed: false });
    const [entry] = await autostart.entries();
    expect(entry).toEqual({
      kind: 'xdg-autostart',
      scope: 'user',
      enabled: true,
      place: desktopFile(),
      program: PROGRAM,
    });
    expect(entry && (await autostart.start(entry))).toBe(false);
    expect(await autostart.uninstall()).toEqual([desktopFile()]);
  });
});

it.each(['Hidden=true', 'X-GNOME-Autostart-enabled=false'])(
  'reads that the desktop has switched it off: %s',
  (line) => {
    const text = desktopEntryText(PROGRAM);
    expect(desktopEntryFormat.isEnabled(text)).toBe(true);
    expect(desktopEntryFormat.isEnabled(`${text}${line}\n`)).toBe(false);
  },
);

it.each(['/a b/c', '/a%h/$HOME/`id`', '/quo"te/back\\slash', '/Zoë/東京'])('reads back the program %s', (program) => {
  expect(programOfUnit(unitText(program))).toBe(program);
  expect(programOfDesktopEntry(desktopEntryText(program))).toBe(program);
});

it('ships the same unit in packages', () => {
  const packaged = join(import.meta.dirname, '../../../installers/linux', UNIT);
  expect(readFileSync(packaged, 'utf8')).toBe(unitText('/usr/bin/foundry-credential-helper'));
});
