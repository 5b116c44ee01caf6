// The installers for Windows, made by wixl and msibuild (Debian packages wixl and msitools) and put right where wixl
// errs.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { uuidV5 } from '../../src/formats/uuid.ts';
import { productVersion, projectFolder } from '../build/bundle.ts';
import { targetAddons, targetFolder } from '../build/target-binaries.ts';
import type { Target } from '../build/targets.ts';
import { sourceDate } from '../release/source-state.ts';
import { fileIncludes, installedFiles } from './installer-files.ts';
import { setSummary } from './msi-summary.ts';
import { executeSequenceTable, tableQueries } from './msi-tables.ts';
import { runTool } from './run-tool.ts';

/** Never changes: by it Windows knows all versions for one product. */
const UPGRADE_CODE = uuidV5('installer-upgrade');

export interface Installer {
  readonly arch: 'x64' | 'arm64';
  /** Three numbers; also what the executables' VERSIONINFO says. */
  readonly version: string;
  /** The folder with the two executables and their native addons, and with the broker's two files if it's included. */
  readonly binaries: string;
  /** Path of the .msi. */
  readonly output: string;
}

/**
 * Makes the target's installer next to its folder in `dist`; returns its path. Nothing for other systems than Windows.
 * @throws Error where a tool fails or an addon is missing, or for a version that Windows Installer doesn't know
 */
export function writeWindowsPackages(target: Target): string[] {
  if (target.platform !== 'win32') return [];
  const version = productVersion();
  const missing = Object.values(targetAddons(target)).find((path) => !existsSync(path));
  if (missing !== undefined) throw new Error(`${missing} is missing: build the target first`);
  const output = join(projectFolder, 'dist', `foundry-credential-helper-${version}-${target.arch}.msi`);
  makeInstaller({ arch: target.arch, version, binaries: targetFolder(target), output });
  return [output];
}

/** @throws Error as `writeWindowsPackages` */
export function makeInstaller({ arch, version, binaries, output }: Installer): void {
  assertInstallerVersion(version);
  const time = sourceDate();
  const files = installedFiles(binaries, version);
  const build = join(projectFolder, 'build');
  mkdirSync(build, { recursive: true });
  // wixl doesn't accept absolute paths: everything is in one folder, which it works in.
  const folder = mkdtempSync(join(build, 'msi-'));
  try {
    for (const { name, source } of files) copyWithTime(source, join(folder, name), time);
    for (const name of ['product.wxs', 'icon.ico']) {
      copyWithTime(join(projectFolder, 'installers/windows', name), join(folder, name), time);
    }
    for (const [name, text] of Object.entries(fileIncludes(files))) writeFileSync(join(folder, `${name}.wxi`), text);
    const productCode = uuidV5(`installer-product:${version}:${arch}`);
    const variables = { Version: version, ProductCode: productCode, UpgradeCode: UPGRADE_CODE };
    const definitions = Object.entries(variables).flatMap(([name, value]) => ['-D', `${name}=${value}`]);
    // Times of files go into the cabinet as local time.
    const options = { cwd: folder, env: { ...process.env, TZ: 'UTC' } };
    // wixl doesn't know arm64; the two differ in the summary alone.
    runTool('wixl', ['-a', 'x64', ...definitions, '-I', '.', '-o', 'product.msi', 'product.wxs'], options);
    writeFileSync(join(folder, 'sequence.idt'), executeSequenceTable());
    runTool('msibuild', ['product.msi', '-i', 'sequence.idt'], options);
    runTool('msibuild', ['product.msi', '-q', ...tableQueries({ version, upgradeCode: UPGRADE_CODE, files })], options);
    const msi = join(folder, 'product.msi');
    setSummary(msi, arch, time);
    renameSync(msi, output);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function copyWithTime(source: string, copy: string, time: Date): void {
  copyFileSync(source, copy);
  utimesSync(copy, time, time);
}

/** https://learn.microsoft.com/windows/win32/msi/productversion: other forms are compared wrongly or not at all. */
function assertInstallerVersion(version: string): void {
  const [, major, minor, build] = /^(\d+)\.(\d+)\.(\d+)$/.exec(version) ?? [];
  if (build === undefined || Number(major) > 255 || Number(minor) > 255 || Number(build) > 65_535) {
    throw new Error(`${version} isn't a version for Windows Installer: three numbers up to 255.255.65535`);
  }
}
