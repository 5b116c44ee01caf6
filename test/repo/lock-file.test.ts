// `npm ci` fails if a package is missing from the lock file, and npm leaves one that the registry doesn't have out
// without a word. These tests find such a gap on any computer, for every system.
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../../scripts/project-folder.ts';

type Versions = Readonly<Record<string, string>>;

interface Package {
  readonly version?: string;
  readonly integrity?: string;
  readonly dependencies?: Versions;
  readonly devDependencies?: Versions;
  readonly optionalDependencies?: Versions;
  readonly peerDependencies?: Versions;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** By where npm installs each package; the project itself is ''. */
type LockedPackages = Readonly<Record<string, Package>>;

const EXACT_VERSION = /^(?:npm:.+@)?(?<version>\d+\.\d+\.\d+)$/;

const FOLDERS = ['.', 'test/e2e/clients/packages', 'installers/build/windows-broker'];

describe.each(FOLDERS)('the lock file of %s', (folder) => {
  const manifest = readJson<Package>(folder, 'package.json');
  const { packages } = readJson<{ packages: LockedPackages }>(folder, 'package-lock.json');

  it('has every package that its packages require, on every system', () => {
    expect(missingPackages(packages)).toEqual([]);
  });

  it('has the integrity of every package', () => {
    const installed = Object.entries(packages).filter(([path]) => path !== '');
    expect(installed.length).toBeGreaterThan(0);
    expect(installed.filter(([, { integrity }]) => integrity?.startsWith('sha512-') !== true)).toEqual([]);
  });

  it('has exactly the versions that package.json names', () => {
    const wanted = Object.entries(ownDependencies(manifest));
    expect(wanted.length).toBeGreaterThan(0);
    for (const [name, range] of wanted) {
      expect(EXACT_VERSION.exec(range)?.groups?.['version'], `${name} ${range}`).toBe(
        packages[`node_modules/${name}`]?.version ?? 'not in the lock file',
      );
    }
    expect(ownDependencies(packages[''] ?? {})).toEqual(ownDependencies(manifest));
  });
});

describe('the search for missing packages', () => {
  const leaf = { version: '1.0.0' };

  it('looks where Node does: next to the package and in every folder above', () => {
    const nested = { 'node_modules/a': { dependencies: { b: '1' } }, 'node_modules/a/node_modules/b': leaf };
    const above = { 'node_modules/@x/a/node_modules/c': { dependencies: { b: '1' } }, 'node_modules/b': leaf };
    const beside = { 'node_modules/a': { dependencies: { b: '1' } }, 'node_modules/c/node_modules/b': leaf };
    expect(missingPackages(nested)).toEqual([]);
    expect(missingPackages(above)).toEqual([]);
    expect(missingPackages(beside)).toEqual(['node_modules/a requires b']);
  });

  it.each(['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'])('heeds %s', (kind) => {
    expect(missingPackages({ '': { [kind]: { gone: '1' } } })).toEqual(['the project requires gone']);
  });

  it('lets an optional peer be absent', () => {
    const peer = { peerDependencies: { gone: '1' }, peerDependenciesMeta: { gone: { optional: true } } };
    expect(missingPackages({ 'node_modules/a': peer })).toEqual([]);
  });
});

function missingPackages(packages: LockedPackages): string[] {
  return Object.entries(packages).flatMap(([path, one]) =>
    requiredNames(one)
      .filter(
        (name) =>
          !foldersAbove(path).some((folder) => packages[posix.join(folder, 'node_modules', name)] !== undefined),
      )
      .map((name) => `${path === '' ? 'the project' : path} requires ${name}`),
  );
}

function requiredNames({ peerDependencies = {}, peerDependenciesMeta = {}, ...one }: Package): string[] {
  const peers = Object.keys(peerDependencies).filter((name) => peerDependenciesMeta[name]?.optional !== true);
  return [...Object.keys(ownDependencies(one)), ...peers];
}

function ownDependencies({ dependencies, devDependencies, optionalDependencies }: Package): Versions {
  return { ...dependencies, ...devDependencies, ...optionalDependencies };
}

/** `a/node_modules/b`: itself, `a`, and the root. */
function foldersAbove(path: string): string[] {
  if (path === '') return [''];
  return [path, ...foldersAbove(path.slice(0, Math.max(0, path.lastIndexOf('node_modules/') - 1)))];
}

function readJson<T>(folder: string, name: string): T {
  return JSON.parse(readFileSync(join(projectFolder, folder, name), 'utf8')) as T;
}
