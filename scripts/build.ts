// `npm run build`: the host's binary at dist/foundry-credential-helper. Works without a network, and does nothing when
// the binary of the last run is still the right one.
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { bundle, projectFolder } from './bundle.ts';
import { hashFile, installedAddons, installedRuntime, packageBinary } from './package-binary.ts';
import { hostTarget } from './targets.ts';

const target = hostTarget();
const output = join(projectFolder, 'dist', target.executable);
/** What went into the binary and what came out, by SHA-256. */
const stampFile = join(projectFolder, 'build', `${target.name}.json`);

const startedAt = performance.now();
const { main, app } = await bundle();
const runtime = installedRuntime(target);
const assets = { 'app.js': app.path, ...installedAddons(target) };
const packager = join(import.meta.dirname, 'package-binary.ts');
const inputs = await hashFiles({ runtime, main: main.path, ...assets, packager });
console.log(`main.js ${kilobytes(main.bytes)}, app.js ${kilobytes(app.bytes)}`);

if (await isUpToDate()) {
  console.log('dist/foundry-credential-helper is up to date');
} else {
  await packageBinary({ target, runtime, main: main.path, assets, output });
  console.log(execFileSync(output, ['version'], { encoding: 'utf8' }).trim());
  writeFileSync(stampFile, JSON.stringify({ inputs, output: await hashFile(output) }));
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${output}: ${kilobytes(statSync(output).size)} in ${seconds} s`);
}

async function isUpToDate(): Promise<boolean> {
  try {
    const stamp: unknown = JSON.parse(readFileSync(stampFile, 'utf8'));
    return isDeepStrictEqual(stamp, { inputs, output: await hashFile(output) });
  } catch {
    return false;
  }
}

async function hashFiles(files: Record<string, string>): Promise<Record<string, string>> {
  const rows = Object.entries(files).map(async ([name, path]) => [name, await hashFile(path)] as const);
  return Object.fromEntries(await Promise.all(rows));
}

function kilobytes(bytes: number): string {
  return `${Math.round(bytes / 1000).toLocaleString('en')} kB`;
}
