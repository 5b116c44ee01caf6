// The Debian package, by dpkg-deb: https://www.debian.org/doc/debian-policy/
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
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
import { gzipSync } from 'node:zlib';
import { projectFolder } from '../build/bundle.ts';
import { sourceDate } from '../release/source-state.ts';
import { debianChangelog, MAINTAINER } from './changelog.ts';
import { DESCRIPTION, DOCUMENTS, type LinuxPackage, packageFiles, SYNOPSIS } from './package-files.ts';

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
    const changelog = join(DOCUMENTS, 'changelog.gz');
    writeFileSync(join(root, changelog), gzipSync(debianChangelog(version, sourceDate()), { level: 9 }), {
      mode: 0o644,
    });
    const paths = [...files.map(({ path }) => path), changelog];
    const control = join(root, 'DEBIAN/control');
    mkdirSync(dirname(control), { recursive: true });
    writeFileSync(control, controlText(version, ARCHITECTURES[arch], kilobytesOf(root, paths)), { mode: 0o644 });
    writeFileSync(join(root, 'DEBIAN/md5sums'), md5sums(root, paths), { mode: 0o644 });
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
Maintainer: ${MAINTAINER}
Installed-Size: ${kilobytes}
Depends: libc6 (>= 2.28), libstdc++6, libatomic1
Recommends: gnome-keyring | kwalletmanager | keepassxc, xdg-utils
Section: utils
Priority: optional
Description: ${SYNOPSIS}
${DESCRIPTION.map((line) => ` ${line}\n`).join('')} License: ${license}.
`;
}

/** What `dpkg --verify` compares: files by their paths without the first slash. */
function md5sums(root: string, paths: readonly string[]): string {
  const line = (path: string): string =>
    `${createHash('md5')
      .update(readFileSync(join(root, path)))
      .digest('hex')}  ${path.slice(1)}\n`;
  return paths.toSorted().map(line).join('');
}

function kilobytesOf(root: string, paths: readonly string[]): number {
  return paths.reduce((sum, path) => sum + Math.ceil(statSync(join(root, path)).size / 1024), 0);
}

function copyTo(target: string, source: string, mode: number): void {
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(source, target);
  chmodSync(target, mode);
}
