// `npm run build`: builds the host's binary at dist/foundry-credential-helper. Works without a network, and does
// nothing if the last run's binary is still right.
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDebianPackages } from '../../scripts/debian-dependencies.ts';
import { installedAddons, installedRuntime, makeBinary } from './binary.ts';
import { BuildStamp } from './build-stamp.ts';
import { bundle, bundleAssets, projectFolder } from './bundle.ts';
import { hostTarget } from './targets.ts';

ensureDebianPackages(['build']);

const target = hostTarget();
const output = join(projectFolder, 'dist', target.executable);

const startedAt = performance.now();
const bundled = await bundle();
const { main, parts } = bundled;
const runtime = installedRuntime(target);
const assets = { ...bundleAssets(bundled), ...installedAddons(target) };
const packager = join(import.meta.dirname, 'binary.ts');
const stamp = await BuildStamp.of(target.name, { runtime, main: main.path, ...assets, packager }, [output]);
console.log(
  Object.entries({ 'main.js': main, ...parts })
    .map(([name, { bytes }]) => `${name} ${kilobytes(bytes)}`)
    .join(', '),
);

if (await stamp.isUpToDate()) {
  console.log('dist/foundry-credential-helper is up to date');
} else {
  await makeBinary({ target, runtime, main: main.path, assets, output });
  console.log(execFileSync(output, ['version'], { encoding: 'utf8' }).trim());
  await stamp.write();
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${output}: ${kilobytes(statSync(output).size)} in ${seconds} s`);
}

function kilobytes(bytes: number): string {
  return `${Math.round(bytes / 1000).toLocaleString('en')} kB`;
}
