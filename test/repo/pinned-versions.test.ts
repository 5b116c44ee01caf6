import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../../installers/build/bundle.ts';
import {
  DPAPI_VERSION,
  KEYRING_VERSION,
  NODE_VERSION,
  REGISTRY_VERSION,
  targets,
} from '../../installers/build/targets.ts';

interface Manifest {
  readonly dependencies: Record<string, string>;
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
    const expected = Object.fromEntries(targets.map(({ runtimePackage }) => [runtimePackage, NODE_VERSION]));
    expect(manifest.optionalDependencies).toEqual(expected);
  });

  it('agrees with .nvmrc, which is for whoever runs a tool without npm', () => {
    expect(readFileSync(join(projectFolder, '.nvmrc'), 'utf8').trim()).toBe(NODE_VERSION);
  });

  it('agrees with package.json on the addons', () => {
    expect(manifest.dependencies).toMatchObject({
      '@napi-rs/keyring': KEYRING_VERSION,
      '@primno/dpapi': DPAPI_VERSION,
      'native-reg': REGISTRY_VERSION,
    });
  });

  it.each(targets)('has the integrity of every package of $name in package-lock.json', (target) => {
    const runtime = { package: target.runtimePackage, version: NODE_VERSION };
    for (const wanted of [runtime, ...target.addons]) {
      const locked = packages[`node_modules/${wanted.package}`];
      expect(locked).toMatchObject({ version: wanted.version, integrity: expect.stringMatching(/^sha512-/) });
    }
    expect([packages[`node_modules/${target.runtimePackage}`]?.os].flat()).toEqual([target.platform]);
  });

  it('is what these tests run with', () => {
    expect(process.versions.node).toBe(NODE_VERSION);
  });
});

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(join(projectFolder, file), 'utf8'));
}
