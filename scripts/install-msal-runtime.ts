// Installs what test/platform/linux/broker-runtime.test.ts needs, into build/msal-runtime: Microsoft's authentication
// runtime, and the libraries of Debian that it wants (53 MB, unpacked only). Without them, that test is skipped.
import { type SpawnSyncOptions, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { installNpmDependencies } from './npm-dependencies.ts';
import { projectFolder } from './project-folder.ts';

const LIBRARY = 'libwebkit2gtk-4.1-0';

const folder = join(projectFolder, 'build', 'msal-runtime');
const packages = join(folder, 'debian');

await installNpmDependencies(join(projectFolder, 'installers/build/windows-broker'), join(folder, 'npm'));
rmSync(packages, { recursive: true, force: true });
mkdirSync(packages, { recursive: true });
run('apt-get', ['download', ...missingPackages()], { cwd: packages });
for (const file of readdirSync(packages)) run('dpkg-deb', ['--extract', join(packages, file), join(folder, 'root')]);
rmSync(packages, { recursive: true, force: true });

/** The library's package, and those of its dependencies that aren't on this computer. */
function missingPackages(): readonly string[] {
  const plan = run('apt-get', ['install', '--simulate', '--no-install-recommends', LIBRARY]);
  return [...plan.matchAll(/^Inst (\S+)/gm)].map(([, name]) => String(name));
}

function run(command: string, args: readonly string[], options: SpawnSyncOptions = {}): string {
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  const { status, stdout, error } = spawnSync(command, args, { ...options, stdio: [...stdio], encoding: 'utf8' });
  if (status !== 0) throw new Error(`"${command} ${args.join(' ')}" failed: ${error?.message ?? `status ${status}`}`);
  return stdout;
}
