// Builds the Windows binary with Microsoft's authentication runtime, and prints its path, the runtime's two files next
// to it. Its own program, because pkg can't be loaded inside a test runner. What it built is kept in build/with-broker.
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installedAddons, installedRuntime, makeBinary } from '../../../installers/build/binary.ts';
import { bundle, bundleAssets } from '../../../installers/build/bundle.ts';
import { hashFile } from '../../../installers/build/hash-file.ts';
import { installBlobMaker, installTargetDependencies } from '../../../installers/build/target-dependencies.ts';
import { targets } from '../../../installers/build/targets.ts';
import { installWindowsBroker } from '../../../installers/build/windows-broker.ts';
import { projectFolder } from '../../../scripts/project-folder.ts';

const target = targets.find(({ name }) => name === 'windows-x64');
const broker = target && (await installWindowsBroker(target));
if (target === undefined || broker === undefined) throw new Error('installers/build/targets.ts has no such target');
const folder = join(projectFolder, 'build', 'with-broker');
const output = join(folder, target.executable);
const nodeModules = await installTargetDependencies(target);
mkdirSync(join(folder, 'bundle'), { recursive: true });
const bundled = await bundle({ outputFolder: join(folder, 'bundle') });
const runtime = installedRuntime(target, nodeModules);
const main = bundled.main.path;
const assets = { ...bundleAssets(bundled), ...installedAddons(target, nodeModules), ...broker.assets };
const packagers = ['binary.ts', 'targets.ts', 'runtimes.json'].map((name) =>
  join(projectFolder, 'installers/build', name),
);
const done = join(folder, `done-${await hashOf([runtime, main, ...Object.values(assets), ...packagers])}`);
if (!existsSync(done)) await build();
console.log(output);

async function build(): Promise<void> {
  if (target === undefined) return;
  rmSync(output, { force: true });
  const blobMaker = await installBlobMaker(target);
  await makeBinary({ target, runtime, blobMaker, main, assets, output, workFolder: join(folder, 'work') });
  for (const [name, path] of Object.entries(broker?.files ?? {})) copyFileSync(path, join(folder, name));
  writeFileSync(done, '');
}

async function hashOf(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) hash.update(await hashFile(file));
  return hash.digest('hex').slice(0, 16);
}
