// The Debian package: really installed, run, upgraded, downgraded, removed, and purged by dpkg, in an overlay over this machine's system.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installedAddons } from '../../../installers/build/binary.ts';
import { projectFolder } from '../../../installers/build/bundle.ts';
import { hostTarget } from '../../../installers/build/targets.ts';
import { writeDeb } from '../../../installers/linux/deb.ts';
import { binary } from '../../e2e/support.ts';
import { isLong } from '../../support/harness/long.ts';
import { programOfVersion } from '../../support/harness/other-version.ts';
import { ONE_USER, overlayRootFault, runInOverlayRoot } from '../../support/harness/overlay-root.ts';

const NEW_VERSION = '99.1.0';
const folder = mkdtempSync(join(tmpdir(), 'deb-test-'));
const licences = join(projectFolder, 'LICENSE');
const arch = process.arch === 'arm64' ? 'arm64' : 'x64';
const addons = installedAddons(hostTarget());
const fault = overlayRootFault();
let first: string;

/**
 * Packing the real program takes longer than all these tests. The short form packs a stand-in, and puts the real program
 * in its place once it's installed.
 */
const standIn = join(folder, 'stand-in');
const packed = (program: string) => (isLong ? program : standIn);

beforeAll(() => {
  writeFileSync(standIn, '#!/bin/sh\n');
  first = writeDeb({ binary: packed(binary), addons, licences, arch, version: '0.1.0', folder });
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the package', () => {
  it('has these files, all of root, and these relations', () => {
    const list = execFileSync('dpkg-deb', ['--contents', first], { encoding: 'utf8' });
    const rows = list
      .trim()
      .split('\n')
      .map((line) => line.split(/\s+/));
    expect(
      rows.filter(([mode]) => mode?.startsWith('-')).map(([mode, owner, , , , path]) => [mode, owner, path]),
    ).toEqual([
      ['-rwxr-xr-x', 'root/root', './usr/bin/foundry-credential-helper'],
      ['-rw-r--r--', 'root/root', './usr/lib/foundry-credential-helper/keyring.node'],
      ['-rw-r--r--', 'root/root', './usr/lib/systemd/user/foundry-credential-helper.service'],
      ['-rw-r--r--', 'root/root', './usr/share/bash-completion/completions/foundry-credential-helper'],
      ['-rw-r--r--', 'root/root', './usr/share/doc/foundry-credential-helper/THIRD-PARTY-LICENSES.txt'],
      ['-rw-r--r--', 'root/root', './usr/share/doc/foundry-credential-helper/changelog.gz'],
      ['-rw-r--r--', 'root/root', './usr/share/doc/foundry-credential-helper/copyright'],
      ['-rw-r--r--', 'root/root', './usr/share/fish/vendor_completions.d/foundry-credential-helper.fish'],
      ['-rw-r--r--', 'root/root', './usr/share/man/man1/foundry-credential-helper.1.gz'],
      ['-rw-r--r--', 'root/root', './usr/share/zsh/vendor-completions/_foundry-credential-helper'],
    ]);
    expect(rows.filter(([mode]) => mode?.startsWith('d')).every(([mode]) => mode === 'drwxr-xr-x')).toBe(true);
    const field = (name: string) => execFileSync('dpkg-deb', ['--field', first, name], { encoding: 'utf8' }).trim();
    expect([field('Version'), field('Depends')]).toEqual(['0.1.0', 'libc6 (>= 2.28), libstdc++6, libatomic1']);
  });

  it('comes out the same from the same input', () => {
    const again = join(folder, 'again');
    mkdirSync(again);
    const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
    expect(sha256(writeDeb({ binary: packed(binary), addons, licences, arch, version: '0.1.0', folder: again }))).toBe(
      sha256(first),
    );
  });
});

const SCRIPT = `
${ONE_USER}
# Debian's own index of its manual pages is none of ours, and takes longer than all the rest.
rm -f /var/lib/man-db/auto-update
# What this machine has of the program isn't the test's.
dpkg -P --force-all foundry-credential-helper >/dev/null 2>&1 || :
rm -rf /etc/foundry-credential-helper
dpkg --force-depends -i /tmp/given/foundry-credential-helper_0.1.0_*.deb
[ -L "$wanted" ] && echo 'ENABLED'
dpkg --verify foundry-credential-helper && echo 'VERIFIED'
unit=/usr/lib/systemd/user/foundry-credential-helper.service
cp $unit /tmp/unit; echo >>$unit
dpkg --verify foundry-credential-helper | sed 's/^/CHANGED /' || :
cp /tmp/unit $unit
install -m 755 /tmp/given/program-0.1.0 $helper
as_user $helper version
as_user $helper keystore-probe >/tmp/probe
find /tmp/home /tmp/run -name '*.node' | sed 's/^/UNPACKED INSTALLED /'
mount -t tmpfs -o noexec tmpfs /tmp/home; chown $user:$user /tmp/home; chmod 700 /tmp/home
as_user $helper keystore-probe | grep -c 'keyring.node' | sed 's/^/ADDON FAULTS /' || :
umount /tmp/home
addon=/usr/lib/foundry-credential-helper/keyring.node
mv $addon /tmp/addon
as_user $helper keystore-probe >/tmp/probe-standalone
find /tmp/home /tmp/run -name '*.node' | sed 's/^/UNPACKED STANDALONE /'
cmp /tmp/probe /tmp/probe-standalone && echo 'SAME ANSWER'
head -c 1000 /tmp/addon >$addon
as_user $helper doctor | sed -n 's/^.*isn.t the file that belongs to this program.*/DOCTOR NAMES IT/p'
mv /tmp/addon $addon
as_user $helper agent start
as_user $helper agent status --json | sed -n 's/.*"\\(place\\|scope\\|thisProgram\\)"/INSTALLED \\1/p'
as_user $helper agent uninstall
as_user $helper agent install
as_user $helper agent start
echo "AGENTS $(agents)"

systemctl --global disable foundry-credential-helper.service
dpkg --force-depends -i /tmp/given/foundry-credential-helper_${NEW_VERSION}_*.deb
install -m 755 /tmp/given/program-${NEW_VERSION} $helper
echo "AGENTS AFTER UPGRADE $(left)"
[ -L "$wanted" ] || echo 'STILL DISABLED'
as_user $helper --version
as_user $helper agent start

dpkg --force-depends -i /tmp/given/foundry-credential-helper_0.1.0_*.deb
install -m 755 /tmp/given/program-0.1.0 $helper
echo "AGENTS AFTER DOWNGRADE $(left)"
[ -L "$wanted" ] || echo 'DISABLED AFTER DOWNGRADE'
as_user $helper --version | sed 's/^/DOWNGRADED TO /'
as_user $helper agent start

mkdir /etc/foundry-credential-helper
dpkg -r foundry-credential-helper
echo "AGENTS AFTER REMOVAL $(left)"
ls $helper /usr/lib/systemd/user/foundry-credential-helper.service $wanted 2>&1 || :
dpkg -P foundry-credential-helper
[ -d /etc/foundry-credential-helper ] || echo 'POLICY FOLDER GONE'
find /usr /etc /var /lib /opt /run -xdev -name '*foundry-credential-helper*' | sed 's/^/LEFT /'
ls -d /tmp/home/.local/state/foundry-credential-helper
`;

it.skipIf(fault !== undefined)(
  `installs, runs, upgrades, goes back, is removed and purged${fault === undefined ? '' : ` (${fault})`}`,
  async () => {
    const newer = await programOfVersion(NEW_VERSION);
    writeDeb({ binary: packed(newer), addons, licences, arch, version: NEW_VERSION, folder });
    copyFileSync(binary, join(folder, 'program-0.1.0'));
    copyFileSync(newer, join(folder, `program-${NEW_VERSION}`));
    const { exitCode, output } = await runInOverlayRoot(SCRIPT, folder);
    expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
    for (const line of [
      /^ENABLED$/m,
      /^VERIFIED$/m,
      /^CHANGED \?\?5\?{6} +\/usr\/lib\/systemd\/user\/foundry-credential-helper\.service$/m,
      /^ADDON FAULTS 0$/m,
      /^UNPACKED STANDALONE \S+keyring-[0-9a-f]{16}\.node$/m,
      /^SAME ANSWER$/m,
      /^DOCTOR NAMES IT$/m,
      /^INSTALLED scope: "system"/m,
      /^INSTALLED thisProgram: true/m,
      /starts this program for every user: nothing to install/,
      /^AGENTS 1$/m,
      /^AGENTS AFTER UPGRADE 0$/m,
      /^STILL DISABLED$/m,
      /^99\.1\.0$/m,
      /^AGENTS AFTER DOWNGRADE 0$/m,
      /^DISABLED AFTER DOWNGRADE$/m,
      /^DOWNGRADED TO 0\.1\.0$/m,
      /^AGENTS AFTER REMOVAL 0$/m,
      /^POLICY FOLDER GONE$/m,
      /^\/tmp\/home\/\.local\/state\/foundry-credential-helper$/m,
    ]) {
      expect(output).toMatch(line);
    }
    expect(output.match(/cannot access/g)).toHaveLength(3);
    expect(output.match(/^CHANGED/gm)).toHaveLength(1);
    expect(output).not.toMatch(/^LEFT|^UNPACKED INSTALLED/m);
  },
);
