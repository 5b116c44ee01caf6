// The MSI of one Windows target, by wixl and msibuild of Debian's msitools.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { uuidV5 } from '../../src/rollout/uuid.ts';
import { projectFolder } from '../bundle.ts';
import { targetFolder } from '../package-target.ts';
import { commitHash, sourceDate } from '../release/source-state.ts';
import type { Target } from '../targets.ts';
import { policyInclude, policyProperties } from './policy-properties.ts';

export interface MsiOptions {
  readonly target: Target;
  /** `x.y.z` */
  readonly version: string;
  /** Has the two programs and their documents. Default: the target's. */
  readonly folder?: string;
  /** Default: dist/foundry-credential-helper-VERSION-ARCH.msi */
  readonly output?: string;
}

const MANUFACTURER = 'foundry-credential-helper contributors';
const EXECUTABLES = ['Program', 'Agent'];

/**
 * Sequence numbers of InstallExecuteSequence. wixl puts custom actions, and the removal of an older version, where Windows
 * does not take them: the latter after InstallFiles, which is error 2613.
 * https://learn.microsoft.com/windows/win32/msi/removeexistingproducts-action
 */
const SEQUENCE: Readonly<Record<string, number>> = {
  // After AppSearch (50), before the components' conditions are looked at (CostFinalize, 1000).
  ...Object.fromEntries(policyProperties.map(({ name }, index) => [`Keep${name}`, 60 + index])),
  FindTaskkill: 110,
  // Before InstallValidate (1400) looks for files in use.
  StopOwnAgent: 1390,
  RemoveExistingProducts: 1450,
  // After InstallInitialize (1500) and ProcessComponents (1600), before any file is removed or written.
  StopAgents: 1610,
};

/**
 * Writes the MSI and returns its path. The same files and version give the same bytes.
 * @throws Error when wixl or msibuild fails
 */
export function writeMsi({ target, version, folder = targetFolder(target), output }: MsiOptions): string {
  const name = `foundry-credential-helper-${version}-${target.arch}.msi`;
  const path = output ?? join(projectFolder, 'dist', name);
  const work = mkdtempSync(join(tmpdir(), 'msi-'));
  rmSync(path, { force: true });
  writeFileSync(join(work, 'policy.wxi'), policyInclude());
  const variables = {
    Version: version,
    // wixl takes no absolute path.
    Folder: relative(join(projectFolder, 'installers/windows'), folder),
    ProductCode: uuidV5(`msi product ${target.name} ${version}`),
  };
  // Windows takes two packages with the same code for copies of one file.
  const packageCode = `{${uuidV5(`msi package ${target.name} ${version} ${commitHash()}`)}}`;
  const date = sourceDate();
  for (const file of [target.executable, target.windowless ?? '', 'LICENSE', 'THIRD-PARTY-LICENSES.txt'])
    utimesSync(join(folder, file), date, date);
  // Their one way to be told the time: it stands in the file.
  const run = (...command: string[]) => execFileSync('faketime', [date.toISOString(), ...command]);
  const defines = Object.entries(variables).flatMap(([key, value]) => ['--define', `${key}=${value}`]);
  const source = join(projectFolder, 'installers/windows/product.wxs');
  // wixl knows no arm64; what makes a package one is the template below.
  run('wixl', '--arch', 'x64', '--includedir', work, '--output', path, ...defines, source);
  // One call for all: each writes the whole file again.
  run('msibuild', path, ...corrections(version).flatMap((query) => ['-q', query]));
  const processor = target.arch === 'arm64' ? 'Arm64' : 'x64';
  run('msibuild', path, '-s', `Foundry Credential Helper ${version}`, MANUFACTURER, `${processor};1033`, packageCode);
  return path;
}

function corrections(version: string): string[] {
  const sequences = Object.entries(SEQUENCE).map(
    ([action, sequence]) =>
      `UPDATE \`InstallExecuteSequence\` SET \`Sequence\`=${sequence} WHERE \`Action\`='${action}'`,
  );
  // With Node's own version, or none, an uninstallation may leave the file behind.
  const versions = EXECUTABLES.map((file) => `UPDATE \`File\` SET \`Version\`='${version}.0' WHERE \`File\`='${file}'`);
  // Only what was asked for becomes policy.
  const conditions = policyProperties.map(
    ({ component, name }) => `UPDATE \`Component\` SET \`Condition\`='${name}' WHERE \`Component\`='${component}'`,
  );
  // Otherwise Windows drops them on the way to the elevated half of the installation.
  const secure = ['WIX_DOWNGRADE_DETECTED', 'WIX_UPGRADE_DETECTED', ...policyProperties.map(({ name }) => name)];
  const properties = `UPDATE \`Property\` SET \`Value\`='${secure.join(';')}' WHERE \`Property\`='SecureCustomProperties'`;
  return [...sequences, ...versions, ...conditions, properties];
}
