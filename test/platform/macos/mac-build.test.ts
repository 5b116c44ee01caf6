// In the long form, since it takes a minute and npm's downloads: `npm run package` for macOS from beginning to end, and
// the files that it takes from npm, which Apple's codesign has signed. In one file, so that npm installs them once.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { installedAddons, installedRuntime } from '../../../installers/build/binary.ts';
import { projectFolder } from '../../../installers/build/bundle.ts';
import { installTargetDependencies } from '../../../installers/build/target-dependencies.ts';
import { targets } from '../../../installers/build/targets.ts';
import { signatureProblems } from '../../../installers/macos/check.ts';
import { parseMachO } from '../../../installers/macos/mach-o.ts';
import { COMPONENT } from '../../../installers/macos/pkg/flat-package.ts';
import { PROGRAM_PATH } from '../../../installers/macos/pkg/payload.ts';
import { isLong } from '../../support/harness/long.ts';
import { readBom } from './bom-reader.ts';
import { changed, codeDirectory, problems, sign } from './signatures.ts';

const mac = targets.filter(({ platform }) => platform === 'darwin');

/** Runs the script for the target, and returns the paths that it printed. */
function run(script: string, target: string): string[] {
  const output = execFileSync(process.execPath, [script, target], { cwd: projectFolder, encoding: 'utf8' });
  return [...output.matchAll(/^(dist\/[^:\n]+)/gm)].map(([, path = '']) => join(projectFolder, path));
}

describe.runIf(isLong).each(mac)("what Apple's codesign has signed, for $arch", (target) => {
  const files = async (): Promise<Record<string, Buffer>> => {
    const packages = await installTargetDependencies(target);
    const paths = { runtime: installedRuntime(target, packages), ...installedAddons(target, packages) };
    return Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, readFileSync(path)]));
  };

  it("passes the check, and doesn't once a byte has changed anywhere", async () => {
    for (const [name, bytes] of Object.entries(await files())) {
      expect(signatureProblems(bytes), name).toEqual([]);
      const { segments, firstSection, signature = { offset: 0 } } = parseMachO(bytes);
      const middles = segments.map(({ file }) => file.offset + Math.floor(file.size / 2));
      const inCode = middles.filter((at) => at > 0 && at < signature.offset);
      const places = [4, firstSection, ...inCode, signature.offset - 1, signature.offset + 4];
      for (const at of places) expect(signatureProblems(changed(bytes, at)), `${name} at ${at}`).not.toEqual([]);
      expect(signatureProblems(bytes.subarray(0, -1)), name).not.toEqual([]);
    }
  }, 300_000);

  it("gets the same hashes from this project's signer, except for the page with the load commands", async () => {
    const { runtime = Buffer.alloc(0) } = await files();
    const [apple, own] = [codeDirectory(runtime), codeDirectory(sign(runtime))];
    expect(own.codeLimit).toBe(apple.codeLimit);
    expect(own.pageHashes.length).toBeGreaterThan(27_000);
    const hex = ({ pageHashes }: typeof own): string[] => pageHashes.slice(1).map((hash) => hash.toString('hex'));
    expect(hex(own)).toEqual(hex(apple));
    expect(own.pageHashes[0]).not.toEqual(apple.pageHashes[0]);
  }, 300_000);

  it("is replaced by this project's signature", async () => {
    for (const bytes of Object.values(await files())) expect(problems(sign(bytes))).toEqual([]);
  }, 300_000);
});

describe.runIf(isLong).each(mac)('`npm run package $name`', ({ name, arch }) => {
  it('makes the same bytes twice, with a valid signature on what the package installs', async () => {
    const checksums = join(projectFolder, 'dist/SHA256SUMS');
    run('installers/build/make-packages.ts', name);
    const first = readFileSync(checksums, 'utf8');
    run('installers/build/make-packages.ts', name);
    expect(readFileSync(checksums, 'utf8')).toBe(first);
    // What is packed again from the same binary is the same.
    expect(run('installers/macos/repackage.ts', name)).toHaveLength(2);
    execFileSync('sha256sum', ['--check', '--quiet', checksums], { cwd: join(projectFolder, 'dist') });

    const folder = mkdtempSync(join(tmpdir(), 'mac-build-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const { version } = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8')) as { version: string };
    const product = join(projectFolder, 'dist', `foundry-credential-helper-${version}-${arch}.pkg`);
    execFileSync('bsdtar', ['-xf', product, '-C', folder]);
    execFileSync('bsdtar', ['-xf', join(folder, COMPONENT, 'Payload'), '-C', folder]);
    const program = readFileSync(join(folder, PROGRAM_PATH));
    expect(problems(program)).toEqual([]);
    expect(program.includes(projectFolder), 'where it was built').toBe(false);
    expect(parseMachO(program)).toMatchObject({ processor: arch, minimumSystem: '13.5' });
    const [checksum] = execFileSync('cksum', [join(folder, PROGRAM_PATH)], { encoding: 'utf8' }).split(' ');
    const listed = readBom(readFileSync(join(folder, COMPONENT, 'Bom'))).find(
      ({ path }) => path === `./${PROGRAM_PATH}`,
    );
    expect(listed).toMatchObject({ mode: '100755', size: program.length, checksum: Number(checksum) });
  }, 900_000);
});
