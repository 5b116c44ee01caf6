// Builds the Windows binary that the tests run under Wine. Does nothing if the last run's binary is still right.
import { join } from 'node:path';
import { ensureDebianPackages } from '../../scripts/debian-dependencies.ts';
import { installedAddons, installedRuntime } from './binary.ts';
import { BuildStamp } from './build-stamp.ts';
import { bundle, bundleAssets, productVersion } from './bundle.ts';
import { makeTargetBinaries, targetAddons, targetFolder } from './target-binaries.ts';
import { installTargetDependencies } from './target-dependencies.ts';
import { targets } from './targets.ts';
import { installWindowsBroker } from './windows-broker.ts';

ensureDebianPackages(['test/platform/windows']);

const target = targets.find(({ name }) => name === 'windows-x64');
if (target === undefined) throw new Error('installers/build/targets.ts has no windows-x64');

// Not a part of the binary: the tests load it on its own.
await installWindowsBroker(target);
const bundled = await bundle();
const nodeModules = await installTargetDependencies(target);
const packagers = [
  'binary.ts',
  'target-binaries.ts',
  '../windows/executable.ts',
  '../windows/launcher.c',
  '../windows/launcher.ts',
  '../windows/task.c',
  '../windows/window.c',
  '../../src/autostart/task-xml.ts',
  'targets.ts',
  'windows-broker.ts',
  'runtimes.json',
  '../release/bill-of-materials.ts',
  '../release/contents.ts',
];
const inputs = {
  runtime: installedRuntime(target, nodeModules),
  ...installedAddons(target, nodeModules),
  main: bundled.main.path,
  ...bundleAssets(bundled),
  ...Object.fromEntries(packagers.map((file) => [file, join(import.meta.dirname, file)])),
};
const programs = [target.executable, target.windowless ?? target.executable].map((name) =>
  join(targetFolder(target), name),
);
const outputs = [...programs, ...Object.values(targetAddons(target))];
const stamp = await BuildStamp.of(target.name, inputs, outputs);
if (await stamp.isUpToDate()) {
  console.log(`dist/${target.name} is up to date`);
} else {
  await makeTargetBinaries(target, bundled, productVersion());
  await stamp.write();
}
