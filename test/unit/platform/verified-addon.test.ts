// An addon that is loaded with the libraries next to it, by their hashes, with the real addon that goes into this
// computer's binary. test/platform/windows/broker.test.ts has the one that needs this.
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { installedAddons } from '../../../installers/build/binary.ts';
import { hostTarget } from '../../../installers/build/targets.ts';
import { codeHash } from '../../../src/platform/code-signature.ts';
import { loadVerifiedAddon } from '../../../src/platform/verified-addon.ts';

const isUnix = process.platform !== 'win32';
const base = mkdtempSync(join(tmpdir(), 'verified-addon-'));
// Windows deletes no library that this process has loaded.
afterAll(() => isUnix && rmSync(base, { recursive: true, force: true }));

const [source = ''] = Object.values(installedAddons(hostTarget()));
const LIBRARY = 'library.so';

function installed() {
  const folder = mkdtempSync(join(base, 'case-'));
  copyFileSync(source, join(folder, 'addon.node'));
  writeFileSync(join(folder, LIBRARY), 'a library');
  const names = ['addon.node', LIBRARY];
  const hashes = Object.fromEntries(
    names.map((name) => [name, codeHash(readFileSync(join(folder, name)), process.platform)]),
  );
  return {
    folder,
    path: (name: string) => join(folder, name),
    load: () => loadVerifiedAddon(folder, hashes, 'addon.node'),
  };
}

it('is loaded if all files are the right ones', () => {
  expect(installed().load()).toMatchObject({ kind: 'loaded', exports: expect.any(Object) });
});

it.each(['addon.node', LIBRARY])("isn't loaded if %s has a changed byte", (name) => {
  const { path, load } = installed();
  const bytes = readFileSync(path(name));
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  writeFileSync(path(name), bytes);
  expect(load()).toEqual({ kind: 'refused', fault: `${path(name)} isn't the file that belongs to this program` });
});

it.each(['addon.node', LIBRARY])("isn't loaded if %s is missing", (name) => {
  const { path, load } = installed();
  rmSync(path(name));
  expect(load()).toEqual({ kind: 'refused', fault: `${path(name)} is missing` });
});

it.runIf(isUnix)("isn't loaded if a folder is in the place of a file", () => {
  const { path, load } = installed();
  rmSync(path(LIBRARY));
  mkdirSync(path(LIBRARY));
  expect(load()).toEqual({ kind: 'refused', fault: `${path(LIBRARY)} isn't the file that belongs to this program` });
});

it.runIf(isUnix)("isn't loaded from a folder that others may write to", () => {
  const { folder, load } = installed();
  chmodSync(folder, 0o777);
  expect(load()).toMatchObject({ kind: 'refused', fault: expect.stringContaining(folder) });
});

it("says so if the system can't load it, with the cause", () => {
  const folder = mkdtempSync(join(base, 'case-'));
  writeFileSync(join(folder, 'addon.node'), 'no library');
  const hashes = { 'addon.node': codeHash(Buffer.from('no library'), process.platform) };
  expect(loadVerifiedAddon(folder, hashes, 'addon.node')).toMatchObject({
    kind: 'refused',
    fault: `${join(folder, 'addon.node')} can't be loaded`,
    cause: expect.any(Error),
  });
});
