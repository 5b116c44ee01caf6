// The user's browser, opened by an agent that systemd runs: it's no part of the agent's service, whichever way it
// opens.
import { copyFileSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { binary } from '../../../e2e/support.ts';
import { programOfVersion } from '../../../support/harness/other-version.ts';
import { systemdUserFault } from '../../../support/harness/systemd-user.ts';
import { StandInBrowser, type StartedBrowser } from './stand-in-browser.ts';
import { agentOfUnit, createSystemdWorld, InstalledProgram, type SystemdWorld, startUnit, UNIT } from './support.ts';

const fault = systemdUserFault();
const NAME = 'foundry-credential-helper';

let place: SystemdWorld;
let program: InstalledProgram;
let path: string;
let browser: StandInBrowser;
/** What a program has that the user's desktop starts. */
let usual: StartedBrowser;

/** The screen that the desktop, and with it the portal, is on. */
let screen: string;
/** Of another session of the same user, which has no portal. */
const ELSEWHERE = 'DISPLAY=:4711';
const ways = [
  { way: 'the desktop portal', session: () => [`DISPLAY=${screen}`], unit: 'xdg-desktop-portal.service' },
  { way: 'the user manager', session: () => [ELSEWHERE], unit: 'run-' },
  { way: 'the agent itself', session: () => [ELSEWHERE, 'XDG_RUNTIME_DIR='], unit: UNIT },
];

describe.skipIf(fault !== undefined)(`the user's browser${fault === undefined ? '' : ` (${fault})`}`, () => {
  beforeAll(async () => {
    place = await createSystemdWorld();
    path = join(place.user.home, 'bin', NAME);
    mkdirSync(dirname(path), { recursive: true });
    copyFileSync(binary, path);
    browser = new StandInBrowser(place);
    program = new InstalledProgram(place, path);
    screen = await startScreen();
    await place.user.systemctl('set-environment', `DISPLAY=${screen}`);
    await place.user.startDesktop();
    await startPortal();
    await program.run('agent', 'install');
    await place.user.run('systemd-run', '--user', '--quiet', browser.program, 'usual');
    usual = await browser.next();
  });
  afterAll(() => place?.dispose());

  describe.each(ways)('opened by $way', ({ session, unit }) => {
    let opened: StartedBrowser;

    it('has the address, and appears in the session of anyone who asked', async () => {
      await startUnit(place, program);
      opened = await openPage(session());
      expect(opened.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/p\//);
      expect(`DISPLAY=${opened.env['DISPLAY']}`).toBe(session()[0]);
      expect(opened.env).toMatchObject({ HOME: place.user.home });
    });

    it("has the user's privileges and limits, and none of the agent's", () => {
      expect(opened.cgroup).toContain(`/${unit}`);
      expect(privilegesOf(opened)).toEqual({ ...privilegesOf(usual), NoNewPrivs: '0', Seccomp: '0' });
      expect(Object.keys(opened.env).filter((name) => /^(?:LD_|GLIBC_|MALLOC_|NODE_)/.test(name))).toEqual([]);
    });

    it("stays when the agent's service is restarted", async () => {
      expect(await place.user.systemctl('restart', UNIT)).toMatchObject({ exitCode: 0 });
      await agentOfUnit(place, program);
      expect(await browser.isRunning(opened)).toBe(true);
    });

    it('stays when a package ends the agent for an upgrade', async () => {
      const agent = await startUnit(place, program);
      await place.user.run('kill', '-TERM', String(agent));
      await expect.poll(() => place.user.property(UNIT, 'ActiveState')).toBe('inactive');
      expect(await browser.isRunning(opened)).toBe(true);
    });

    it("stays when the agent's service is stopped, which leaves nothing else", async () => {
      await startUnit(place, program);
      expect(await place.user.systemctl('stop', UNIT)).toMatchObject({ exitCode: 0 });
      expect(await browser.isRunning(opened)).toBe(true);
      const left = place.world.sandbox
        .processes()
        .filter(({ command }) => /credential-helper|systemd-run/.test(command));
      expect(left).toEqual([]);
    });
  });

  describe.each([
    ['GNOME', ['XDG_CURRENT_DESKTOP=GNOME']],
    ['KDE', ['XDG_CURRENT_DESKTOP=KDE', 'KDE_FULL_SESSION=true', 'KDE_SESSION_VERSION=5']],
  ])("on %s without a portal, opened by the system's own xdg-open", (_, desktop) => {
    it('runs under the user manager, and stays', async () => {
      await startUnit(place, program);
      const opened = await openPage([ELSEWHERE, `PATH=${browser.plasma}:/usr/bin:/bin`, ...desktop]);
      expect(opened.cgroup).toContain('/run-');
      await place.user.systemctl('stop', UNIT);
      expect(await browser.isRunning(opened)).toBe(true);
    });
  });

  it('is opened by the next way if one fails, which is tried only once', async () => {
    await startUnit(place, program);
    const opened = await openPage([ELSEWHERE, `BROWSER=${browser.failing}`]);
    expect(opened.cgroup).toContain('/run-');
    expect(browser.failures()).toEqual([opened.address]);
  });

  it("isn't opened for a caller without a display, such as one over SSH", async () => {
    const agent = await startUnit(place, program);
    const session = ['PATH=/usr/bin:/bin', 'CLAUDE_HELPER_CONTEXT=interactive'];
    const helper = place.user.run('env', ...session, path);
    const log = join(place.user.home, '.local/state', NAME, 'agent.log');
    const refusals = () => readFileSync(log, 'utf8').match(/browser-not-opened/g);
    await expect.poll(refusals).toHaveLength(1);
    await program.run('logout');
    await helper;
    expect(browser.unseen()).toEqual([]);
    expect(await agentOfUnit(place, program)).toBe(agent);
  });

  it('stays when an agent steps aside for a newer program', async () => {
    await startUnit(place, program);
    const opened = await openPage([ELSEWHERE, 'XDG_RUNTIME_DIR=']);
    copyFileSync(await programOfVersion('99.1.0'), `${path}.new`);
    renameSync(`${path}.new`, path);
    await program.helper();
    expect((await program.status()).agent?.version).toBe('99.1.0');
    expect(await browser.isRunning(opened)).toBe(true);
  });
});

const privilegesOf = ({ status, coreLimit, coredumpFilter }: StartedBrowser) => ({
  ...Object.fromEntries(PRIVILEGES.map((name) => [name, status[name]])),
  coreLimit,
  coredumpFilter,
});
const PRIVILEGES = ['NoNewPrivs', 'Seccomp', 'Umask', 'CapBnd'];

/** A screen that no one sees, for the portal's dialogs. */
async function startScreen(): Promise<string> {
  const file = join(place.root, 'screen');
  const xvfb = `exec Xvfb -displayfd 3 -screen 0 640x480x24 3>'${file}'`;
  await place.user.run('systemd-run', '--user', '--quiet', 'sh', '-c', xvfb);
  const look = () => `:${/^\d+(?=\n)/.exec(readFileSync(file, 'utf8'))?.[0] ?? expect.fail('no screen yet')}`;
  return vi.waitFor(look, { timeout: 60_000 });
}

/** It takes a moment, and on a busy computer longer than the agent waits for it. */
async function startPortal(): Promise<void> {
  const portal = ['org.freedesktop.portal.Desktop', '--object-path', '/org/freedesktop/portal/desktop'];
  const ping = ['--method', 'org.freedesktop.DBus.Peer.Ping'];
  const answers = async () =>
    expect(await place.user.run('gdbus', 'call', '--session', '--dest', ...portal, ...ping)).toMatchObject({
      exitCode: 0,
    });
  await vi.waitFor(answers, { timeout: 60_000 });
}

/** A helper asks for the page in this session, and goes away again. */
async function openPage(session: readonly string[]): Promise<StartedBrowser> {
  const helper = place.user.run('env', 'CLAUDE_HELPER_CONTEXT=interactive', ...session, path);
  const opened = await browser.next();
  await program.run('logout');
  await helper;
  return opened;
}
