// What goes along with the binaries, made from this very source.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Version } from '@cyclonedx/cyclonedx-library/Spec';
import { JsonStrictValidator } from '@cyclonedx/cyclonedx-library/Validation';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle, metafilesOf, projectFolder } from '../../../installers/build/bundle.ts';
import { BROKER_PACKAGE, hostTarget, type Target, targets } from '../../../installers/build/targets.ts';
import { BROKER_LICENCE_REMARK, type WindowsBroker } from '../../../installers/build/windows-broker.ts';
import { billOfMaterials } from '../../../installers/release/bill-of-materials.ts';
import { hashFiles, refreshChecksums, writeChecksums } from '../../../installers/release/checksums.ts';
import { contentsOf, type Ingredient } from '../../../installers/release/contents.ts';
import { licencesText } from '../../../installers/release/licences.ts';
import { releaseObstacles } from '../../../installers/release/obstacles.ts';

/** Licenses that ask for no more than to be named. Another one wants a decision before it is listed here. */
const PERMISSIVE = new Set(['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause']);

let root: string;
let contents: readonly Ingredient[];
const target = hostTarget();
const packages = join(projectFolder, 'node_modules');

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'release-'));
  const bundled = await bundle({ outputFolder: join(root, 'build') });
  contents = contentsOf(target, metafilesOf(bundled), packages);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe("what is in a target's binary", () => {
  it('has the runtime, the addon and the bundled packages, and no tool', () => {
    const names = contents.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining([target.runtime.package, '@azure/msal-node', 'commander', 'pino']));
    expect(names).toEqual(expect.arrayContaining(target.addons.map((addon) => addon.package)));
    expect(names).not.toContain('esbuild');
    expect(new Set(names).size).toBe(names.length);
  });

  it('has none of the packages that MSAL only needs for a confidential client', () => {
    const names = contents.map(({ name }) => name);
    const unneeded = ['jsonwebtoken', 'jws', 'jwa', 'ecdsa-sig-formatter', 'semver', 'ms', 'safe-buffer'];
    expect(names.filter((name) => unneeded.includes(name) || name.startsWith('lodash.'))).toEqual([]);
  });

  it('has none of the packages that dbus-native only needs to ask services what they can do', () => {
    const names = contents.map(({ name }) => name);
    expect(names).toContain('dbus-native');
    expect(names.filter((name) => ['xml2js', 'sax'].includes(name))).toEqual([]);
  });

  it('is under permissive licenses', () => {
    expect(contents.filter(({ licence }) => !PERMISSIVE.has(licence))).toEqual([]);
  });

  it.each(targets)('names packages that package-lock.json pins for $name', (one: Target) => {
    const named = contentsOf(one, [], packages).map(({ name, integrity }) => [name, integrity.slice(0, 7)]);
    const expected = new Set([one.runtime.package, ...one.addons.map((addon) => addon.package)]);
    expect(named).toEqual([...expected].toSorted().map((name) => [name, 'sha512-']));
  });
});

describe("Microsoft's authentication runtime", () => {
  const windows = targets.filter(({ platform }) => platform === 'win32');
  let broker: WindowsBroker;
  beforeAll(() => {
    const folder = join(root, 'broker', 'node_modules', BROKER_PACKAGE);
    mkdirSync(folder, { recursive: true });
    const files = Object.fromEntries(['addon.node', 'library.dll'].map((name) => [name, join(folder, name)]));
    for (const [name, path] of Object.entries(files)) writeFileSync(path, name);
    writeFileSync(join(folder, 'package.json'), '{ "author": "Microsoft", "license": "MIT" }');
    broker = { nodeModules: join(root, 'broker', 'node_modules'), files, assets: {} };
  });

  it.each(targets)('is in no package for $name by default', (one) => {
    expect(contentsOf(one, [], packages).map(({ name }) => name)).not.toContain(BROKER_PACKAGE);
  });

  it.each(windows)('is named with both files and the question of its license in the package for $name', async (one) => {
    const named = contentsOf(one, [], packages, broker);
    expect(named.find(({ name }) => name === BROKER_PACKAGE)).toMatchObject({
      version: '0.20.7',
      integrity: expect.stringMatching(/^sha512-/),
      files: Object.values(broker.files),
    });
    const only = named.filter(({ name }) => name === BROKER_PACKAGE);
    const date = new Date('2026-01-02T03:04:05Z');
    const bom = billOfMaterials({ target: one, version: '1.2.3', contents: only, programs: [], node: '', date });
    expect(await new JsonStrictValidator(Version.v1dot6).validate(bom)).toBeNull();
    const [component] = (JSON.parse(bom) as { components: Component[] }).components;
    expect(component).toMatchObject({
      name: BROKER_PACKAGE,
      properties: [{ name: 'foundry-credential-helper:license-remark', value: BROKER_LICENCE_REMARK }],
    });
    expect(hashesOf(component?.components ?? [])).toEqual(Object.values(broker.files).map(sha256));
  });

  it("is named with the remark in the license texts, without a license text that Microsoft didn't write", () => {
    const only = contentsOf(windows[0] ?? target, [], packages, broker).filter(({ name }) => name === BROKER_PACKAGE);
    const text = licencesText(only, process.execPath);
    expect(text).toContain(`${BROKER_PACKAGE} 0.20.7`);
    expect(text).toContain(BROKER_LICENCE_REMARK);
    expect(text).not.toContain('Permission is hereby granted');
  });
});

describe('the bill of materials', () => {
  let programs: string[];
  beforeAll(() => {
    programs = [target.executable, `${target.executable}w`].map((name) => join(root, name));
    for (const path of programs) writeFileSync(path, path);
  });
  const make = () =>
    billOfMaterials({
      target,
      version: '1.2.3',
      contents,
      programs,
      node: process.execPath,
      date: new Date('2026-01-02T03:04:05Z'),
    });

  it('follows the schema of CycloneDX 1.6', async () => {
    expect(await new JsonStrictValidator(Version.v1dot6).validate(make())).toBeNull();
  });

  it('is the same each time', () => {
    expect(make()).toBe(make());
  });

  it("names what scanners look for: Node with OpenSSL, each package, and the addon's crates", () => {
    const bom = JSON.parse(make()) as { components: Component[] };
    const all = bom.components.flatMap((one) => [one, ...(one.components ?? [])]);
    expect(all.find(({ name }) => name === 'openssl')?.version).toBe(process.versions.openssl);
    const { version, package: name } = target.runtime;
    expect(all.find(({ cpe }) => cpe?.includes(`node.js:${version}`) === true)?.name).toBe(name);
    expect(bom.components).toHaveLength(contents.length);
    expect(all.filter(({ purl }) => purl?.startsWith('pkg:cargo/') === true).length).toBeGreaterThan(20);
  });

  it("has a hash of every package's archive, as the lock file has it", () => {
    const { components } = JSON.parse(make()) as { components: Component[] };
    const lock = JSON.parse(readFileSync(join(projectFolder, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { version: string; integrity: string }>;
    };
    for (const { name, version, hashes, externalReferences } of components) {
      // There may be two of a name, below one another.
      const found = Object.entries(lock.packages).find(
        ([path, locked]) => path.endsWith(`node_modules/${name}`) && locked.version === version,
      );
      const content = Buffer.from(found?.[1].integrity.slice('sha512-'.length) ?? '', 'base64').toString('hex');
      expect(hashes).toEqual([{ alg: 'SHA-512', content }]);
      expect(externalReferences).toEqual([expect.objectContaining({ type: 'distribution', hashes })]);
    }
  });

  it("has the hashes of Node's executable, of the addons, and of this program's own files", () => {
    const bom = JSON.parse(make()) as { components: Component[]; metadata: { component: Component } };
    const { runtime, addons } = target;
    const inside = [runtime, ...addons].map((one) => join(packages, one.package, one.file));
    const isFile = ({ type }: Component) => type === 'file';
    const files = bom.components.flatMap(({ components = [] }) => components).filter(isFile);
    expect(new Set(hashesOf(files))).toEqual(new Set(inside.map(sha256)));
    expect(hashesOf(files)).toContain(runtime.sha256);
    expect(bom.metadata.component).toMatchObject({ version: '1.2.3', purl: expect.stringMatching(/@1\.2\.3\?/) });
    expect(hashesOf(bom.metadata.component.components ?? [])).toEqual(programs.map(sha256));
  });

  it('names the license and the package URL of each package', () => {
    const { components } = JSON.parse(make()) as { components: Component[] };
    for (const { name, version, purl, licenses } of components) {
      expect(purl).toBe(`pkg:npm/${name.replace('@', '%40')}@${version}`);
      expect(licenses).toHaveLength(1);
    }
  });
});

/** SHA-256 of each, in order. */
function hashesOf(components: readonly Component[]): (string | undefined)[] {
  return components.map(({ hashes: [one] = [] }) => (one?.alg === 'SHA-256' ? one.content : undefined));
}

function sha256(path: string): string | undefined {
  return execFileSync('sha256sum', [path], { encoding: 'utf8' }).split(' ')[0];
}

interface Component {
  readonly type: string;
  readonly name: string;
  readonly licenses?: readonly object[];
  readonly externalReferences?: readonly object[];
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly version?: string;
  readonly purl?: string;
  readonly cpe?: string;
  readonly components?: readonly Component[];
}

describe('the license file', () => {
  it('has a text for everything', () => {
    const text = licencesText(contents, process.execPath);
    for (const { name, version, kind } of contents) {
      const title = kind === 'runtime' ? `Node.js ${version}` : `${name} ${version}`;
      const [, own = ''] = text.split(`\n${title}\n${'='.repeat(80)}\n`);
      expect(own.slice(0, 3_000), title).toMatch(/copyright|permission|license/i);
    }
    expect(text).toContain('OpenSSL');
    expect(text).toContain('libdbus');
  });

  it('writes out a license that the package only declares, for whom the package names', () => {
    const native = { ...required('@azure/msal-node'), name: 'bare', folder: join(root, 'bare') };
    mkdirSync(native.folder);
    writeFileSync(join(native.folder, 'package.json'), JSON.stringify({ author: 'Ada Lovelace' }));
    expect(licencesText([native], process.execPath)).toMatch(
      /Copyright \(c\) Ada Lovelace\n\nPermission is hereby granted/,
    );
    writeFileSync(join(native.folder, 'package.json'), JSON.stringify({ repository: 'https://example.com/bare' }));
    expect(licencesText([native], process.execPath)).toContain(
      'Copyright (c) the authors of bare, https://example.com/bare\n',
    );
    expect(() => licencesText([{ ...native, licence: 'Apache-2.0' }], process.execPath)).toThrow('has no license text');
  });
});

function required(name: string): Ingredient {
  const found = contents.find((one) => one.name === name);
  if (found === undefined) throw new Error(`${name} is not in the binary`);
  return found;
}

describe('checksums', () => {
  it('are what sha256sum and shasum read, and follow a signature', async () => {
    const folder = join(root, 'dist');
    mkdirSync(join(folder, 'linux-x64'), { recursive: true });
    const files = [join(folder, 'linux-x64/program'), join(folder, 'installer.msi')];
    for (const file of files) writeFileSync(file, file);
    const hashes = await hashFiles(folder, files);
    writeChecksums(folder, hashes);
    const options = ['--check', '--strict', 'SHA256SUMS'];
    const check = () => [
      spawnSync('sha256sum', options, { cwd: folder }).status,
      spawnSync('shasum', ['-a', '256', ...options], { cwd: folder }).status,
    ];
    expect(check()).toEqual([0, 0]);

    writeFileSync(files[0] ?? '', 'signed meanwhile');
    expect(check()).toEqual([1, 1]);
    await refreshChecksums(folder);
    expect(check()).toEqual([0, 0]);
  });
});

describe('a release', () => {
  /** Its own repository whose only commit is ready for a release. */
  function repository(name: string): { folder: string; git: (...args: string[]) => void } {
    const folder = join(root, name);
    mkdirSync(folder);
    const identity = ['-c', 'user.name=x', '-c', 'user.email=x@example.com'];
    const git = (...args: string[]) => execFileSync('git', ['-C', folder, ...identity, ...args], { stdio: 'ignore' });
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ version: '1.2.3' }));
    writeFileSync(join(folder, 'CHANGELOG.md'), '# Changelog\n\n## 1.2.3\n');
    git('init', '-q');
    git('add', '.');
    git('commit', '-q', '-m', 'Begin');
    return { folder, git };
  }

  it('is made from a clean commit whose version is described and new', () => {
    const { folder, git } = repository('clean');
    expect(releaseObstacles(folder)).toEqual([]);
    git('tag', '-a', 'v1.2.3', '-m', 'x');
    expect(releaseObstacles(folder)).toEqual([]);
  });

  it('is refused with changes, without a section in the changelog, and for a version that is taken', () => {
    const { folder, git } = repository('dirty');
    writeFileSync(join(folder, 'extra'), '');
    expect(releaseObstacles(folder)).toEqual(['not committed: ?? extra']);
    git('tag', '-a', 'v1.2.3', '-m', 'x');
    writeFileSync(join(folder, 'CHANGELOG.md'), '# Changelog\n\n## 1.2.4\n');
    git('add', '.');
    git('commit', '-q', '-m', 'Go on');
    expect(releaseObstacles(folder)).toEqual([
      'CHANGELOG.md has no section "## 1.2.3"',
      expect.stringMatching(/^the tag v1\.2\.3 is on [\da-f]{40}: raise the version in package\.json$/),
    ]);
  });

  it('does nothing in a working tree with changes', () => {
    const folder = join(root, 'copy');
    mkdirSync(folder);
    for (const part of ['package.json', 'CHANGELOG.md', 'installers', 'scripts', 'src'])
      cpSync(join(projectFolder, part), join(folder, part), { recursive: true });
    symlinkSync(packages, join(folder, 'node_modules'));
    execFileSync('git', ['-C', folder, 'init', '-q']);
    execFileSync('git', [
      '-C',
      folder,
      '-c',
      'user.name=x',
      '-c',
      'user.email=x@x',
      'commit',
      '-q',
      '--allow-empty',
      '-m',
      'x',
    ]);
    const { status, stderr } = spawnSync(process.execPath, ['installers/release/release.ts'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(status).toBe(1);
    expect(stderr).toContain('not committed: ?? CHANGELOG.md');
    expect(stderr).toContain('Nothing is released: "source" failed.');
    expect(existsSync(join(folder, 'dist'))).toBe(false);
    expect(readFileSync(join(folder, 'package.json'), 'utf8')).toBe(
      readFileSync(join(projectFolder, 'package.json'), 'utf8'),
    );
  });
});
