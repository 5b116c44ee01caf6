// `npm run sign:windows`, after `npm run package`: signs the programs for Windows and their native addons, makes the
// installers anew with them, and signs those. Only targets that were made.
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ensureDebianPackages } from '../../scripts/debian-dependencies.ts';
import { projectFolder } from '../build/bundle.ts';
import { targetAddons, targetFolder } from '../build/target-binaries.ts';
import { type Target, targets } from '../build/targets.ts';
import { refreshChecksums } from '../release/checksums.ts';
import { writeWindowsPackages } from './msi.ts';
import { signFile } from './sign.ts';
import { readSignerOptions, SIGNING_USAGE } from './signer-options.ts';

ensureDebianPackages(['sign-windows']);

try {
  const signer = readSignerOptions(process.argv.slice(2), process.env);
  const made = targets.filter((target) => target.platform === 'win32' && existsSync(targetFolder(target)));
  if (made.length === 0) throw new Error('dist has nothing for Windows: run "npm run package" first');
  for (const target of made) {
    const names = [target.executable, ...(target.windowless === undefined ? [] : [target.windowless])];
    const programs = [
      ...names.map((name) => join(targetFolder(target), name)),
      ...Object.values(targetAddons(target)),
      ...brokerAddons(target),
    ];
    const sign = (file: string): void => {
      signFile(file, signer);
      console.log(`signed ${relative(projectFolder, file)}`);
    };
    programs.forEach(sign);
    writeWindowsPackages(target).forEach(sign);
  }
  await refreshChecksums(join(projectFolder, 'dist'));
} catch (error) {
  console.error(`${(error as Error).message}\n\n${SIGNING_USAGE}`);
  process.exitCode = 1;
}

/** Only if the target was made with the broker. Its library keeps Microsoft's signature; the addon has none. */
function brokerAddons(target: Target): string[] {
  const paths = (target.broker ?? []).map(({ name }) => join(targetFolder(target), name));
  return paths.filter((path) => path.endsWith('.node') && existsSync(path));
}
