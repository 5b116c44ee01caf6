// One target's binaries, from the bundle to the files that the installers take.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from './bundle.ts';
import { installedAddons, installedRuntime, packageBinary } from './package-binary.ts';
import { installTargetPackages } from './target-packages.ts';
import type { Target } from './targets.ts';
import { withoutConsole, withProductResources } from './windows/executable.ts';

/** Where a target's binaries lie. */
export function targetFolder(target: Target): string {
  return join(projectFolder, 'dist', target.name);
}

/**
 * Makes the target's binaries in `targetFolder` and returns their paths, the program itself first.
 * @param bundle paths of `main.js` and `app.js`
 */
export async function packageTarget(target: Target, bundle: { main: string; app: string }): Promise<string[]> {
  const packages = await installTargetPackages(target);
  const folder = targetFolder(target);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const output = join(folder, target.executable);
  await packageBinary({
    target,
    runtime: preparedRuntime(target, installedRuntime(target, packages)),
    main: bundle.main,
    assets: { 'app.js': bundle.app, ...installedAddons(target, packages) },
    output,
  });
  if (target.windowless === undefined) return [output];
  const twin = join(folder, target.windowless);
  writeFileSync(twin, withoutConsole(readFileSync(output)), { mode: 0o755 });
  return [output, twin];
}

/** Windows: what Explorer shows must be in place before pkg adds the program, which leaves the resources alone. */
function preparedRuntime(target: Target, runtime: string): string {
  if (target.platform !== 'win32') return runtime;
  const prepared = join(projectFolder, 'build', `runtime-${target.name}.exe`);
  writeFileSync(prepared, withProductResources(readFileSync(runtime)), { mode: 0o755 });
  return prepared;
}
