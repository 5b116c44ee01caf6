// What of other people's work is inside a target's binary, or next to it: the one source of the license file and the
// bill of materials.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { Metafile } from 'esbuild';
import { projectFolder } from '../build/bundle.ts';
import { BROKER_PACKAGE, type Target } from '../build/targets.ts';
import { BROKER_LICENCE_REMARK, BROKER_MANIFESTS, type WindowsBroker } from '../build/windows-broker.ts';

/** An npm package whose code, or whose compiled file, is in the binary or next to it. */
export interface Ingredient {
  readonly kind: 'bundled' | 'addon' | 'runtime';
  /** npm's. */
  readonly name: string;
  readonly version: string;
  /** SPDX expression, as the package declares it. */
  readonly licence: string;
  /** `sha512-<base64>` of the package's archive, which npm compares when it installs. */
  readonly integrity: string;
  /** Absolute path of the installed package. */
  readonly folder: string;
  /** Absolute paths of the files that go in as they are. None: esbuild takes the package's code apart. */
  readonly files: readonly string[];
  /** What to know about the license, in a sentence, if the package has no text of it. */
  readonly licenceRemark?: string;
}

interface LockedPackage {
  readonly version?: string;
  readonly license?: string;
  readonly integrity?: string;
}

/**
 * Everything from npm in the target's binary, in alphabetical order.
 * @param metafiles esbuild's, of `main.js` and the parts
 * @param nodeModules that of `installTargetDependencies`
 * @param broker if the package has it
 * @throws Error for a package without license, version or integrity in package-lock.json
 */
export function contentsOf(
  target: Target,
  metafiles: readonly Metafile[],
  nodeModules: string,
  broker?: WindowsBroker,
): readonly Ingredient[] {
  const locked = lockedPackages(projectFolder);
  const describe = (kind: Ingredient['kind'], path: string, root: string) => describePackage(locked, kind, path, root);
  const installation = join(nodeModules, '..');
  const bundled = [...bundledPackages(metafiles)].map((path) => describe('bundled', path, projectFolder));
  const addons = target.addons.map((addon) =>
    withFile(describe('addon', `node_modules/${addon.package}`, installation), addon.file),
  );
  const runtime = withFile(
    describe('runtime', `node_modules/${target.runtime.package}`, installation),
    target.runtime.file,
  );
  const brokers = broker === undefined ? [] : [brokerIngredient(broker)];
  const byPath = new Map([...bundled, ...addons, ...brokers, runtime].map((one) => [one.folder, one]));
  return [...byPath.values()].toSorted((a, b) => compare(a.name, b.name) || compare(a.version, b.version));
}

type LockedPackages = Readonly<Record<string, LockedPackage>>;

function describePackage(locked: LockedPackages, kind: Ingredient['kind'], path: string, root: string): Ingredient {
  const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const { version, license, integrity } = locked[path] ?? {};
  if (version === undefined || license === undefined || integrity === undefined) {
    throw new Error(`package-lock.json lacks version, license or integrity of ${path}`);
  }
  return { kind, name, version, licence: license, integrity, folder: join(root, path), files: [] };
}

function withFile(ingredient: Ingredient, file: string): Ingredient {
  return { ...ingredient, files: [join(ingredient.folder, file)] };
}

function brokerIngredient({ nodeModules, files }: WindowsBroker): Ingredient {
  const path = `node_modules/${BROKER_PACKAGE}`;
  return {
    ...describePackage(lockedPackages(BROKER_MANIFESTS), 'addon', path, join(nodeModules, '..')),
    files: Object.values(files),
    licenceRemark: BROKER_LICENCE_REMARK,
  };
}

/** Paths of npm packages as package-lock.json has them, for example `node_modules/a/node_modules/b`. */
function bundledPackages(metafiles: readonly Metafile[]): Set<string> {
  const files = metafiles.flatMap(({ outputs }) =>
    Object.values(outputs).flatMap(({ inputs }) =>
      Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
    ),
  );
  const paths = files.map((file) => /^(?:.*node_modules\/)(?:@[^/]+\/)?[^/]+/.exec(posix.normalize(file))?.[0]);
  return new Set(paths.filter((path) => path !== undefined));
}

function lockedPackages(folder: string): LockedPackages {
  const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as {
    readonly packages: Record<string, LockedPackage>;
  };
  return lock.packages;
}

/** Node itself, its interfaces, and a standard. */
const NOT_SOFTWARE = new Set(['node', 'modules', 'napi', 'unicode']);

/** What this Node is made of: name and version. @param node path of an executable for this computer */
export function runtimeParts(node: string): readonly (readonly [name: string, version: string])[] {
  const versions: NodeJS.Dict<string> = JSON.parse(
    execFileSync(node, ['-p', 'JSON.stringify(process.versions)'], { encoding: 'utf8' }),
  );
  return Object.entries(versions).flatMap(([name, version]) =>
    version === undefined || NOT_SOFTWARE.has(name) ? [] : [[name, version] as const],
  );
}

/** Order by code units, the same on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
