// npm installs the runtime and the addons of this system only; for another one they are installed here.
import { join } from 'node:path';
import { installNpmDependencies } from '../../scripts/npm-dependencies.ts';
import { projectFolder } from './bundle.ts';
import { hostTarget, type Target } from './targets.ts';

/**
 * Path of a `node_modules` with the target's runtime and addons; installs them where the last run did not.
 * @throws Error when npm fails
 */
export async function installTargetDependencies(target: Target): Promise<string> {
  if (target === hostTarget()) return join(projectFolder, 'node_modules');
  const folder = join(projectFolder, 'build', 'dependencies', target.name);
  const system = [`--os=${target.platform}`, `--cpu=${target.arch}`, '--libc=glibc'];
  return installNpmDependencies(projectFolder, folder, ...system);
}
