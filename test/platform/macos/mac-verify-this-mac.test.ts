// installers/macos/verify-this-mac.sh on a stand-in for a Mac, with our real installer scripts and uninstaller.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { installerScripts, payload } from '../../../installers/macos/pkg/payload.ts';
import { projectFolder } from '../../../scripts/project-folder.ts';
import { canUnshareMounts } from '../../support/harness/mount-namespace.ts';
import { createFakeMac, type FakeMac, installFile, logIn, type ScriptRun } from './fake-mac.ts';

const VERIFY = readFileSync(join(projectFolder, 'installers/macos/verify-this-mac.sh'), 'utf8');

/** An agent is a process id in a file; it runs while launchd has it. */
const PROGRAM = `#!/bin/sh
case "$*" in
version) echo 1.2.3 ;;
'agent status'*)
  [ -s /state/loaded ] && [ -s /state/agent ] || exit 6
  printf '{ "running": true, "agent": { "pid": %s }, "autostart": { "kind": "launch-agent" } }\\n' "$(cat /state/agent)" ;;
'agent stop') : >/state/agent ;;
'agent start') echo 7 >/state/agent ;;
esac
`;

/** Installs what is below /package, as Installer does, and starts an agent, as launchd does. */
const INSTALLER = `
/package/preinstall x / / /
cp -R /package/payload/. /
/package/postinstall x / / /
echo $$ >/state/agent
grep -qxF dev.foundry-credential-helper.pkg /state/receipts || echo dev.foundry-credential-helper.pkg >>/state/receipts`;

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
  for (const { path, content } of payload(Buffer.from(PROGRAM), {})) {
    if (content !== undefined) installFile(mac, `/package/payload/${path}`, content);
  }
}

describe.runIf(canUnshareMounts)('verify-this-mac.sh', () => {
  it('installs, updates, stops, starts, and uninstalls, and goes through all checks', () => {
    const { exitCode, stdout, stderr } = verify();
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout.match(/^ok /gm)).toHaveLength(14);
    expect(stdout).toMatch(/\nAll checks passed\.\n$/);
  });

  it.each([
    ['the package does not install', { installer: 'exit 1' }, 'installer'],
    ['no agent comes up', { installer: `${INSTALLER}\n: >/state/agent` }, 'the agent runs'],
    ['the old agent stays', { installer: `${INSTALLER}\necho 5 >/state/agent` }, 'another agent runs'],
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
      stderr: expect.stringMatching(/there is no \/none/),
    });
  });
});
