// npm installs only this system's runtime and addons. Another system's are installed here.
import { join } from 'node:path';
import { installNpmDependencies } from '../../scripts/npm-dependencies.ts';
import { installedNode } from './binary.ts';
import { projectFolder } from './bundle.ts';
import { blobMakerOf, hostTarget, type Target } from './targets.ts';

/**
 * Returns the path of a `node_modules` with the target's runtime and addons; installs them if the last run didn't.
 * @throws Error if npm fails
 */
export async function installTargetDependencies(target: Target): Promise<string> {
  if (target === hostTarget()) return join(projectFolder, 'node_modules');
  const folder = join(projectFolder, 'build', 'dependencies', target.name);
  const system = [`--os=${target.platform}`, `--cpu=${target.arch}`, '--libc=glibc'];
  return installNpmDependencies(projectFolder, folder, ...system);
}

/**
 * Returns the path of a Node for this computer in the target's version, which makes the target's blob. If it's not the
 * version that runs this, it's installed from installers/build/blob-maker.
 * @throws Error if npm fails, or if there's no such Node for this computer
 */
export async function installBlobMaker(target: Target): Promise<string> {
  const maker = blobMakerOf(target);
  if (maker.version === process.versions.node) return process.execPath;
  const manifests = join(projectFolder, 'installers', 'build', 'blob-maker');
  const nodeModules = await installNpmDependencies(
    manifests,
    join(projectFolder, 'build', 'dependencies', 'blob-maker'),
  );
  return installedNode(maker, nodeModules);
}
