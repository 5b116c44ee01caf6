// npm installs the runtime and the addons of this system only; for another one they are installed here.
import { join } from 'node:path';
import { installPackages } from '../../scripts/npm-packages.ts';
import { projectFolder } from './bundle.ts';
import { hostTarget, type Target } from './targets.ts';

/**
 * Path of a `node_modules` with the target's runtime and addons; installs them where the last run did not.
 * @throws Error when npm fails
 */
export async function installTargetPackages(target: Target): Promise<string> {
  if (target === hostTarget()) return join(projectFolder, 'node_modules');
  const folder = join(projectFolder, 'build', 'packages', target.name);
  const system = [`--os=${target.platform}`, `--cpu=${target.arch}`, '--libc=glibc'];
  return installPackages(projectFolder, folder, ...system);
}
