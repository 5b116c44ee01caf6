// Makes one target's binaries, from the bundle to the files that the installers take.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { billOfMaterials } from '../release/bill-of-materials.ts';
import { contentsOf, type Ingredient } from '../release/contents.ts';
import { DOCUMENTS, LICENCES_FILE, licencesText } from '../release/licences.ts';
import { sourceDate } from '../release/source-state.ts';
import { withProductResources } from '../windows/executable.ts';
import { compileLauncher } from '../windows/launcher.ts';
import { installedAddons, installedRuntime, makeBinary } from './binary.ts';
import { type Bundle, bundleAssets, metafilesOf, projectFolder } from './bundle.ts';
import { installBlobMaker, installTargetDependencies } from './target-dependencies.ts';
import type { Target } from './targets.ts';
import { installWindowsBroker } from './windows-broker.ts';

/** The folder with a target's binaries. */
export function targetFolder(target: Target): string {
  return join(projectFolder, 'dist', target.name);
}

/** What every installer puts next to the program, by file name. */
export function targetDocuments(target: Target): Record<string, Buffer> {
  return Object.fromEntries(DOCUMENTS.map((name) => [name, readFileSync(join(targetFolder(target), name))]));
}

/** What every installer puts where the program finds it, so that it unpacks nothing: paths by file name. */
export function targetAddons(target: Target): Record<string, string> {
  return Object.fromEntries(target.addons.map(({ asset }) => [asset, join(targetFolder(target), asset)]));
}

export interface TargetBinaries {
  readonly executable: string;
  readonly contents: readonly Ingredient[];
}

export interface TargetOptions {
  /** Adds the broker to a target for Windows. Default: false. */
  readonly withWindowsBroker?: boolean;
}

/** Makes the target's binaries in `targetFolder`, with their addons, licenses, and bill of materials next to them. */
export async function makeTargetBinaries(
  target: Target,
  bundled: Bundle,
  version: string,
  { withWindowsBroker = false }: TargetOptions = {},
): Promise<TargetBinaries> {
  const broker = withWindowsBroker ? await installWindowsBroker(target) : undefined;
  const nodeModules = await installTargetDependencies(target);
  const folder = targetFolder(target);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const executable = join(folder, target.executable);
  const node = await installBlobMaker(target);
  const addons = installedAddons(target, nodeModules);
  for (const [name, path] of Object.entries(targetAddons(target))) copyFileSync(addons[name] ?? '', path);
  for (const [name, path] of Object.entries(broker?.files ?? {})) copyFileSync(path, join(folder, name));
  await makeBinary({
    target,
    runtime: installedRuntime(target, nodeModules),
    blobMaker: node,
    main: bundled.main.path,
    assets: { ...bundleAssets(bundled), ...addons, ...broker?.assets },
    output: executable,
  });
  // Only after the program is in. pkg moves the resources to the file's end, where they can grow without moving
  // anything else, least of all the relocation table. In the other order, pkg's library also misreads the table
  // ("Relocation corrupted").
  if (target.platform === 'win32') {
    writeFileSync(executable, withProductResources(readFileSync(executable), version), { mode: 0o755 });
  }
  if (target.windowless !== undefined) {
    writeFileSync(join(folder, target.windowless), withProductResources(compileLauncher(target.arch), version), {
      mode: 0o755,
    });
  }
  const contents = contentsOf(target, metafilesOf(bundled), nodeModules, broker);
  copyFileSync(join(projectFolder, 'LICENSE'), join(folder, 'LICENSE'));
  writeFileSync(join(folder, LICENCES_FILE), licencesText(contents, node));
  const programs = [target.executable, target.windowless].flatMap((name) =>
    name === undefined ? [] : join(folder, name),
  );
  const bom = billOfMaterials({ target, version, contents, programs, node, date: sourceDate() });
  writeFileSync(join(folder, 'sbom.cdx.json'), bom);
  return { executable, contents };
}
