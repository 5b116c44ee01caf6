// `npm run verify:package`: checks this computer's package with the system's own tools. `npm run package` may have made
// the package here or elsewhere. Options:
//   --this-computer   macOS: also installs it here and removes it again. Required on Windows.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { productVersion, projectFolder } from './bundle.ts';
import { hostTarget, type Target } from './targets.ts';

/** A program with its arguments. */
export type Command = readonly [string, ...string[]];

/**
 * The commands that check a target's package, in order. Paths are relative to the project's folder.
 * @throws Error if this system has no such commands, or none without installing the package
 */
export function verifyCommands({ name, platform, arch }: Target, version: string, installs: boolean): Command[] {
  const base = `dist/foundry-credential-helper-${version}-${arch}`;
  switch (platform) {
    case 'darwin': {
      const component = `dist/${name}/foundry-credential-helper-component.pkg`;
      const here: Command[] = installs ? [['/bin/sh', 'installers/macos/verify-this-mac.sh', `${base}.pkg`]] : [];
      return [['/bin/sh', 'installers/macos/verify-on-a-mac.sh', `${base}.pkg`, component], ...here];
    }
    case 'win32': {
      if (!installs) throw new Error('this installs the package and removes it again: say so with --this-computer');
      const powerShell = ['powershell.exe', '-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass'] as const;
      return [[...powerShell, '-File', 'installers/windows/verify-on-windows.ps1', '-Msi', `${base}.msi`]];
    }
    default:
      throw new Error('on Linux the tests do this: npm test -- test/platform/linux');
  }
}

function main(): void {
  const commands = verifyCommands(hostTarget(), productVersion(), process.argv.includes('--this-computer'));
  const missing = commands.flat().filter((word) => word.startsWith('dist/') && !existsSync(join(projectFolder, word)));
  if (missing.length > 0)
    throw new Error(`there's no ${missing[0]}: run "npm run package" on Linux and copy dist/ here`);
  for (const [program, ...args] of commands) {
    const { status, error } = spawnSync(program, args, { cwd: projectFolder, stdio: 'inherit' });
    if (error !== undefined) throw error;
    if (status !== 0) process.exitCode = 1;
  }
}

if (process.argv[1] === import.meta.filename) {
  try {
    main();
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
