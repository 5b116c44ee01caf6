// The asset's way from the binary into the process, with the real addon that goes into this computer's binary.
import { spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { installedAddons } from '../../../installers/build/binary.ts';
import { hostTarget } from '../../../installers/build/targets.ts';
import { AppError } from '../../../src/core/errors.ts';
import { loadAddonBytes, loadNativeAddon } from '../../../src/platform/native-addon.ts';

const isUnix = process.platform !== 'win32';
const base = mkdtempSync(join(tmpdir(), 'native-addon-'));
// Windows deletes no library that this process has loaded.
afterAll(() => process.platform !== 'win32' && rmSync(base, { recursive: true, force: true }));
const newFolder = (): string => join(mkdtempSync(join(base, 'case-')), 'cache');

const [asset = '', source = ''] = Object.entries(installedAddons(hostTarget()))[0] ?? [];
const name = basename(asset, '.node');
const addon = readFileSync(source);
const expectedExport = name === 'keyring' ? 'AsyncEntry' : 'protectData';

/** The one file in the folder, after it was loaded from there. */
function loadFrom(folder: string): string {
  expect(loadAddonBytes(name, addon, [folder])).toHaveProperty(expectedExport, expect.any(Function));
  const [file, ...others] = readdirSync(folder);
  expect(others).toEqual([]);
  return join(folder, file ?? '');
}

function failure(work: () => unknown): AppError {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof AppError) return thrown;
    throw thrown;
  }
  throw new Error('it did not fail');
}

describe('run from source', () => {
  it("loads the npm packages' own addons", async () => {
    expect((await loadNativeAddon('keyring')).AsyncEntry).toEqual(expect.any(Function));
    expect((await loadNativeAddon('dpapi')).protectData).toEqual(expect.any(Function));
  });
});

describe('an addon out of the binary', () => {
  it('is unpacked under its name and hash, and loaded from there', () => {
    const path = loadFrom(newFolder());
    expect(basename(path)).toMatch(new RegExp(`^${name}-[0-9a-f]{16}[.]node$`));
    expect(readFileSync(path).equals(addon)).toBe(true);
  });

  it.runIf(isUnix)('is unpacked for this user alone', () => {
    const folder = newFolder();
    const path = loadFrom(folder);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("isn't unpacked a second time", () => {
    const folder = newFolder();
    const first = statSync(loadFrom(folder), { bigint: true });
    const second = statSync(loadFrom(folder), { bigint: true });
    expect(second.ino).toBe(first.ino);
    expect(second.mtimeNs).toBe(first.mtimeNs);
  });

  it.runIf(isUnix).each<[string, (path: string) => void]>([
    ['of other content', (path) => writeFileSync(path, Buffer.from(addon).fill(0, addon.length / 2))],
    ['cut short', (path) => writeFileSync(path, addon.subarray(0, 1000))],
    ['that others may write to', (path) => chmodSync(path, 0o666)],
    [
      'that is a link',
      (path) => {
        const elsewhere = join(base, 'elsewhere.node');
        copyFileSync(path, elsewhere);
        rmSync(path);
        symlinkSync(elsewhere, path);
      },
    ],
  ])('replaces a file %s', (_, spoil) => {
    const folder = newFolder();
    const path = join(folder, basename(loadFrom(newFolder())));
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(path, addon, { mode: 0o600 });
    spoil(path);
    loadFrom(folder);
    const stats = lstatSync(path);
    expect(stats.isFile()).toBe(true);
    expect(stats.mode & 0o777).toBe(0o600);
    expect(readFileSync(path).equals(addon)).toBe(true);
  });

  it.runIf(isUnix)("isn't put into a folder that others may write to", () => {
    const folder = newFolder();
    mkdirSync(folder);
    chmodSync(folder, 0o777);
    const error = failure(() => loadAddonBytes(name, addon, [folder]));
    expect(error).toMatchObject({ code: 'ERR_AGENT_UNTRUSTED', detail: expect.stringContaining(folder) });
    expect(readdirSync(folder)).toEqual([]);
  });

  it("goes to the next folder if the first can't be used", () => {
    const blocked = newFolder();
    writeFileSync(blocked, '');
    const next = newFolder();
    loadAddonBytes(name, addon, [blocked, next]);
    expect(readdirSync(next)).toHaveLength(1);
  });

  it("says for every folder why it can't be used, if none can", () => {
    const [first, second] = [newFolder(), newFolder()];
    writeFileSync(first, '');
    writeFileSync(second, '');
    const error = failure(() => loadAddonBytes(name, addon, [first, second]));
    expect(error).toMatchObject({ code: 'ERR_KEYSTORE_UNAVAILABLE', detail: expect.stringContaining(`${name}.node`) });
    expect(error.detail).toContain(first);
    expect(error.detail).toContain(second);
  });

  it.runIf(process.platform === 'linux')(
    'is what was compared, although its path leads elsewhere by then',
    async () => {
      // A folder for each try, because the loader opens no path twice.
      const folders = Array.from({ length: 30 }, newFolder);
      const file = basename(loadFrom(newFolder()));
      const [good, evil] = [join(base, 'good'), join(base, 'evil')];
      writeFileSync(good, addon, { mode: 0o600 });
      writeFileSync(evil, 'evil', { mode: 0o600 });
      for (const folder of folders) mkdirSync(folder, { mode: 0o700 });
      startSwapping(
        folders.map((folder) => join(folder, file)),
        [good, evil],
      );
      const last = join(folders.at(-1) ?? '', file);
      await expect.poll(() => existsSync(last), { timeout: 30_000 }).toBe(true);
      for (const folder of folders) {
        try {
          expect(loadAddonBytes(name, addon, [folder])).toHaveProperty(expectedExport);
        } catch (thrown) {
          // It was swapped before it could be compared. The loader itself never sees the other file.
          expect((thrown as AppError).detail).toContain("doesn't hold what was written to it");
        }
      }
    },
  );

  it('must be an addon', () => {
    const error = failure(() => loadAddonBytes(name, Buffer.from('no addon'), [newFolder()]));
    expect(error.code).toBe('ERR_KEYSTORE_UNAVAILABLE');
  });
});

/** Another process puts one file and then the other in each of the places, without a pause. */
function startSwapping(places: readonly string[], files: readonly string[]): void {
  const script = `const { linkSync, renameSync, rmSync } = require('node:fs');
    const [places, files] = JSON.parse(process.argv[1]);
    for (;;) for (const file of files) for (const place of places) {
      rmSync(file + '.link', { force: true });
      linkSync(file, file + '.link');
      renameSync(file + '.link', place);
    }`;
  const swapper = spawn(process.execPath, ['-e', script, JSON.stringify([places, files])], { stdio: 'ignore' });
  onTestFinished(() => void swapper.kill('SIGKILL'));
}
