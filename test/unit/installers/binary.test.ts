// What must not come together in one binary. The files hold no more of Node than what its version is read from.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeBinary } from '../../../installers/build/binary.ts';
import { nodeVersionInside } from '../../../installers/build/node-version.ts';
import { hostTarget } from '../../../installers/build/targets.ts';

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
    await expect(made).rejects.toThrow(`node-26.7.0 is Node 26.7.0; installers/build/targets.ts wants ${version}`);
  });
});

describe('nodeVersionInside', () => {
  it('reads the version of the Node that runs this', () => {
    expect(nodeVersionInside(process.execPath)).toBe(process.versions.node);
  });

  it('refuses what is not Node', () => {
    const path = join(root, 'other');
    writeFileSync(path, 'v26.10.0');
    expect(() => nodeVersionInside(path)).toThrow("isn't one of nodejs.org's executables");
  });
});
