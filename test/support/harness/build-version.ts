// Builds this machine's binary with another version, and prints its path: node test/support/harness/build-version.ts
// VERSION Its own program, because pkg can't be loaded inside a test runner. What it built is kept in build/versions.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { installedAddons, installedRuntime, makeBinary } from '../../../installers/build/binary.ts';
import { bundle, bundleAssets } from '../../../installers/build/bundle.ts';
import { hashFile } from '../../../installers/build/hash-file.ts';
import { hostTarget } from '../../../installers/build/targets.ts';
import { projectFolder } from '../../../scripts/project-folder.ts';

const [version] = process.argv.slice(2);
if (version === undefined) throw new Error('usage: build-version.ts VERSION');
const target = hostTarget();
const folder = join(projectFolder, 'build', 'versions');
mkdirSync(folder, { recursive: true });
const draft = mkdtempSync(join(folder, 'draft-'));
const bundled = await bundle({ outputFolder: draft, version });
const runtime = installedRuntime(target);
const main = bundled.main.path;
const assets = { ...bundleAssets(bundled), ...installedAddons(target) };
const name = `${version}-${await hashOf([runtime, main, ...Object.values(assets), ...packagers()])}`;
if (!existsSync(join(folder, name))) await build();
rmSync(draft, { recursive: true, force: true });
console.log(join(folder, name, target.executable));

async function build(): Promise<void> {
  const outdated = readdirSync(folder).filter((entry) => entry.startsWith(`${version}-`) && entry !== name);
  for (const entry of outdated) rmSync(join(folder, entry), { recursive: true, force: true });
  await makeBinary({ target, runtime, main, assets, output: join(draft, target.executable), workFolder: draft });
  try {
    renameSync(draft, join(folder, name));
  } catch (error) {
    // Another test was faster.
    if (!existsSync(join(folder, name))) throw error;
  }
}

function packagers(): readonly string[] {
  return ['binary.ts', 'targets.ts', 'runtimes.json'].map((file) => join(projectFolder, 'installers/build', file));
}

async function hashOf(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) hash.update(await hashFile(file));
  return hash.digest('hex').slice(0, 16);
}
