// `npm run sign:windows`, after `npm run package`: signs the programs for Windows, makes the installers anew with them,
// and signs those. Only targets that were made.
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { projectFolder } from './bundle.ts';
import { ensureDebianPackages } from './debian-packages.ts';
import { targetFolder } from './package-target.ts';
import { refreshChecksums } from './release/checksums.ts';
import { targets } from './targets.ts';
import { packageForWindows } from './windows/msi.ts';
import { signFile } from './windows/sign.ts';
import { readSignerOptions, SIGNING_USAGE } from './windows/signer-options.ts';

ensureDebianPackages(['sign-windows']);

try {
  const signer = readSignerOptions(process.argv.slice(2), process.env);
  const made = targets.filter((target) => target.platform === 'win32' && existsSync(targetFolder(target)));
  if (made.length === 0) throw new Error('dist has nothing for Windows: run "npm run package" first');
  for (const target of made) {
    const names = [target.executable, ...(target.windowless === undefined ? [] : [target.windowless])];
    const programs = names.map((name) => join(targetFolder(target), name));
    const sign = (file: string): void => {
      signFile(file, signer);
      console.log(`signed ${relative(projectFolder, file)}`);
    };
    programs.forEach(sign);
    packageForWindows(target).forEach(sign);
  }
  await refreshChecksums(join(projectFolder, 'dist'));
} catch (error) {
  console.error(`${(error as Error).message}\n\n${SIGNING_USAGE}`);
  process.exitCode = 1;
}
