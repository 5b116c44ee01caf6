// What the package for macOS brings next to the program: LaunchAgent, entitlements and shell scripts. The scripts run
// at their real paths, in the shells that a Mac may have as /bin/sh; the commands of macOS are stand-ins.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'plist';
import { describe, expect, it, onTestFinished } from 'vitest';
import { projectFolder } from '../../../installers/build/bundle.ts';
import { RECEIPT } from '../../../installers/macos/packages.ts';
import {
  AGENT_LABEL,
  installerScripts,
  PATHS_FILE,
  PROGRAM_PATH,
  payload,
  SUPPORT_FOLDER,
} from '../../../installers/macos/pkg/payload.ts';
import { launchAgentText } from '../../../src/autostart/mac-autostart.ts';
import { DEFAULT_HELPER_PATHS } from '../../../src/rollout/export/rollout-settings.ts';
import { canUnshareMounts } from '../../support/harness/mount-namespace.ts';
import { createFakeMac, type FakeMac, installFile, isThere, logIn } from './fake-mac.ts';

const installers = join(projectFolder, 'installers/macos');
const read = (name: string): string => readFileSync(join(installers, name), 'utf8');
const scripts = { preinstall: read('preinstall'), postinstall: read('postinstall'), uninstall: read('uninstall.sh') };

const AGENT_FILE = `/Library/LaunchAgents/${AGENT_LABEL}.plist`;
const SUPPORT = `/${SUPPORT_FOLDER}`;
const PROGRAM = `/${PROGRAM_PATH}`;

/** Another reader than the product's, and a strict one: plistlib refuses what Apple's parser does. */
function plistlib(name: string): unknown {
  const script = 'import json, plistlib, sys; print(json.dumps(plistlib.load(open(sys.argv[1], "rb"))))';
  return JSON.parse(execFileSync('python3', ['-c', script, join(installers, name)], { encoding: 'utf8' }));
}

describe('the property lists', () => {
  it.each(readdirSync(installers).filter((name) => name.endsWith('.plist')))(
    '%s says the same to two readers',
    (name) => {
      expect(plistlib(name)).toEqual(parse(read(name)));
    },
  );

  it('start the agent in every session at the screen, and again if it fails', () => {
    expect(plistlib(`${AGENT_LABEL}.plist`)).toEqual({
      Label: AGENT_LABEL,
      ProgramArguments: [DEFAULT_HELPER_PATHS.macos, 'agent', 'run'],
      RunAtLoad: true,
      KeepAlive: { SuccessfulExit: false },
      LimitLoadToSessionType: 'Aqua',
      HardResourceLimits: { Core: 0 },
      SoftResourceLimits: { Core: 0 },
      Umask: 0o77,
    });
    expect(PROGRAM).toBe(DEFAULT_HELPER_PATHS.macos);
  });

  it('start it as "agent install" does for one user', () => {
    expect(read(`${AGENT_LABEL}.plist`)).toBe(launchAgentText(PROGRAM));
  });

  it('give up only the parts of the hardened runtime that V8 and the addon need to be off', () => {
    const needed = ['allow-jit', 'allow-unsigned-executable-memory', 'disable-library-validation'];
    const expected = Object.fromEntries(needed.map((name) => [`com.apple.security.cs.${name}`, true]));
    expect(plistlib('entitlements.plist')).toEqual(expected);
  });
});

describe('the scripts', () => {
  const shared = (text: string, files: string): string =>
    new RegExp(`^# --- begin: the same in ${files} .*?^# --- end ---$`, 'ms').exec(text)?.[0] ?? text;

  it('pass shellcheck', () => {
    const inInstallers = ['preinstall', 'postinstall', 'uninstall.sh'].map((name) => join(installers, name));
    const inScripts = ['notarise.sh', 'sign-on-a-runner.sh', 'verify-on-a-mac.sh', 'verify-this-mac.sh'].map((name) =>
      join(projectFolder, 'installers/macos', name),
    );
    execFileSync('shellcheck', ['--shell=sh', ...inInstallers, ...inScripts], { encoding: 'utf8' });
  });

  it('share the parts that they have in common', () => {
    const ofThree = shared(scripts.preinstall, 'preinstall, postinstall and uninstall.sh');
    expect(ofThree.length).toBeGreaterThan(400);
    for (const text of Object.values(scripts)) {
      expect(shared(text, 'preinstall, postinstall and uninstall.sh')).toBe(ofThree);
    }
    const ofTwo = shared(scripts.preinstall, 'preinstall and uninstall.sh');
    expect(ofTwo.length).toBeGreaterThan(400);
    expect(shared(scripts.uninstall, 'preinstall and uninstall.sh')).toBe(ofTwo);
  });

  it('name what the package has', () => {
    for (const text of Object.values(scripts)) expect(text).toContain(`LABEL=${AGENT_LABEL}\n`);
    expect(scripts.uninstall).toContain('PROGRAM="$SUPPORT_FOLDER/bin/foundry-credential-helper"\n');
    expect(scripts.uninstall).toContain(`PATHS_FILE=/${PATHS_FILE}\n`);
    expect(scripts.uninstall).toContain(`SUPPORT_FOLDER="${SUPPORT}"\n`);
    expect(scripts.uninstall).toContain(`RECEIPT=${RECEIPT}\n`);
    expect(installerScripts().map(({ path }) => path)).toEqual(['', 'postinstall', 'preinstall']);
  });
});

/** What a Mac's `/bin/sh` may be. */
const SHELLS = [
  { name: 'dash', shell: ['/bin/dash'] },
  { name: 'bash', shell: ['/bin/bash', '--posix'] },
  { name: 'zsh', shell: ['/bin/zsh', '--emulate', 'sh'] },
];

/** What Installer tells its scripts: package, place, volume, root. */
const ARGUMENTS = ['/tmp/x.pkg', '/', '/', '/'];

function fakeMac(): FakeMac {
  const mac = createFakeMac();
  onTestFinished(() => mac.dispose());
  // Root, two services, two people at the screen, one who has logged in by SSH, and `no one`.
  mac.setState('uids', ['    0', '   88', '  502', '  501', '    0', '  501', '  503', '   -2']);
  return mac;
}

function install(mac: FakeMac): void {
  for (const { path, content } of payload(Buffer.from('program'), { LICENSE: Buffer.from('licence') })) {
    if (content !== undefined) installFile(mac, `/${path}`, content);
  }
  mac.setState('receipts', [RECEIPT, 'com.apple.pkg.Core']);
}

const agents = (...uids: number[]): string[] => uids.map((uid) => `gui/${uid}/${AGENT_LABEL}`);

describe.runIf(canUnshareMounts).each(SHELLS)('on a Mac whose sh is $name', ({ shell }) => {
  it("an upgrade stops the agents of everyone who is logged in, waits until they're gone, and starts new ones", () => {
    const mac = fakeMac();
    install(mac);
    logIn(mac, [501, 502], true);
    expect(mac.run(scripts.preinstall, { args: ARGUMENTS, shell })).toEqual({
      exitCode: 0,
      stdout: [501, 502].map((uid) => `foundry-credential-helper: stopped the agent of user ${uid}\n`).join(''),
      stderr: '',
    });
    expect(mac.state('loaded')).toEqual([]);
    expect(mac.run(scripts.postinstall, { args: ARGUMENTS, shell })).toEqual({
      exitCode: 0,
      stdout: [501, 502].map((uid) => `foundry-credential-helper: started the agent of user ${uid}\n`).join(''),
      stderr: '',
    });
    expect(mac.state('loaded')).toEqual(agents(501, 502));
    expect(mac.changes()).toEqual([
      ...agents(501, 502).map((service) => `launchctl bootout ${service}`),
      ...[501, 502].map((uid) => `launchctl bootstrap gui/${uid} ${AGENT_FILE}`),
    ]);
  });

  it('a first installation starts agents, but not at the login window or on another volume', () => {
    const mac = fakeMac();
    install(mac);
    const both = (volume = '/'): (number | null)[] =>
      [scripts.preinstall, scripts.postinstall].map(
        (script) => mac.run(script, { args: ['/tmp/x.pkg', volume, volume, '/'], shell }).exitCode,
      );
    expect(both()).toEqual([0, 0]);
    logIn(mac, [501], false);
    expect(both('/Volumes/Other')).toEqual([0, 0]);
    expect(mac.changes()).toEqual([]);
    expect(both()).toEqual([0, 0]);
    expect(mac.state('loaded')).toEqual(agents(501));
  });

  it('launchd still ends the old agent: the new one starts as soon as it can', () => {
    const mac = fakeMac();
    install(mac);
    logIn(mac, [501], false);
    mac.setState('transient', ['5', '37']);
    const { exitCode, stdout } = mac.run(scripts.postinstall, { args: ARGUMENTS, shell });
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: 'foundry-credential-helper: started the agent of user 501\n',
    });
    expect(mac.changes()).toHaveLength(3);
    expect(mac.state('loaded')).toEqual(agents(501));
  });

  it("the old agent doesn't end: it is replaced by the new one", () => {
    const mac = fakeMac();
    install(mac);
    logIn(mac, [501], true);
    const { stdout } = mac.run(scripts.postinstall, { args: ARGUMENTS, shell });
    expect(stdout).toBe('foundry-credential-helper: started the agent of user 501\n');
    expect(mac.changes()).toEqual(agents(501).map((service) => `launchctl kickstart -k ${service}`));
  });

  it.each([[], ['old']])(
    'one user switched the agent off: it stays off, in the words of each macOS: %s',
    (...words) => {
      const mac = fakeMac();
      install(mac);
      logIn(mac, [501, 502], false);
      mac.setState('wording', words);
      mac.setState('disabled', agents(501));
      const { exitCode, stdout } = mac.run(scripts.postinstall, { args: ARGUMENTS, shell });
      expect(exitCode).toBe(0);
      expect(stdout).toContain('user 501 switched the agent off');
      expect(mac.state('loaded')).toEqual(agents(502));
    },
  );

  it('launchd refuses one agent: the others start, and the installation succeeds', () => {
    const mac = fakeMac();
    install(mac);
    logIn(mac, [501, 502], false);
    mac.setState('refused', ['gui/501']);
    const { exitCode, stdout } = mac.run(scripts.postinstall, { args: ARGUMENTS, shell });
    expect(exitCode).toBe(0);
    expect(stdout).toContain("didn't accept the agent of user 501 (Bootstrap failed: 5");
    expect(mac.state('loaded')).toEqual(agents(502));
  });

  it('uninstalling stops every agent, leaves nothing, and forgets the receipt; a second time changes nothing', () => {
    const mac = fakeMac();
    install(mac);
    logIn(mac, [501, 502], true);
    // As a helper starts one, which launchd doesn't know; and another program that only mentions it.
    const started = (title: string): string => `perl -e '$0 = "${title}"; sleep 300' & /usr/bin/sleep 0.3`;
    const background = [`${PROGRAM} agent run`, `vi ${PROGRAM} agent run`].map(started).join('\n');
    const script = `${scripts.uninstall}\npgrep -c -f '^${PROGRAM}'; pgrep -c -f '^vi '`;
    const { exitCode, stdout } = mac.run(script, { shell, background });
    expect(stdout.split('\n')).toEqual([
      'foundry-credential-helper: stopped the agent of user 501',
      'foundry-credential-helper: stopped the agent of user 502',
      'foundry-credential-helper: stopped the agents that were left',
      'foundry-credential-helper: removed',
      '0',
      '1',
      '',
    ]);
    expect(exitCode).toBe(0);
    for (const path of [PROGRAM, AGENT_FILE, SUPPORT, `/${PATHS_FILE}`]) expect(isThere(mac, path), path).toBe(false);
    for (const path of ['/private/etc/paths.d', '/Library/LaunchAgents', '/Library/Application Support']) {
      expect(isThere(mac, path), path).toBe(true);
    }
    expect(mac.state('loaded')).toEqual([]);
    expect(mac.state('receipts')).toEqual(['com.apple.pkg.Core']);
    const again = mac.run(scripts.uninstall, { shell });
    expect(again).toEqual({ exitCode: 0, stdout: 'foundry-credential-helper: removed\n', stderr: '' });
  });

  it('uninstalling needs root', () => {
    const mac = fakeMac();
    install(mac);
    const { exitCode, stderr } = mac.run(scripts.uninstall, { shell, uid: 65_534 });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('uninstalling needs root');
    for (const path of [PROGRAM, AGENT_FILE, SUPPORT]) expect(isThere(mac, path), path).toBe(true);
  });
});
