// The Debian package's unit under a real user manager: started by the desktop session, by helpers, and by systemd
// itself.
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectFolder } from '../../../../installers/build/bundle.ts';
import { writeDeb } from '../../../../installers/linux/deb.ts';
import { binary } from '../../../e2e/support.ts';
import { systemdUserFault } from '../../../support/harness/systemd-user.ts';
import {
  agentOfUnit,
  agents,
  createSystemdWorld,
  expectStart,
  InstalledProgram,
  SELDOM,
  type SystemdWorld,
  startUnit,
  UNIT,
} from './support.ts';

const fault = systemdUserFault();
const PROGRAM = '/usr/bin/foundry-credential-helper';
const PLACE = `/usr/lib/systemd/user/${UNIT}`;

let place: SystemdWorld;
let program: InstalledProgram;

describe.skipIf(fault !== undefined)(`the package's unit${fault === undefined ? '' : ` (${fault})`}`, () => {
  beforeAll(async () => {
    place = await createSystemdWorld();
    program = new InstalledProgram(place, PROGRAM);
    pack();
    await install();
  });
  afterAll(() => place?.dispose());

  it('passes systemd-analyze', async () => {
    expect(await place.user.run('systemd-analyze', '--user', 'verify', PLACE)).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: '',
    });
  });

  it("is enabled for every user, and starts nothing before there's a desktop session", async () => {
    expect((await place.user.systemctl('is-enabled', UNIT)).stdout).toBe('enabled\n');
    expect(await program.status()).toMatchObject({
      running: false,
      autostart: { kind: 'systemd', scope: 'system', enabled: true, place: PLACE, thisProgram: true },
    });
  });

  it('starts the agent with the desktop session', async () => {
    await place.user.startDesktop();
    await agentOfUnit(place, program);
    expect((await program.run('agent', 'install')).stdout).toContain('for every user: nothing to install');
  });

  it('lets the user sign in, and keeps the sign-in when it is restarted', async () => {
    expect(await program.signIn()).toMatchObject({ state: 'ok' });
    expect(place.world.sandbox.openedUrls()).toHaveLength(1);
    const before = await agentOfUnit(place, program);
    expect(await place.user.systemctl('restart', UNIT)).toMatchObject({ exitCode: 0 });
    expect(await agentOfUnit(place, program)).not.toBe(before);
    await expectSignedIn();
    expect(await program.autostartCheck()).toMatchObject({ state: 'ok', facts: { enabled: true, place: PLACE } });
  });

  it('starts an agent again that was killed, and not one that was stopped', async () => {
    const before = await agentOfUnit(place, program);
    await place.user.run('kill', '-KILL', String(before));
    // Without helpers meanwhile: systemd does it on its own.
    await expect.poll(() => place.user.property(UNIT, 'NRestarts'), SELDOM).toBe('1');
    expect(await agentOfUnit(place, program)).not.toBe(before);
    await program.run('agent', 'stop');
    await expect.poll(() => place.user.property(UNIT, 'SubState'), SELDOM).toBe('dead');
    expect(await place.user.property(UNIT, 'Result')).toBe('success');
    expect(await program.status()).toMatchObject({ running: false });
  });

  it('is how a helper starts the agent', async () => {
    expect(agents(place)).toEqual([]);
    await expectStart(place, expectSignedIn);
    await expect.poll(() => agents(place)).toHaveLength(1);
  });

  it('has a token for a helper right after the agent was killed', async () => {
    await place.user.run('kill', '-KILL', String(await startUnit(place, program)));
    await expectSignedIn();
    await expect.poll(() => place.user.property(UNIT, 'SubState'), SELDOM).not.toBe('auto-restart');
    await expect.poll(() => agents(place)).toHaveLength(1);
  });

  it('is replaced when the package is installed again, and runs the new program', async () => {
    await startUnit(place, program);
    await install();
    expect(agents(place)).toEqual([]);
    await expectStart(place, expectSignedIn);
  });

  it('ends with the desktop session; a helper gets its token all the same', async () => {
    await startUnit(place, program);
    await place.user.endDesktop();
    await expect.poll(() => agents(place)).toEqual([]);
    expect(await place.user.property(UNIT, 'Result')).toBe('success');
    await expectSignedIn();
  });

  it('ends when the user logs out, and is there again when they log in', async () => {
    await startUnit(place, program);
    await place.user.logOut();
    expect(place.world.sandbox.processes()).toEqual([]);
    await place.user.logIn();
    await place.user.startDesktop();
    await agentOfUnit(place, program);
    await expectSignedIn();
  });

  it('starts only when a helper needs it once an admin has disabled it', async () => {
    await place.user.runAsRoot(`systemctl --global disable ${UNIT}`);
    await place.user.logOut();
    await place.user.logIn();
    await place.user.startDesktop();
    expect(await program.status()).toMatchObject({ running: false, autostart: { enabled: false } });
    expect((await program.run('agent', 'status')).stdout).toContain("isn't enabled");
    expect(await program.autostartCheck()).toMatchObject({ facts: { enabled: false } });
    await startUnit(place, program);
    await expectSignedIn();
  });

  it('leaves with the package', async () => {
    await place.user.runAsRoot('dpkg -r foundry-credential-helper');
    expect(agents(place)).toEqual([]);
    expect(await place.user.property(UNIT, 'ActiveState')).toBe('inactive');
    expect((await place.user.systemctl('is-enabled', UNIT)).stderr).toContain('No such file');
    expect(await place.user.runAsRoot("find /etc /usr -xdev -name '*foundry-credential-helper*'")).toBe('');
  });
});

/** Packs a stand-in for the program: to pack the real one takes longer than all these tests. */
function pack(): void {
  const { root } = place;
  const standIn = join(root, 'stand-in');
  writeFileSync(standIn, '#!/bin/sh\n');
  const licences = join(projectFolder, 'LICENSE');
  writeDeb({ binary: standIn, licences, arch: 'x64', version: '0.1.0', folder: root });
  copyFileSync(binary, join(root, 'program'));
}

/** Installs the package, and the real program in the place of the stand-in. */
async function install(): Promise<void> {
  const { root, user } = place;
  // Debian's index of manual pages isn't part of the package, and takes longer than the rest.
  await user.runAsRoot(`rm -f /var/lib/man-db/auto-update
dpkg --force-architecture,depends,unsafe-io -i ${root}/*.deb >/dev/null
install -m 755 ${root}/program ${PROGRAM}`);
}

/** A helper gets its token, and no one is asked to sign in for it. */
async function expectSignedIn(): Promise<void> {
  const prompts = place.world.entra.count('devicecode');
  expect(await program.helper()).toMatchObject({ state: 'ok', stderr: '' });
  expect(place.world.entra.count('devicecode')).toBe(prompts);
}
