import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../../installers/build/bundle.ts';
import { blobMakers } from '../../installers/build/runtimes.ts';
import {
  BROKER_PACKAGE,
  BROKER_VERSION,
  DPAPI_VERSION,
  hostTarget,
  KEYRING_VERSION,
  REGISTRY_VERSION,
  targets,
} from '../../installers/build/targets.ts';

interface Manifest {
  readonly dependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
  readonly optionalDependencies: Record<string, string>;
}
interface LockFile {
  readonly packages: Record<
    string,
    { readonly version: string; readonly integrity?: string; readonly os?: string | string[] }
  >;
}

const manifest = readJson('package.json') as Manifest;
const { packages } = readJson('package-lock.json') as LockFile;

describe('the table of targets', () => {
  it('names six targets', () => {
    expect(new Set(targets.map(({ platform, arch }) => `${platform}-${arch}`)).size).toBe(6);
  });

  it('agrees with package.json on the runtimes', () => {
    const expected = Object.fromEntries(targets.map(({ runtime }) => [runtime.package, runtime.version]));
    expect(manifest.optionalDependencies).toEqual(expected);
  });

  it('agrees with .nvmrc, which is for anyone who runs a tool without npm', () => {
    expect(readFileSync(join(projectFolder, '.nvmrc'), 'utf8').trim()).toBe(hostTarget().runtime.version);
  });

  it('agrees with package.json on the addons', () => {
    expect(manifest.dependencies).toMatchObject({
      '@napi-rs/keyring': KEYRING_VERSION,
      '@primno/dpapi': DPAPI_VERSION,
      'native-reg': REGISTRY_VERSION,
    });
  });

  it.each(targets)('has the integrity of every package of $name as in package-lock.json', ({ runtime, ...target }) => {
    expect(packages[`node_modules/${runtime.package}`]).toMatchObject({
      version: runtime.version,
      integrity: runtime.integrity,
    });
    for (const addon of target.addons) {
      const locked = packages[`node_modules/${addon.package}`];
      expect(locked).toMatchObject({ version: addon.version, integrity: expect.stringMatching(/^sha512-/) });
    }
    expect([packages[`node_modules/${runtime.package}`]?.os].flat()).toEqual([target.platform]);
  });

  it.each(targets)("names nodejs.org's file for $name, and its SHA-256", ({ runtime, platform, arch }) => {
    const system = platform === 'win32' ? 'win' : platform;
    const archive = `node-v${runtime.version}-${system}-${arch}.tar.gz`;
    expect(runtime.published.file).toBe(system === 'win' ? `win-${arch}/node.exe` : archive);
    expect(runtime.published.sha256).toMatch(/^[\da-f]{64}$/);
  });

  it.each(targets)('has the SHA-256 of the executable for $name, which for Windows is the published one', (target) => {
    const { sha256, published } = target.runtime;
    expect(sha256).toMatch(/^[\da-f]{64}$/);
    expect(sha256 === published.sha256).toBe(target.platform === 'win32');
  });

  it('agrees with installers/build/windows-broker on the broker of Windows, which package.json leaves out', () => {
    const broker = readJson('installers/build/windows-broker/package.json') as Manifest;
    expect(broker.dependencies).toEqual({ [BROKER_PACKAGE]: BROKER_VERSION });
    const everywhere = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };
    expect(Object.keys(everywhere)).not.toContain(BROKER_PACKAGE);
  });

  it('has two files of the broker for each processor of Windows, and none for other systems', () => {
    const files = targets.flatMap(({ broker = [] }) => broker);
    expect(targets.map(({ platform, broker = [] }) => [platform, broker.length])).toEqual(
      targets.map(({ platform }) => [platform, platform === 'win32' ? 2 : 0]),
    );
    expect(new Set(files.map(({ sha256 }) => sha256)).size).toBe(4);
    for (const { sha256 } of files) expect(sha256).toMatch(/^[\da-f]{64}$/);
  });

  it('has no two equal hashes', () => {
    const hashes = targets.flatMap(({ runtime }) => [runtime.integrity, runtime.sha256]);
    const archives = targets
      .filter(({ platform }) => platform !== 'win32')
      .map(({ runtime }) => runtime.published.sha256);
    expect(new Set([...hashes, ...archives]).size).toBe(hashes.length + archives.length);
  });

  it('is what these tests run with', () => {
    expect(process.versions.node).toBe(hostTarget().runtime.version);
  });

  it('is of one major version, and so are the types', () => {
    const versions = [...targets.map(({ runtime }) => runtime.version), manifest.devDependencies['@types/node']];
    expect(versions.map((version) => version?.split('.')[0])).toEqual(versions.map(() => '26'));
  });
});

describe('the makers of blobs', () => {
  it("have the versions of targets whose Node isn't the one that runs the scripts", () => {
    const { optionalDependencies } = readJson('installers/build/blob-maker/package.json') as Manifest;
    const [host] = targets;
    const others = targets.filter(({ runtime }) => runtime.version !== host?.runtime.version);
    expect(new Set(others.map(({ runtime }) => runtime.version))).toEqual(new Set(Object.values(optionalDependencies)));
  });

  it('are those of the lock file, each with the SHA-256 of its executable', () => {
    const lock = readJson('installers/build/blob-maker/package-lock.json') as LockFile;
    const { optionalDependencies } = readJson('installers/build/blob-maker/package.json') as Manifest;
    const makers = Object.values(blobMakers);
    expect(Object.fromEntries(makers.map((maker) => [maker.package, maker.version]))).toEqual(optionalDependencies);
    for (const { package: name, version, integrity, sha256 } of makers) {
      expect(lock.packages[`node_modules/${name}`]).toMatchObject({ version, integrity });
      expect(sha256).toMatch(/^[\da-f]{64}$/);
    }
  });
});

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(join(projectFolder, file), 'utf8'));
}
