// In the long form: what can be said of the programs for Windows on arm64 without running them. They need nothing from
// Windows that isn't there, if Wine's x64 libraries and the x64 programs, which run, can show that.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { installedAddons, installedRuntime } from '../../../installers/build/binary.ts';
import { installTargetDependencies } from '../../../installers/build/target-dependencies.ts';
import { targets } from '../../../installers/build/targets.ts';
import { compileLauncher } from '../../../installers/windows/launcher.ts';
import { isLong } from '../../support/harness/long.ts';

/** Where Debian has Wine's libraries. */
const WINE = '/usr/lib/x86_64-linux-gnu/wine/x86_64-windows';

const read = (option: string, path: string): string =>
  execFileSync('llvm-readobj', [option, path], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });

/** `kernel32.dll!CreateFileW`, also of what is loaded late. */
function importsOf(path: string): readonly string[] {
  let library = '';
  return read('--coff-imports', path)
    .split('\n')
    .flatMap((line) => {
      library = /^\s+Name: (\S+)/.exec(line)?.[1]?.toLowerCase() ?? library;
      const symbol = /^\s+Symbol: (\S+) /.exec(line)?.[1];
      return symbol === undefined ? [] : [`${library}!${symbol}`];
    });
}

const exportsOf = new Map<string, ReadonlySet<string>>();

function isExportedByWine(name: string): boolean {
  const [library = '', symbol = ''] = name.split('!');
  const known = exportsOf.get(library) ?? wineExports(join(WINE, library));
  exportsOf.set(library, known);
  return known.has(symbol);
}

function wineExports(path: string): ReadonlySet<string> {
  if (!existsSync(path)) return new Set();
  return new Set([...read('--coff-exports', path).matchAll(/^\s+Name: (\S+)$/gm)].map(([, symbol = '']) => symbol));
}

async function programsOf(arch: 'x64' | 'arm64', folder: string): Promise<Readonly<Record<string, string>>> {
  const target = targets.find(({ name }) => name === `windows-${arch}`);
  if (target === undefined) throw new Error(`installers/build/targets.ts has no windows-${arch}`);
  const packages = await installTargetDependencies(target);
  const launcher = join(folder, `${arch}.exe`);
  writeFileSync(launcher, compileLauncher(arch));
  return { launcher, node: installedRuntime(target, packages), ...installedAddons(target, packages) };
}

describe.skipIf(!isLong)('the programs for Windows on arm64', () => {
  it('are for arm64, and import nothing that is missing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'windows-arm64-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const [programs, x64] = [await programsOf('arm64', folder), await programsOf('x64', folder)];
    expect(Object.keys(programs)).toEqual(['launcher', 'node', 'dpapi.node', 'registry.node']);
    for (const [name, path] of Object.entries(programs)) {
      expect(read('--file-headers', path), name).toContain('Machine: IMAGE_FILE_MACHINE_ARM64 ');
      const imports = importsOf(path);
      expect(imports.length, name).toBeGreaterThan(15);
      const known = new Set(importsOf(x64[name] ?? ''));
      expect(
        imports.filter((symbol) => !known.has(symbol) && !isExportedByWine(symbol)),
        name,
      ).toEqual([]);
    }
  });
});
