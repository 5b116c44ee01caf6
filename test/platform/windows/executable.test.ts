// The file itself, as Windows' loader will read it.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NtExecutable } from 'resedit';
import { expect, it } from 'vitest';
import { installedAddons, installedRuntime } from '../../../installers/build/binary.ts';
import { installTargetDependencies } from '../../../installers/build/target-dependencies.ts';
import { targets } from '../../../installers/build/targets.ts';
import { compileLauncher } from '../../../installers/windows/launcher.ts';
import { binaries } from './support.ts';

const BASE_RELOCATION = 5;
const CERTIFICATE = 4;
const CONSOLE = 3;
const WINDOWS = 2;
/** IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE | HIGH_ENTROPY_VA */
const ADDRESS_SPACE_LAYOUT_RANDOMIZATION = 0x0060;

interface Section {
  readonly address: number;
  readonly virtualSize: number;
  readonly rawSize: number;
  readonly offset: number;
}

/** The parts that the tests need: Microsoft's PE Format, "Optional Header" and "Section Table". */
function readPe(path: string) {
  const bytes = readFileSync(path);
  const header = bytes.readUInt32LE(0x3c);
  const optional = header + 24;
  const table = optional + bytes.readUInt16LE(header + 20);
  const sections: Section[] = Array.from({ length: bytes.readUInt16LE(header + 6) }, (_, index) => {
    const row = table + 40 * index;
    const [virtualSize, address, rawSize, offset] = [8, 12, 16, 20].map((field) => bytes.readUInt32LE(row + field));
    return { address, virtualSize, rawSize, offset } as Section;
  });
  const directory = (index: number) => ({
    address: bytes.readUInt32LE(optional + 112 + 8 * index),
    size: bytes.readUInt32LE(optional + 116 + 8 * index),
  });
  return {
    bytes,
    sections,
    directory,
    imageSize: bytes.readUInt32LE(optional + 56),
    sectionAlignment: bytes.readUInt32LE(optional + 32),
    subsystem: bytes.readUInt16LE(optional + 68),
    characteristics: bytes.readUInt16LE(optional + 70),
  };
}

type Pe = ReturnType<typeof readPe>;

/** Every address that the loader corrects. @throws Error if a block is invalid */
function relocations({ bytes, sections, directory }: Pe): string {
  const { address, size } = directory(BASE_RELOCATION);
  const section = sections.find((row) => address >= row.address && address < row.address + row.virtualSize);
  if (section === undefined) throw new Error('the relocation table is in no section');
  const start = section.offset + address - section.address;
  const hash = createHash('sha256');
  for (let at = start; at < start + size; ) {
    const blockSize = bytes.readUInt32LE(at + 4);
    if (blockSize < 8 || at + blockSize > start + size) throw new Error(`a block of ${blockSize} bytes`);
    hash.update(bytes.subarray(at, at + blockSize));
    at += blockSize;
  }
  return hash.digest('hex');
}

const target = targets.find(({ name }) => name === 'windows-x64');
if (target === undefined) throw new Error('no such target');
const packages = await installTargetDependencies(target);
const node = readPe(installedRuntime(target, packages));

it('can be loaded anywhere in memory: its relocation table is whole and that of node.exe', () => {
  const pe = readPe(join(binaries, 'foundry-credential-helper.exe'));
  expect(relocations(pe)).toBe(relocations(node));
  expect(pe.directory(BASE_RELOCATION)).toEqual(node.directory(BASE_RELOCATION));
  expect(pe.characteristics).toBe(node.characteristics);
  expect(pe.characteristics & ADDRESS_SPACE_LAYOUT_RANDOMIZATION).toBe(ADDRESS_SPACE_LAYOUT_RANDOMIZATION);
  expect(pe.subsystem).toBe(CONSOLE);
});

it.each(['x64', 'arm64'] as const)('has a launcher without a console, compiled to the same bytes: %s', (arch) => {
  const launcher = compileLauncher(arch);
  expect(launcher.equals(compileLauncher(arch))).toBe(true);
  const file = NtExecutable.from(launcher);
  expect(file.newHeader.fileHeader.machine).toBe(arch === 'x64' ? 0x8664 : 0xaa64);
  expect(file.newHeader.optionalHeader.subsystem).toBe(WINDOWS);
  const { dllCharacteristics } = file.newHeader.optionalHeader;
  expect(dllCharacteristics & ADDRESS_SPACE_LAYOUT_RANDOMIZATION).toBe(ADDRESS_SPACE_LAYOUT_RANDOMIZATION);
});

it('has sections that follow each other without a gap or an overlap, as the loader demands', () => {
  const { sections, imageSize, sectionAlignment, bytes } = readPe(join(binaries, 'foundry-credential-helper.exe'));
  const roundUp = (size: number) => Math.ceil(size / sectionAlignment) * sectionAlignment;
  const ends = sections.map(({ address, virtualSize }) => address + roundUp(virtualSize));
  expect(ends).toEqual([...sections.slice(1).map(({ address }) => address), imageSize]);
  for (const { offset, rawSize } of sections) expect(offset + rawSize).toBeLessThanOrEqual(bytes.length);
});

it.each(['foundry-credential-helper.exe', 'foundry-credential-helperw.exe'])('%s has a correct checksum', (file) => {
  // Fails because the file isn't signed, after it has said whether the checksum is right.
  const { stdout } = spawnSync('osslsigncode', ['verify', join(binaries, file)], { encoding: 'utf8' });
  expect(stdout).toMatch(/^PE checksum +: (?!0+$)[\dA-F]{8}$/m);
  expect(stdout).not.toContain('invalid PE checksum');
});

it("has no remains of Node's signature, which no longer matches", () => {
  const pe = readPe(join(binaries, 'foundry-credential-helper.exe'));
  expect(pe.directory(CERTIFICATE)).toEqual({ address: 0, size: 0 });
  expect(pe.bytes.includes('OpenJS Foundation', 0, 'latin1')).toBe(false);
});

it('contains the native addons whose hashes are in the bill of materials', () => {
  const bom = readFileSync(join(binaries, 'sbom.cdx.json'), 'utf8');
  const { bytes } = readPe(join(binaries, 'foundry-credential-helper.exe'));
  const addons = Object.values(installedAddons(target, packages)).map((file) => readFileSync(file));
  expect(addons).toHaveLength(2);
  for (const addon of addons) {
    expect(bytes.includes(addon)).toBe(true);
    expect(bom).toContain(createHash('sha256').update(addon).digest('hex'));
  }
});
