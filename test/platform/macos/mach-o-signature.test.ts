// The ad hoc signature of the binaries for macOS: what is written, and that nothing damaged passes the check that every
// `npm run package` makes. Files that Apple's codesign has signed are in mac-build.test.ts: they have 110 MB each.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { adHocSignatureProblems, signatureProblems } from '../../../installers/macos/check.ts';
import { IDENTIFIER } from '../../../installers/macos/executable.ts';
import { parseMachO } from '../../../installers/macos/mach-o.ts';
import { changed, codeDirectory, problems, sign } from './signatures.ts';
import { tinyMachO } from './tiny-mach-o.ts';

const PROCESSORS = ['x64', 'arm64'] as const;

describe.each(PROCESSORS)('an ad hoc signature for %s', (processor) => {
  const unsigned = tinyMachO({ processor });
  const signed = sign(unsigned);
  const offset = parseMachO(signed).signature?.offset ?? 0;

  it('passes the check', () => {
    expect(problems(signed)).toEqual([]);
  });

  it('leaves what it signs unchanged, except for the load commands', () => {
    const { firstSection } = parseMachO(unsigned);
    expect(signed.subarray(firstSection, unsigned.length)).toEqual(unsigned.subarray(firstSection));
  });

  it('is the same for the same bytes, and for signed ones', () => {
    expect(sign(tinyMachO({ processor })).equals(signed)).toBe(true);
    expect(sign(signed).equals(signed)).toBe(true);
  });

  it('is that of the identifier, with hashes of 4 kB pages', () => {
    expect(codeDirectory(signed)).toMatchObject({ identifier: IDENTIFIER, flags: 2, pageSize: 4096, hash: 'sha256' });
    expect(adHocSignatureProblems(signed, 'another')).toEqual([`its identifier is ${IDENTIFIER}`]);
  });

  it('has every page checked, and every byte of the signature', () => {
    // For arm64, whose pages are larger, a sample of the pages: it takes a second where all take ten.
    const step = processor === 'x64' ? 1 : 53;
    const positions = Array.from({ length: signed.length }, (_, at) => at).filter(
      (at) => at >= offset || at % step === 0,
    );
    expect(positions.filter((at) => problems(changed(signed, at)).length === 0)).toEqual([]);
  });

  it("isn't accepted as whole if the file is cut off or continues", () => {
    const lengths = [0, 4, 40, 400, offset - 1, offset, offset + 11, offset + 40, signed.length - 1];
    for (const length of lengths) expect(problems(signed.subarray(0, length)), `${length} bytes`).not.toEqual([]);
    expect(problems(Buffer.concat([signed, Buffer.alloc(16)]))).not.toEqual([]);
  });

  it('is missed', () => {
    expect(problems(unsigned)).toEqual(["there's no signature"]);
  });

  it('is stale once the program behind it has changed', () => {
    const stale = Buffer.from(signed);
    stale.write('another program', offset - 100);
    expect(problems(stale)).toEqual([expect.stringMatching(/^1 of \d+ pages differ, the first is \d+$/)]);
    expect(problems(sign(stale))).toEqual([]);
  });
});

describe('signing', () => {
  it('needs room for the load command', () => {
    expect(() => sign(tinyMachO({ processor: 'x64', room: 8 }))).toThrow('no room');
    const full = tinyMachO({ processor: 'x64' });
    full.writeUInt8(1, parseMachO(full).commandsEnd + 15);
    expect(() => sign(full)).toThrow('no room');
  });

  it("refuses what isn't a program for a Mac, and what doesn't end with __LINKEDIT", () => {
    const elf = readFileSync(process.execPath).subarray(0, 4096);
    expect(() => sign(elf)).toThrow('not a thin 64-bit Mach-O file');
    expect(signatureProblems(elf)).toEqual(['not a thin 64-bit Mach-O file']);
    const longer = Buffer.concat([tinyMachO({ processor: 'x64' }), Buffer.from('x')]);
    expect(() => sign(longer)).toThrow("__LINKEDIT isn't the end of the file");
    const signed = sign(tinyMachO({ processor: 'x64' }));
    expect(() => sign(signed.subarray(0, -16))).toThrow("__LINKEDIT isn't the end of the file");
  });

  it('makes __LINKEDIT larger in memory if its hashes no longer fit', () => {
    const signed = sign(tinyMachO({ processor: 'x64', linkEditSize: 4096 }));
    expect(parseMachO(signed).segments.at(-1)).toMatchObject({ name: '__LINKEDIT', vmSize: 0x2000n });
    expect(problems(signed)).toEqual([]);
  });

  it('makes a file whose end 7z finds in the right place', () => {
    const folder = mkdtempSync(join(tmpdir(), 'mach-o-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const signed = sign(tinyMachO({ processor: 'arm64' }));
    writeFileSync(join(folder, 'program'), signed);
    const listing = execFileSync('7z', ['l', '-slt', join(folder, 'program')], { encoding: 'utf8' });
    expect(listing).toContain(`Type = MachO\nPhysical Size = ${signed.length}\nCPU = ARM64\n`);
  });
});
