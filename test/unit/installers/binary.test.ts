// What must not come together in one binary. Most files hold only the part of Node that its version is read from.
import { hash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { installedRuntime, makeBinary } from '../../../installers/build/binary.ts';
import { nodeVersionInside } from '../../../installers/build/node-version.ts';
import { hostTarget, targets } from '../../../installers/build/targets.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'binary-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const target = hostTarget();
const { version } = target.runtime;

function node(of: string): string {
  const path = join(root, `node-${of}`);
  writeFileSync(path, `\0\xff\0https://nodejs.org/download/release/v${of}/node-v${of}.tar.gz\0\xff`, 'latin1');
  return path;
}

const make = (runtime: string, blobMaker: string): Promise<void> =>
  makeBinary({ target, runtime, blobMaker, main: join(root, 'main.js'), assets: {}, output: join(root, 'output') });

describe('makeBinary', () => {
  it('refuses a blob made by another version than the one inside', async () => {
    const made = make(node(version), node('26.7.0'));
    await expect(made).rejects.toThrow(`Node 26.7.0 can't make the blob for ${target.name}: it needs ${version}`);
  });

  it("refuses a runtime that isn't the version of the table", async () => {
    const made = make(node('26.7.0'), process.execPath);
    await expect(made).rejects.toThrow(`node-26.7.0 is Node 26.7.0; installers/build/runtimes.json wants ${version}`);
  });

  it('refuses a runtime of the right version with other bytes, and names the file and both hashes', async () => {
    const other = node(version);
    const made = make(other, process.execPath);
    await expect(made).rejects.toThrow(
      `${other} isn't nodejs.org's Node ${version}: its SHA-256 is ${sha256(readFileSync(other))}, ` +
        `but installers/build/runtimes.json expects ${target.runtime.sha256}`,
    );
  });

  it('refuses such a maker of blobs too', async () => {
    const other = node(version);
    await expect(make(installedRuntime(target), other)).rejects.toThrow(`${other} isn't nodejs.org's Node ${version}`);
  });
});

describe('installedRuntime', () => {
  it.each(targets)('returns no path to a Node for $name with one bit flipped', ({ runtime, ...rest }) => {
    const bytes = Buffer.from('Node');
    const path = join(root, 'packages', runtime.package, runtime.file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
    const pinned = { ...rest, runtime: { ...runtime, sha256: sha256(bytes) } };
    expect(installedRuntime(pinned, join(root, 'packages'))).toBe(path);
    bytes.writeUInt8(bytes.readUInt8(0) ^ 1);
    writeFileSync(path, bytes);
    expect(() => installedRuntime(pinned, join(root, 'packages'))).toThrow(
      `${path} isn't nodejs.org's Node ${runtime.version}: its SHA-256 is ${sha256(bytes)}, ` +
        `but installers/build/runtimes.json expects ${pinned.runtime.sha256}`,
    );
  });

  it('returns no path to the real Node with one bit flipped', () => {
    const path = join(root, 'packages', target.runtime.package, target.runtime.file);
    mkdirSync(dirname(path), { recursive: true });
    const bytes = readFileSync(installedRuntime(target));
    bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1);
    writeFileSync(path, bytes);
    expect(() => installedRuntime(target, join(root, 'packages'))).toThrow(`expects ${target.runtime.sha256}`);
  });
});

function sha256(bytes: Buffer): string {
  return hash('sha256', bytes);
}

describe('nodeVersionInside', () => {
  it('reads the version of the Node that runs this', () => {
    expect(nodeVersionInside(process.execPath)).toBe(process.versions.node);
  });

  it("refuses what isn't Node", () => {
    const path = join(root, 'other');
    writeFileSync(path, 'v26.10.0');
    expect(() => nodeVersionInside(path)).toThrow("isn't one of nodejs.org's executables");
  });
});
