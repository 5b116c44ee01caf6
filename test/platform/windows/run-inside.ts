import { mkdtempSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { installTargetDependencies } from '../../../installers/build/target-dependencies.ts';
import { targets } from '../../../installers/build/targets.ts';
import { type WineRun, windowsNode, windowsPath } from '../../support/harness/wine.ts';
import type { Computer, WindowsUser } from './support.ts';

/** Runs a script of `inside/`, with the product's source in it, in Windows' own Node. */
export async function runInside(
  computer: Computer,
  user: WindowsUser,
  script: string,
  ...args: string[]
): Promise<WineRun> {
  const target = targets.find(({ name }) => name === 'windows-x64');
  if (target === undefined) throw new Error('no such target');
  const folder = mkdtempSync(join(computer.prefix.root, 'inside-'));
  const bundle = join(folder, `${script}.mjs`);
  await build({
    entryPoints: [join(import.meta.dirname, `inside/${script}.ts`)],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    // CommonJS packages call it.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    alias: { vitest: join(import.meta.dirname, 'inside/vitest.ts') },
    external: ['@napi-rs/keyring', '@primno/dpapi', 'native-reg'],
    logLevel: 'error',
  });
  symlinkSync(await installTargetDependencies(target), join(folder, 'node_modules'));
  return computer.prefix.run(await windowsNode(), ['--test-reporter=tap', windowsPath(bundle), ...args], {
    env: user.env,
  });
}
