// The smallest Mach-O file that has everything that a signer and a checker read: linked, never run.

interface TinyMachOOptions {
  readonly processor: 'x64' | 'arm64';
  /** Bytes between the load commands and the first section. */
  readonly room?: number;
  readonly linkEditSize?: number;
}

const SEGMENT_COMMAND = 72;
const SECTION = 80;
const LC_SYMTAB_SIZE = 24;
const LC_BUILD_VERSION_SIZE = 24;
const COMMANDS_SIZE = 4 * SEGMENT_COMMAND + 2 * SECTION + LC_SYMTAB_SIZE + LC_BUILD_VERSION_SIZE;
const COMMANDS_END = 32 + COMMANDS_SIZE;

/** An unsigned program: __PAGEZERO, __TEXT, __DATA, __LINKEDIT with a string table to its end. */
export function tinyMachO({ processor, room = 64, linkEditSize = 5003 }: TinyMachOOptions): Buffer {
  const page = processor === 'arm64' ? 0x4000 : 0x1000;
  const bytes = Buffer.alloc(2 * page + linkEditSize);
  for (let index = COMMANDS_END + room; index < bytes.length; index += 1) bytes[index] = (index * 31) & 0xff;
  words(bytes, 0, [0xfeedfacf, processor === 'arm64' ? 0x0100000c : 0x01000007, 0, 2, 6, COMMANDS_SIZE, 0x85, 0]);
  const base = 0x100000000;
  let at = 32;
  at = segment(bytes, at, { name: '__PAGEZERO', vm: [0, base], file: [0, 0] });
  at = segment(bytes, at, { name: '__TEXT', vm: [base, page], file: [0, page], section: COMMANDS_END + room });
  at = segment(bytes, at, { name: '__DATA', vm: [base + page, page], file: [page, page], section: page });
  const linkEditVm = Math.ceil(linkEditSize / page) * page;
  const linkEdit = 2 * page;
  at = segment(bytes, at, { name: '__LINKEDIT', vm: [base + linkEdit, linkEditVm], file: [linkEdit, linkEditSize] });
  words(bytes, at, [2, LC_SYMTAB_SIZE, linkEdit, 0, linkEdit, linkEditSize]);
  const oldest = (13 << 16) | (5 << 8);
  words(bytes, at + LC_SYMTAB_SIZE, [0x32, LC_BUILD_VERSION_SIZE, 1, oldest, oldest, 0]);
  return bytes;
}

interface Segment {
  readonly name: string;
  readonly vm: readonly [number, number];
  readonly file: readonly [number, number];
  /** Where its one section begins in the file. */
  readonly section?: number;
}

function segment(bytes: Buffer, at: number, { name, vm, file, section }: Segment): number {
  const size = SEGMENT_COMMAND + (section === undefined ? 0 : SECTION);
  words(bytes, at, [0x19, size]);
  bytes.write(name, at + 8, 'latin1');
  for (const [index, value] of [...vm, ...file].entries()) bytes.writeBigUInt64LE(BigInt(value), at + 24 + index * 8);
  words(bytes, at + 56, [5, 5, section === undefined ? 0 : 1, 0]);
  if (section === undefined) return at + size;
  bytes.write('__section', at + SEGMENT_COMMAND, 'latin1');
  bytes.write(name, at + SEGMENT_COMMAND + 16, 'latin1');
  words(bytes, at + SEGMENT_COMMAND + 48, [section]);
  return at + size;
}

function words(bytes: Buffer, at: number, values: readonly number[]): void {
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value, at + index * 4);
}
