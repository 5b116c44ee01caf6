// A second user of the Mac, who owns /usr/local's folders as Homebrew's user does on Intel: neither the package nor its
// scripts, which run as root, take anything from there or follow a link there.
import { chmodSync, existsSync, lchownSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { projectFolder } from '../../../installers/build/bundle.ts';
import { PROGRAM_PATH, payload } from '../../../installers/macos/pkg/payload.ts';
import { canUnshareMounts } from '../../support/harness/mount-namespace.ts';
import { createFakeMac, type FakeMac, installFile, logIn } from './fake-mac.ts';

const SCRIPTS = ['preinstall', 'postinstall', 'uninstall.sh'];
const read = (name: string): string => readFileSync(join(projectFolder, 'installers/macos', name), 'utf8');
const ARGUMENTS = ['/tmp/x.pkg', '/', '/', '/'];
const MALLORY = 501;
const MALLORYS_BIN = '/Users/mallory/bin';
const files = payload(Buffer.from('program'), { LICENSE: Buffer.from('license') });

function installedMac(): FakeMac {
  const mac = createFakeMac();
  onTestFinished(() => mac.dispose());
  for (const { path, content } of files) if (content !== undefined) installFile(mac, `/${path}`, content);
  mac.setState('uids', ['    0', '  501', '  502']);
  logIn(mac, [501, 502], true);
  return mac;
}

const put = (mac: FakeMac, onMac: string, text: string): void => {
  installFile(mac, onMac, Buffer.from(text));
  for (const path of [onMac, dirname(onMac)]) lchownSync(mac.path(path), MALLORY, MALLORY);
  chmodSync(mac.path(onMac), 0o755);
};

/** Replaces a folder of Mallory's, such as /usr/local/bin, by a link. */
function replaceByLink(mac: FakeMac, onMac: string, target: string): void {
  const path = mac.path(onMac);
  rmSync(path, { recursive: true, force: true });
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
  lchownSync(path, MALLORY, MALLORY);
}

it('has nothing in a folder that macOS, or Homebrew, lets users write to', () => {
  const folders = ['', 'Library', 'Library/Application Support', 'Library/LaunchAgents'];
  const system = ['private', 'private/etc', 'private/etc/paths.d'];
  const own = 'Library/Application Support/foundry-credential-helper';
  const placed = files.map(({ path, content }) => (content === undefined ? path : dirname(path)));
  const others = placed.filter((path) => ![...folders, ...system, own].includes(path) && !path.startsWith(`${own}/`));
  expect(others).toEqual([]);
  expect(PROGRAM_PATH.startsWith(`${own}/`)).toBe(true);
});

it.runIf(canUnshareMounts).each(SCRIPTS)(
  'runs no program from a folder that a user has put on the PATH: %s',
  (name) => {
    const mac = installedMac();
    const commands = ['launchctl', 'pkgutil', 'ps', 'sleep', 'sort', 'rm', 'pkill', 'pgrep', 'id', 'grep'];
    for (const command of commands) {
      put(
        mac,
        `${MALLORYS_BIN}/${command}`,
        `#!/bin/sh\n/usr/bin/id -u >>/state/taken\nPATH=/bin:/usr/bin exec ${command} "$@"\n`,
      );
    }
    expect(mac.run(read(name), { args: ARGUMENTS, path: [MALLORYS_BIN] }).exitCode).toBe(0);
    expect(existsSync(mac.path('/state/taken')) ? readFileSync(mac.path('/state/taken'), 'utf8') : '').toBe('');
  },
);

it.runIf(canUnshareMounts)('doesn’t remove another user’s files that a link in /usr/local leads to', () => {
  const mac = installedMac();
  const victims = ['foundry-credential-helper', 'foundry-credential-helper.1', '_foundry-credential-helper'];
  for (const name of victims) put(mac, `/Users/ada/bin/${name}`, 'of Ada');
  for (const folder of ['bin', 'share/man/man1', 'share/zsh/site-functions']) {
    replaceByLink(mac, `/usr/local/${folder}`, '/Users/ada/bin');
  }
  for (const name of SCRIPTS) expect(mac.run(read(name), { args: ARGUMENTS }).exitCode, name).toBe(0);
  for (const name of victims) expect(existsSync(mac.path(`/Users/ada/bin/${name}`)), name).toBe(true);
});
