// Microsoft's authentication runtime for Windows, an optional part of the packages: `npm run package --
// --with-windows-broker`. Why it isn't in every package: docs/maintainers/windows-broker.md.
import { hash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installNpmDependencies } from '../../scripts/npm-dependencies.ts';
import { RUNTIME_MANIFEST } from '../../src/entra/broker/windows/load-runtime.ts';
import { codeHash } from '../../src/platform/code-signature.ts';
import { projectFolder } from './bundle.ts';
import { BROKER_PACKAGE, BROKER_VERSION, type BrokerFile, type Target } from './targets.ts';

export const WITH_WINDOWS_BROKER = '--with-windows-broker';

export const BROKER_LICENCE_REMARK =
  `npm's metadata says that ${BROKER_PACKAGE} is under the MIT license, but the package has no license text, and ` +
  'Microsoft publishes the same library elsewhere (Microsoft.Identity.Client.NativeInterop on NuGet) under its own ' +
  'terms: before you give these files to anyone outside your organization, ask Microsoft or your lawyers.';

/** The folder with the manifests that pin the package. */
export const BROKER_MANIFESTS = join(projectFolder, 'installers', 'build', 'windows-broker');

export interface WindowsBroker {
  /** The path of the `node_modules` with the package. */
  readonly nodeModules: string;
  /** What goes next to the program: paths by file name. */
  readonly files: Readonly<Record<string, string>>;
  /** What goes into the program, so that it loads no other files: paths by asset name. */
  readonly assets: Readonly<Record<string, string>>;
}

/**
 * Installs the package if the last run didn't, and compares the target's files with installers/build/targets.ts.
 * `undefined` for a target that isn't for Windows.
 * @throws Error if npm fails, or a file is another one
 */
export async function installWindowsBroker(target: Target): Promise<WindowsBroker | undefined> {
  if (target.broker === undefined) return undefined;
  const folder = join(projectFolder, 'build', 'dependencies', 'windows-broker');
  const nodeModules = await installNpmDependencies(BROKER_MANIFESTS, folder);
  // 36 of its 44 MB are for other systems.
  for (const system of ['linux', 'macos', join('windows', 'x86')]) {
    rmSync(join(nodeModules, BROKER_PACKAGE, 'dist', system), { recursive: true, force: true });
  }
  const files = Object.fromEntries(target.broker.map((one) => [one.name, verified(one, nodeModules)]));
  return { nodeModules, files, assets: { [RUNTIME_MANIFEST]: writeManifest(target, files) } };
}

function verified({ file, sha256 }: BrokerFile, nodeModules: string): string {
  const path = join(nodeModules, BROKER_PACKAGE, file);
  const found = hash('sha256', readFileSync(path));
  if (found === sha256) return path;
  throw new Error(
    `${path} isn't the one of ${BROKER_PACKAGE} ${BROKER_VERSION}: its SHA-256 is ${found}, ` +
      `but installers/build/targets.ts expects ${sha256}`,
  );
}

/** Without their signatures, so that an organization can sign the files after the program was built. */
function writeManifest({ name, platform }: Target, files: Readonly<Record<string, string>>): string {
  const hashes = Object.entries(files).map(([file, path]) => [file, codeHash(readFileSync(path), platform)]);
  const path = join(projectFolder, 'build', `windows-broker-${name}.json`);
  mkdirSync(join(projectFolder, 'build'), { recursive: true });
  writeFileSync(path, JSON.stringify(Object.fromEntries(hashes)));
  return path;
}
