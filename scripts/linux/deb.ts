// The Debian package, by dpkg-deb: https://www.debian.org/doc/debian-policy/
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { projectFolder } from '../bundle.ts';
import { sourceDate } from '../release/source-state.ts';
import { DESCRIPTION, type LinuxPackage, packageFiles } from './package-files.ts';

const SCRIPTS = ['postinst', 'prerm', 'postrm'];
const ARCHITECTURES = { x64: 'amd64', arm64: 'arm64' } as const;

/** Writes `foundry-credential-helper_<version>_<architecture>.deb` to `folder` and returns its path. The same input gives the same bytes. */
export function writeDeb(linuxPackage: LinuxPackage): string {
  const { arch, version, folder } = linuxPackage;
  const output = join(folder, `foundry-credential-helper_${version}_${ARCHITECTURES[arch]}.deb`);
  const root = mkdtempSync(join(tmpdir(), 'deb-'));
  const umask = process.umask(0o022);
  try {
    chmodSync(root, 0o755);
    const files = packageFiles(linuxPackage);
    for (const { path, source, mode } of files) copyTo(join(root, path), source, mode);
    const kilobytes = files.reduce((sum, { source }) => sum + Math.ceil(statSync(source).size / 1024), 0);
    const control = join(root, 'DEBIAN/control');
    mkdirSync(dirname(control), { recursive: true });
    writeFileSync(control, controlText(version, ARCHITECTURES[arch], kilobytes), { mode: 0o644 });
    for (const name of SCRIPTS) {
      copyTo(join(root, 'DEBIAN', name), join(projectFolder, 'installers/linux/deb', name), 0o755);
    }
    // xz takes minutes for a binary of this size, gzip seconds.
    const args = ['--root-owner-group', '-Zgzip', '-z6', '--build', root, output];
    execFileSync('dpkg-deb', args, {
      env: { ...process.env, SOURCE_DATE_EPOCH: String(sourceDate().getTime() / 1000) },
      stdio: 'pipe',
    });
    return output;
  } finally {
    process.umask(umask);
    rmSync(root, { recursive: true });
  }
}

function controlText(version: string, architecture: string, kilobytes: number): string {
  const { license } = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8')) as { license: string };
  return `Package: foundry-credential-helper
Version: ${version}
Architecture: ${architecture}
Maintainer: Foundry Credential Helper maintainers <noreply@foundry-credential-helper.invalid>
Installed-Size: ${kilobytes}
Depends: libc6 (>= 2.28), libstdc++6
Recommends: gnome-keyring | kwalletmanager | keepassxc, xdg-utils
Section: utils
Priority: optional
Description: ${DESCRIPTION}
 The sign-in stays in the Secret Service; a resident agent keeps it fresh.
 License: ${license}.
`;
}

function copyTo(target: string, source: string, mode: number): void {
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(source, target);
  chmodSync(target, mode);
}
