// The Windows binary that the tests run under Wine; does nothing when that of the last run is still the right one.
import { join } from 'node:path';
import { ensureDebianPackages } from '../../scripts/debian-packages.ts';
import { BuildStamp } from './build-stamp.ts';
import { bundle, partAssets, productVersion } from './bundle.ts';
import { installedAddons, installedRuntime } from './package-binary.ts';
import { packageTarget, targetFolder } from './package-target.ts';
import { installTargetPackages } from './target-packages.ts';
import { targets } from './targets.ts';

ensureDebianPackages(['build']);

const target = targets.find(({ name }) => name === 'windows-x64');
if (target === undefined) throw new Error('installers/build/targets.ts has no windows-x64');

const bundled = await bundle();
const packages = await installTargetPackages(target);
const packagers = [
  'package-binary.ts',
  'package-target.ts',
  '../windows/executable.ts',
  'targets.ts',
  '../release/bill-of-materials.ts',
  '../release/contents.ts',
];
const inputs = {
  runtime: installedRuntime(target, packages),
  ...installedAddons(target, packages),
  main: bundled.main.path,
  ...partAssets(bundled),
  ...Object.fromEntries(packagers.map((file) => [file, join(import.meta.dirname, file)])),
};
const outputs = [target.executable, target.windowless ?? target.executable].map((name) =>
  join(targetFolder(target), name),
);
const stamp = await BuildStamp.of(target.name, inputs, outputs);
if (await stamp.isUpToDate()) {
  console.log(`dist/${target.name} is up to date`);
} else {
  await packageTarget(target, bundled, productVersion());
  await stamp.write();
}
