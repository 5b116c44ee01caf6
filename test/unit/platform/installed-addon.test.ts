// Addons that a package has installed, with the real addon that goes into this computer's binary.
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { installedAddons } from '../../../installers/build/binary.ts';
import { hostTarget } from '../../../installers/build/targets.ts';
import { runTool } from '../../../installers/windows/run-tool.ts';
import { openInstalledAddon } from '../../../src/platform/installed-addon.ts';
import { installedAddonFaults, loadAddonBytes } from '../../../src/platform/native-addon.ts';

const isUnix = process.platform !== 'win32';
const isLinux = process.platform === 'linux';
const base = mkdtempSync(join(tmpdir(), 'installed-addon-'));
// Windows deletes no library that this process has loaded.
afterAll(() => isUnix && rmSync(base, { recursive: true, force: true }));

const [asset = '', source = ''] = Object.entries(installedAddons(hostTarget()))[0] ?? [];
const name = basename(asset, '.node');
const addon = readFileSync(source);
const expectedExport = name === 'keyring' ? 'AsyncEntry' : 'protectData';

/** A program's folder, and the user's folder that an addon would be unpacked to. */
function installation(): {
  readonly program: string;
  readonly bin: string;
  readonly lib: string;
  readonly cache: string;
} {
  const root = mkdtempSync(join(base, 'case-'));
  const [bin, lib] = [join(root, 'bin'), join(root, 'lib', 'foundry-credential-helper')];
  for (const folder of [bin, lib]) mkdirSync(folder, { recursive: true });
  return { program: join(bin, 'foundry-credential-helper'), bin, lib, cache: join(root, 'profile') };
}

function load({ program, cache }: { program: string; cache: string }): void {
  expect(loadAddonBytes(name, addon, [cache], program)).toHaveProperty(expectedExport, expect.any(Function));
}

describe('an addon that was installed with the program', () => {
  it('is loaded from next to the program, and nothing is unpacked', () => {
    const place = installation();
    copyFileSync(source, join(place.bin, asset));
    load(place);
    expect(existsSync(place.cache)).toBe(false);
  });

  it.runIf(isLinux)('is loaded from the folder for libraries, and nothing is unpacked', () => {
    const place = installation();
    copyFileSync(source, join(place.lib, asset));
    load(place);
    expect(existsSync(place.cache)).toBe(false);
  });

  it('is unpacked if there is none', () => {
    const place = installation();
    load(place);
    expect(readdirSync(place.cache)).toHaveLength(1);
  });

  it.runIf(isUnix)('may be a link in a safe place', () => {
    const place = installation();
    copyFileSync(source, join(place.lib, 'elsewhere.node'));
    symlinkSync(join(place.lib, 'elsewhere.node'), join(place.bin, asset));
    load(place);
    expect(existsSync(place.cache)).toBe(false);
  });
});

type Spoil = (path: string, folder: string) => void;
const changed = (): Buffer => {
  const bytes = Buffer.from(addon);
  bytes.writeUInt8(bytes.readUInt8(addon.length >> 1) ^ 1, addon.length >> 1);
  return bytes;
};

const notOurs: readonly [string, Spoil][] = [
  ['of another version', (path) => writeFileSync(path, changed())],
  ['cut short', (path) => writeFileSync(path, addon.subarray(0, 1000))],
  ['that is empty', (path) => writeFileSync(path, '')],
  ['with more at its end', (path) => appendFileSync(path, 'more')],
  [
    'that is a folder',
    (path) => {
      rmSync(path);
      mkdirSync(path);
    },
  ],
];
const othersMayChange: readonly [string, Spoil][] = [
  ['that others may write to', (path) => chmodSync(path, 0o666)],
  ['in a folder that others may write to', (_, folder) => chmodSync(folder, 0o777)],
  [
    'that is a FIFO',
    (path) => {
      rmSync(path);
      runTool('mkfifo', ['-m', '600', path]);
    },
  ],
  [
    'that is a link to a place that others may write to',
    (path, folder) => {
      rmSync(path);
      const elsewhere = join(folder, '..', 'open');
      mkdirSync(elsewhere);
      copyFileSync(source, join(elsewhere, 'addon.node'));
      chmodSync(elsewhere, 0o777);
      symlinkSync(join(elsewhere, 'addon.node'), path);
    },
  ],
];

describe.each([...notOurs, ...(isUnix ? othersMayChange : [])])('a file %s', (_, spoil) => {
  const spoiled = () => {
    const place = installation();
    const path = join(place.bin, asset);
    copyFileSync(source, path);
    spoil(path, place.bin);
    return { ...place, path };
  };

  it("isn't loaded, and its own is unpacked instead", () => {
    const { program, cache } = spoiled();
    load({ program, cache });
    expect(readdirSync(cache)).toHaveLength(1);
  });

  it('is named if nothing can be unpacked either', () => {
    const { program, cache, bin } = spoiled();
    writeFileSync(cache, '');
    const fault = expect.stringContaining(bin.slice(0, bin.lastIndexOf('/')));
    expect(() => loadAddonBytes(name, addon, [cache], program)).toThrow(
      expect.objectContaining({ code: 'ERR_KEYSTORE_UNAVAILABLE', detail: fault }),
    );
    expect(openInstalledAddon(name, addon, program)).toEqual({ kind: 'refused', fault });
  });
});

it("a program that wasn't installed from a package has no faults to report", () => {
  expect(installedAddonFaults()).toEqual([]);
});
