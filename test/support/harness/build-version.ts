// Builds this machine's binary with another version: node test/support/harness/build-version.ts FOLDER VERSION
// A program of its own, because pkg cannot be loaded inside a test runner.
import { join } from 'node:path';
import { installedAddons, installedRuntime, makeBinary } from '../../../installers/build/binary.ts';
import { bundle, partAssets } from '../../../installers/build/bundle.ts';
import { hostTarget } from '../../../installers/build/targets.ts';

const [folder, version] = process.argv.slice(2);
if (folder === undefined || version === undefined) throw new Error('usage: build-version.ts FOLDER VERSION');
const target = hostTarget();
const bundled = await bundle({ outputFolder: folder, version });
await makeBinary({
  target,
  runtime: installedRuntime(target),
  main: bundled.main.path,
  assets: { ...partAssets(bundled), ...installedAddons(target) },
  output: join(folder, target.executable),
  workFolder: folder,
});
