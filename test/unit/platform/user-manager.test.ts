import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openOnLinux } from '../../../src/platform/linux-browser.ts';
import { underUserManager } from '../../../src/platform/user-manager.ts';

const ADDRESS = 'http://127.0.0.1:49152/p/4f9c?x=$HOME';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'manager-'));
  mkdirSync(join(folder, 'bin'));
  mkdirSync(join(folder, 'run/systemd/private'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A program that notes its arguments and one variable, then does as told. */
function program(name: string, then: string): string {
  const file = join(folder, 'bin', name);
  writeFileSync(file, `#!/bin/sh\necho "${name} $* [$DBUS_SESSION_BUS_ADDRESS]" >>'${folder}/called'\n${then}\n`);
  chmodSync(file, 0o755);
  return file;
}
const called = (): readonly string[] =>
  existsSync(join(folder, 'called')) ? readFileSync(join(folder, 'called'), 'utf8').trimEnd().split('\n') : [];
const session = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  ...{ PATH: join(folder, 'bin'), HOME: '/home/ada', LD_LIBRARY_PATH: '/opt/lib' },
  ...{ XDG_RUNTIME_DIR: join(folder, 'run'), DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere/bus' },
  ...more,
});

describe.runIf(process.platform === 'linux')('a command under the user manager', () => {
  const xdgOpen = { file: '/usr/bin/xdg-open', args: [ADDRESS] };

  it('has the session in place of that of the desktop, and nothing else of this process', () => {
    program('systemd-run', '');
    const { args = [] } = underUserManager(xdgOpen, session({ DISPLAY: ':7', LANG: 'de_DE.UTF-8' })) ?? {};
    expect(args).toEqual(expect.arrayContaining(['--setenv=DISPLAY=:7', '--setenv=LANG=de_DE.UTF-8']));
    expect(args).toContain('--setenv=DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere/bus');
    expect(args.find((arg) => arg.startsWith('--property=UnsetEnvironment='))).toMatch(/\bWAYLAND_DISPLAY\b/);
    expect(args.join(' ')).not.toMatch(/HOME=|LD_LIBRARY_PATH/);
  });

  it('gets the address as it is, and the journal none', () => {
    program('systemd-run', '');
    const { args = [] } = underUserManager(xdgOpen, session()) ?? {};
    expect(args.slice(-3)).toEqual(['--', '/usr/bin/xdg-open', 'http://127.0.0.1:49152/p/4f9c?x=$$HOME']);
    expect(args.filter((arg) => arg.includes('49152'))).toHaveLength(1);
    expect(args).toContain('--description=Opens a page in the browser');
  });

  it('asks the manager of this user, whatever the bus', () => {
    program('systemd-run', '');
    const run = join(folder, 'run');
    expect(underUserManager(xdgOpen, session())?.env).toMatchObject({
      XDG_RUNTIME_DIR: run,
      DBUS_SESSION_BUS_ADDRESS: `unix:path=${run}/bus`,
    });
  });

  it("isn't possible without systemd", () => {
    expect(underUserManager(xdgOpen, session())).toBeUndefined();
    program('systemd-run', '');
    for (const XDG_RUNTIME_DIR of [undefined, '', 'run', '/nowhere']) {
      expect(underUserManager(xdgOpen, session({ XDG_RUNTIME_DIR }))).toBeUndefined();
    }
  });
});

describe.runIf(process.platform === 'linux')('an opener', () => {
  it('is started by the manager, and not by this process too', async () => {
    program(
      'systemd-run',
      'echo "Running as unit: run-u1.service" >&2; while [ "$1" != -- ]; do shift; done; shift; exec "$@"',
    );
    program('xdg-open', 'exit 0');
    expect(await openOnLinux(ADDRESS, session())).toBe(true);
    expect(called()).toEqual([
      expect.stringMatching(/^systemd-run .*\/run\/bus\]$/),
      expect.stringMatching(/^xdg-open http/),
    ]);
  });

  it('is started by this process if the manager starts nothing', async () => {
    program('systemd-run', 'echo "Failed to connect to bus" >&2; exit 1');
    program('xdg-open', 'exit 0');
    expect(await openOnLinux(ADDRESS, session())).toBe(true);
    expect(called().map((line) => line.split(' ')[0])).toEqual(['systemd-run', 'xdg-open']);
    expect(called()[1]).toBe(`xdg-open ${ADDRESS} [unix:path=/nowhere/bus]`);
  });

  it.each([1, 3])('falls back to the next if the manager says that it failed with %i', async (code) => {
    program('systemd-run', `echo "Running as unit: run-u1.service" >&2; case "$*" in *xdg-open*) exit ${code};; esac`);
    program('xdg-open', 'exit 0');
    program('gio', 'exit 0');
    expect(await openOnLinux(ADDRESS, session({ DISPLAY: ':7' }))).toBe(true);
    expect(called().map((line) => line.split(' ')[0])).toEqual(['systemd-run', 'systemd-run']);
  });

  it('keeps running under the manager, while this process leaves nothing behind', async () => {
    program('systemd-run', `echo $$ >'${folder}/pid'\necho "Running as unit: run-u1.service" >&2\nexec sleep 600`);
    program('xdg-open', 'exit 0');
    expect(await openOnLinux(ADDRESS, session({ PATH: `${folder}/bin:/usr/bin:/bin` }))).toBe(true);
    const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
    await expect.poll(() => existsSync(`/proc/${pid}`)).toBe(false);
  });

  it('is started by this process if the manager takes too long', async () => {
    program('systemd-run', 'exec sleep 600');
    program('xdg-open', 'exit 0');
    expect(await openOnLinux(ADDRESS, session({ PATH: `${folder}/bin:/usr/bin:/bin` }))).toBe(true);
    expect(called().map((line) => line.split(' ')[0])).toEqual(['systemd-run', 'xdg-open']);
  });

  it('of Windows is the last way in WSL, and only there', async () => {
    program('rundll32.exe', 'exit 0');
    expect(await openOnLinux(ADDRESS, session())).toBe(false);
    expect(await openOnLinux(ADDRESS, session({ WSL_DISTRO_NAME: 'Debian' }))).toBe(true);
    expect(called()).toEqual([`rundll32.exe url.dll,FileProtocolHandler ${ADDRESS} [unix:path=/nowhere/bus]`]);
  });
});
