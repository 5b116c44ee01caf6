// The packages of one Linux target.
import { dirname, join } from 'node:path';
import { targetAddons } from '../build/target-binaries.ts';
import type { Target } from '../build/targets.ts';
import { LICENCES_FILE } from '../release/licences.ts';
import { writeDeb } from './deb.ts';
import { writeRpm } from './rpm.ts';

/** Writes the packages to `folder` and returns their paths; none for targets of other systems. */
export function writeLinuxPackages(target: Target, binary: string, version: string, folder: string): string[] {
  if (target.platform !== 'linux') return [];
  const licences = join(dirname(binary), LICENCES_FILE);
  const linuxPackage = { binary, addons: targetAddons(target), licences, arch: target.arch, version, folder };
  return [writeDeb(linuxPackage), writeRpm(linuxPackage)];
}
