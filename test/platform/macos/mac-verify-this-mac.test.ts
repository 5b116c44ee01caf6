// installers/macos/verify-this-mac.sh on a stand-in for a Mac, with the real installer scripts and uninstaller.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { installerScripts, payload } from '../../../installers/macos/pkg/payload.ts';
import { projectFolder } from '../../../scripts/project-folder.ts';
import { canUnshareMounts } from '../../support/harness/mount-namespace.ts';
import { createFakeMac, type FakeMac, installFile, logIn, type ScriptRun } from './fake-mac.ts';

const VERIFY = readFileSync(join(projectFolder, 'installers/macos/verify-this-mac.sh'), 'utf8');

/** An agent is launchd's process, or 7 if it was started without launchd. It uses launchctl as the product does. */
const PROGRAM = `#!/bin/sh
cache=Library/Caches/foundry-credential-helper
label=dev.foundry-credential-helper.agent
own=$HOME/Library/LaunchAgents/$label.plist
system=/Library/LaunchAgents/$label.plist
pid=$(launchctl print gui/501/$label 2>/dev/null | sed -n 's/^.pid = //p')
unload() {
  launchctl bootout gui/501/$label 2>/dev/null
  while launchctl print gui/501/$label >/dev/null 2>&1; do :; done
}
case "$*" in
version) echo 1.2.3 ;;
'agent status'*)
  enabled=true
  if launchctl print-disabled gui/501 | grep -q "\\"$label\\" => disabled"; then enabled=false; fi
  printf '{ "running": true, "agent": { "pid": %s }, "autostart": { "kind": "launch-agent", "enabled": %s } }\\n' "$pid" "$enabled"
  [ -n "$pid" ] && [ ! -e /state/stopped ] || exit 6 ;;
'agent stop') touch /state/stopped ;;
'agent start') rm -f /state/stopped ;;
'agent install')
  if [ -e "$own" ]; then launchctl kickstart -k gui/501/$label; exit; fi
  mkdir -p "$HOME/Library/LaunchAgents"
  sed "s|<string>/.*/foundry-credential-helper</string>|<string>$0</string>|" "$system" >"$own"
  unload
  launchctl bootstrap gui/501 "$own" ;;
'agent uninstall')
  [ -e "$own" ] || exit 0
  rm "$own"
  unload
  launchctl bootstrap gui/501 "$system" ;;
keystore-probe) [ ! -e /state/unpacks ] || { mkdir -p "$HOME/$cache"; : >"$HOME/$cache/keyring-1.node"; } ;;
esac
`;

/** Installs what is below /package, as Installer does. */
const INSTALLER = `
/package/preinstall x / / /
cp -R /package/payload/. /
/package/postinstall x / / /
grep -qxF dev.foundry-credential-helper.pkg /state/receipts || echo dev.foundry-credential-helper.pkg >>/state/receipts`;

/** Puts new files under a running agent. */
const INSTALLER_WITHOUT_RESTART = `launchctl print gui/501/dev.foundry-credential-helper.agent >/dev/null 2>&1 && exit 0\n${INSTALLER}`;
/** Switches on again what the user switched off. */
const INSTALLER_IN_SPITE = `launchctl enable gui/501/dev.foundry-credential-helper.agent\n${INSTALLER}`;

const STAND_INS = {
  id: 'if [ "$FAKE_UID" = 0 ]; then echo 0; else echo 501; fi',
  sudo: 'FAKE_UID=0 exec "$@"',
  installer: INSTALLER,
};

function verify(replaced: Partial<Record<keyof typeof STAND_INS, string>> = {}, args = ['/package/x.pkg']): ScriptRun {
  const mac = createFakeMac();
  onTestFinished(() => mac.dispose());
  mac.setState('uids', ['    0', '  501']);
  logIn(mac, [501], false);
  putPackage(mac);
  for (const [name, body] of Object.entries({ ...STAND_INS, ...replaced })) {
    installFile(mac, `/stand-ins/${name}`, Buffer.from(`#!/bin/sh\n${body}\n`));
  }
  // Files are made without the right to be run.
  const background = 'chmod -R 755 /stand-ins /package';
  return mac.run(VERIFY, { args, background });
}

function putPackage(mac: FakeMac): void {
  installFile(mac, '/package/x.pkg', Buffer.from('package'));
  for (const { path, content } of installerScripts()) {
    if (content !== undefined) installFile(mac, `/package/${path}`, content);
  }
  for (const { path, content } of payload(Buffer.from(PROGRAM), {}, { 'keyring.node': Buffer.from('addon') })) {
    if (content !== undefined) installFile(mac, `/package/payload/${path}`, content);
  }
}

describe.runIf(canUnshareMounts)('verify-this-mac.sh', () => {
  it('installs, updates, stops, starts, and uninstalls, and runs all checks', () => {
    const { exitCode, stdout, stderr } = verify();
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout.match(/^ok /gm)).toHaveLength(36);
    expect(stdout).toMatch(/\nAll checks passed\.\n$/);
  });

  it.each([
    ['the package does not install', { installer: 'exit 1' }, 'installer'],
    [
      'the program unpacks a library',
      { installer: `${INSTALLER}\n: >/state/unpacks` },
      'the program unpacks no library',
    ],
    ['no agent comes up', { installer: `${INSTALLER}\ntouch /state/stopped` }, 'the agent runs'],
    ['the old agent stays', { installer: INSTALLER_WITHOUT_RESTART }, 'another agent runs'],
    ['launchd gets an agent that is off', { installer: INSTALLER_IN_SPITE }, 'launchd has no agent that is off'],
    [
      'the uninstaller may not run',
      { sudo: 'case $1 in *uninstall.sh) exit 1 ;; esac; FAKE_UID=0 exec "$@"' },
      'its files are gone',
    ],
  ])('fails if %s', (_, replaced, name) => {
    const { exitCode, stdout, stderr } = verify(replaced);
    expect(exitCode).toBe(1);
    expect(stdout).toContain(`FAILED  ${name}\n`);
    expect(stderr).toMatch(/^verify-this-mac\.sh: (\d+ checks failed|nothing more can be checked)\n$/);
  });

  it('does nothing as root, or without the package', () => {
    expect(verify({ id: 'echo 0' })).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringMatching(/not as root/),
    });
    expect(verify({}, [])).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/usage: /) });
    expect(verify({}, ['/none.pkg'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/there's no \/none/),
    });
  });
});
