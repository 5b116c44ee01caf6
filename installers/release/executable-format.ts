// Whether a file is an executable of the target's system and processor with a program inside, without running it.
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import type { Target } from '../build/targets.ts';

/** Node looks for a program in itself where this mark ends in 1 (nodejs.org, "Single executable applications"). */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:';

/** By platform: the magic number, then `e_machine` of ELF, `cputype` of Mach-O, `Machine` of PE/COFF. */
const FORMATS: Readonly<Record<string, { magic: number; x64: number; arm64: number }>> = {
  linux: { magic: 0x464c457f, x64: 0x3e, arm64: 0xb7 },
  darwin: { magic: 0xfeedfacf, x64: 0x01000007, arm64: 0x0100000c },
  win32: { magic: 0x4550, x64: 0x8664, arm64: 0xaa64 },
};

/** @throws Error that says what is wrong */
export function checkExecutableFormat(target: Target, file: string): void {
  const { platform, processor } = readHeader(file);
  if (platform !== target.platform) throw new Error(`${file} isn't an executable of ${target.platform}`);
  if (processor !== FORMATS[platform]?.[target.arch]) throw new Error(`${file} isn't for ${target.arch}`);
  const bytes = readFileSync(file);
  const fuse = bytes.indexOf(FUSE);
  if (fuse < 0 || bytes.indexOf(FUSE, fuse + 1) >= 0) throw new Error(`${file} isn't Node, or Node twice`);
  if (bytes.toString('latin1', fuse + FUSE.length, fuse + FUSE.length + 1) !== '1') {
    throw new Error(`${file} has no program inside`);
  }
}

function readHeader(file: string): { platform: string | undefined; processor: number } {
  const header = Buffer.alloc(4096);
  const descriptor = openSync(file, 'r');
  try {
    readSync(descriptor, header);
  } finally {
    closeSync(descriptor);
  }
  const isDos = header.readUInt16LE(0) === 0x5a4d;
  const start = isDos ? Math.min(header.readUInt32LE(0x3c), 4000) : 0;
  const magic = header.readUInt32LE(start);
  const [platform] = Object.entries(FORMATS).find(([, format]) => format.magic === magic) ?? [];
  if (platform === 'linux') return { platform, processor: header.readUInt16LE(18) };
  return { platform, processor: isDos ? header.readUInt16LE(start + 4) : header.readUInt32LE(start + 4) };
}
