// A user's own unit under a real user manager: installed, used by helpers, upgraded in place, and uninstalled.
import { copyFileSync, mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { binary } from '../../../e2e/support.ts';
import { programOfVersion } from '../../../support/harness/other-version.ts';
import { systemdUserFault } from '../../../support/harness/systemd-user.ts';
import {
  agentOfUnit,
  agents,
  createSystemdWorld,
  expectStart,
  InstalledProgram,
  type SystemdWorld,
  startUnit,
  UNIT,
} from './support.ts';

const fault = systemdUserFault();
const VERSION = '99.1.0';
const NAME = 'foundry-credential-helper';

let place: SystemdWorld;
let program: InstalledProgram;
let path: string;
let unitFile: string;

describe.skipIf(fault !== undefined)(`a user's own unit${fault === undefined ? '' : ` (${fault})`}`, () => {
  beforeAll(async () => {
    place = await createSystemdWorld();
    // systemd takes such characters for the beginning of something else.
    path = join(place.user.home, 'My Apps/50% $HOME', NAME);
    unitFile = join(place.user.home, '.config/systemd/user', UNIT);
    mkdirSync(dirname(path), { recursive: true });
    copyFileSync(binary, path);
    program = new InstalledProgram(place, path);
    await place.user.startDesktop();
  });
  afterAll(() => place?.dispose());

  it('is written, enabled, and started by "agent install"', async () => {
    expect(await program.status()).toMatchObject({ running: false, autostart: { installed: false } });
    expect(await expectStart(place, () => program.run('agent', 'install'))).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^Installed .*\nThe agent runs/),
    });
    const autostart = { kind: 'systemd', scope: 'user', enabled: true, place: unitFile, program: path };
    expect(await program.status()).toMatchObject({ autostart: { ...autostart, thisProgram: true } });
    expect((await place.user.systemctl('is-enabled', UNIT)).stdout).toBe('enabled\n');
  });

  it('passes systemd-analyze', async () => {
    const command = ['systemd-analyze', '--user', 'verify', unitFile];
    expect(await place.user.run(...command)).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  });

  it("doesn't change when it is installed again", async () => {
    const before = await startUnit(place, program);
    expect((await program.run('agent', 'install')).stdout).toContain('nothing was changed');
    expect(await agentOfUnit(place, program)).toBe(before);
  });

  it('starts the agent with the desktop session', async () => {
    await place.user.endDesktop();
    await expect.poll(() => agents(place)).toEqual([]);
    await place.user.startDesktop();
    await agentOfUnit(place, program);
  });

  it('is how helpers start the agent, and there is only one', async () => {
    expect(await program.signIn()).toMatchObject({ state: 'ok' });
    await program.run('agent', 'stop');
    await expect.poll(() => agents(place)).toEqual([]);
    const helpers = () => Promise.all([1, 2, 3].map(() => program.helper()));
    for (const run of await expectStart(place, helpers)) expect(run).toMatchObject({ state: 'ok', stderr: '' });
    await expect.poll(() => agents(place)).toHaveLength(1);
  });

  it('runs the new program after an upgrade in place, without another sign-in', async () => {
    await startUnit(place, program);
    await upgrade();
    expect(await expectStart(place, () => program.helper())).toMatchObject({ state: 'ok', stderr: '' });
    await expect.poll(() => agents(place)).toHaveLength(1);
    expect((await program.status()).agent?.version).toBe(VERSION);
    // The old one stepped aside: nothing failed that systemd would have to repair.
    expect(await place.user.property(UNIT, 'NRestarts')).toBe('0');
    expect(place.world.entra.count('devicecode')).toBe(1);
  });

  it("isn't enabled in the status once the user has disabled it", async () => {
    await place.user.systemctl('disable', UNIT);
    expect(await program.status()).toMatchObject({ running: true, autostart: { installed: true, enabled: false } });
    expect((await program.run('agent', 'status')).stdout).toContain("isn't enabled");
    expect((await program.run('agent', 'install')).stdout).toContain(unitFile);
    expect(await program.status()).toMatchObject({ running: true, autostart: { enabled: true } });
  });

  it('leaves nothing after "agent uninstall": no file, no link, no process, no unit', async () => {
    expect(await program.run('agent', 'uninstall')).toMatchObject({ exitCode: 0, stderr: '' });
    await expect.poll(() => agents(place)).toEqual([]);
    expect(await find(`-path '*/systemd/*'`)).toEqual([]);
    expect(await place.user.property(UNIT, 'LoadState')).toBe('not-found');
    expect((await place.user.systemctl('list-units', '--all', '--no-legend', `${NAME}*`)).stdout).toBe('');
    expect(await program.status()).toMatchObject({ running: false, autostart: { installed: false } });
  });

  it("isn't needed: a helper starts the agent without it", async () => {
    expect(await program.helper()).toMatchObject({ state: 'ok', stderr: '' });
    expect(await program.status()).toMatchObject({ running: true, autostart: { installed: false } });
    expect(await place.user.property(UNIT, 'LoadState')).toBe('not-found');
  });

  it('leaves only the settings after "agent uninstall --purge"', async () => {
    await program.run('agent', 'install');
    expect(await program.run('agent', 'uninstall', '--purge')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringContaining('Removed 1 keystore entry.'),
    });
    await expect.poll(() => agents(place)).toEqual([]);
    expect(await find(`-not -path '*/My Apps/*'`)).toEqual([join(place.user.home, '.config', NAME)]);
  });
});

/** Puts a program of a higher version in the place of the one that may be running, as an updater does. */
async function upgrade(): Promise<void> {
  // Into the same file system, so that it happens in one step.
  copyFileSync(await programOfVersion(VERSION), `${path}.new`);
  renameSync(`${path}.new`, path);
}

/**
 * Files of this program's name in the user's home and runtime folders, and folders of that name without what is in
 * them.
 */
async function find(condition: string): Promise<string[]> {
  const folders = `'${place.user.home}' "/run/user/${place.user.uid}"`;
  const found = await place.user.runAsRoot(`find ${folders} -name '*${NAME}*' ${condition} -prune`);
  return found.split('\n').filter((line) => line !== '');
}
