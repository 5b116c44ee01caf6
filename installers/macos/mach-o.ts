// The parts of a Mach-O file that a code signature depends on, read from thin 64-bit files for x86_64 and arm64.
// Layout: Apple's <mach-o/loader.h> (https://github.com/apple-oss-distributions/xnu, EXTERNAL_HEADERS/mach-o/loader.h).

/** `mach_header_64`. */
export const HEADER_SIZE = 32;
export const HEADER = { magic: 0, cpuType: 4, fileType: 12, commandCount: 16, commandsSize: 20 } as const;
const MH_MAGIC_64 = 0xfeedfacf;
export const MH_EXECUTE = 2;

export const LC_CODE_SIGNATURE = 0x1d;
/** `linkedit_data_command`. */
export const CODE_SIGNATURE_COMMAND_SIZE = 16;
const LC_SEGMENT_64 = 0x19;
const LC_BUILD_VERSION = 0x32;

/** Where `segment_command_64` keeps what a signer changes. */
export const SEGMENT = { vmSize: 32, fileSize: 48 } as const;
const SEGMENT_SIZE = 72;
const SECTION_SIZE = 80;

/** By `cputype`. The kernel maps segments by these pages. */
const PROCESSORS: Readonly<Record<number, { readonly name: 'x64' | 'arm64'; readonly pageSize: number }>> = {
  16777223: { name: 'x64', pageSize: 0x1000 },
  16777228: { name: 'arm64', pageSize: 0x4000 },
};

/** Commands that name ranges of __LINKEDIT: where in the command each has offset and size, and how long an entry is. */
const LINKEDIT_COMMANDS: Readonly<Record<number, readonly (readonly [offset: number, size: number, entry: number])[]>> =
  {
    2: [
      [8, 12, 16], // LC_SYMTAB: nlist_64 ...
      [16, 20, 1], // ... and its strings
    ],
    38: [[8, 12, 1]], // LC_FUNCTION_STARTS
    41: [[8, 12, 1]], // LC_DATA_IN_CODE
    2147483682: [
      [8, 12, 1], // LC_DYLD_INFO_ONLY: rebase, bind, weak bind, lazy bind, export
      [16, 20, 1],
      [24, 28, 1],
      [32, 36, 1],
      [40, 44, 1],
    ],
    2147483699: [[8, 12, 1]], // LC_DYLD_EXPORTS_TRIE
    2147483700: [[8, 12, 1]], // LC_DYLD_CHAINED_FIXUPS
  };

export interface Range {
  readonly offset: number;
  readonly size: number;
}

export interface Segment {
  readonly name: string;
  /** Where its load command begins. */
  readonly command: number;
  readonly file: Range;
  readonly vmAddress: bigint;
  readonly vmSize: bigint;
}

export interface MachO {
  readonly processor: 'x64' | 'arm64';
  readonly pageSize: number;
  readonly fileType: number;
  /** Where the load commands end. */
  readonly commandsEnd: number;
  /** Where the first section's bytes begin: what's before it is room for load commands. */
  readonly firstSection: number;
  /** Oldest macOS it runs on, such as `13.5`; undefined where it doesn't say. */
  readonly minimumSystem: string | undefined;
  readonly segments: readonly Segment[];
  /** What load commands name, apart from the signature. */
  readonly linkEditRanges: readonly Range[];
  readonly signature: (Range & { readonly command: number }) | undefined;
}

interface Command {
  readonly type: number;
  readonly at: number;
  readonly size: number;
}

/** @throws Error for anything but a thin 64-bit Mach-O for these processors whose load commands can be read */
export function parseMachO(bytes: Buffer): MachO {
  if (bytes.length < HEADER_SIZE || bytes.readUInt32LE(HEADER.magic) !== MH_MAGIC_64) {
    throw new Error('not a thin 64-bit Mach-O file');
  }
  const processor = PROCESSORS[bytes.readUInt32LE(HEADER.cpuType)];
  if (processor === undefined) throw new Error('neither for x86_64 nor for arm64');
  const commands = readCommands(bytes);
  const segments = commands.filter(({ type }) => type === LC_SEGMENT_64);
  const signature = commands.find(({ type }) => type === LC_CODE_SIGNATURE);
  const buildVersion = commands.find(({ type }) => type === LC_BUILD_VERSION);
  return {
    processor: processor.name,
    pageSize: processor.pageSize,
    fileType: bytes.readUInt32LE(HEADER.fileType),
    commandsEnd: HEADER_SIZE + bytes.readUInt32LE(HEADER.commandsSize),
    firstSection: Math.min(...segments.flatMap((command) => sectionOffsets(bytes, command))),
    minimumSystem: buildVersion && version(bytes.readUInt32LE(buildVersion.at + 12)),
    segments: segments.map((command) => readSegment(bytes, command)),
    linkEditRanges: commands.flatMap((command) => linkEditRanges(bytes, command)),
    signature: signature && { ...readRange(bytes, signature.at + 8), command: signature.at },
  };
}

/** @throws Error if there is none of that name */
export function segmentNamed(file: MachO, name: string): Segment {
  const segment = file.segments.find((each) => each.name === name);
  if (segment === undefined) throw new Error(`there's no segment ${name}`);
  return segment;
}

function readCommands(bytes: Buffer): Command[] {
  const count = bytes.readUInt32LE(HEADER.commandCount);
  const end = HEADER_SIZE + bytes.readUInt32LE(HEADER.commandsSize);
  const commands: Command[] = [];
  let at = HEADER_SIZE;
  while (commands.length < count) {
    if (at + 8 > end || end > bytes.length) throw new Error('the load commands are cut off');
    const command = { type: bytes.readUInt32LE(at), at, size: bytes.readUInt32LE(at + 4) };
    if (command.size < 8 || command.size % 8 !== 0) throw new Error(`the load command at ${at} has no valid size`);
    commands.push(command);
    at += command.size;
  }
  if (at !== end) throw new Error("the load commands don't have the size that the header names");
  return commands;
}

function readSegment(bytes: Buffer, { at }: Command): Segment {
  return {
    name: fixedString(bytes, at + 8, 16),
    command: at,
    vmAddress: bytes.readBigUInt64LE(at + 24),
    vmSize: bytes.readBigUInt64LE(at + SEGMENT.vmSize),
    file: {
      offset: Number(bytes.readBigUInt64LE(at + 40)),
      size: Number(bytes.readBigUInt64LE(at + SEGMENT.fileSize)),
    },
  };
}

/** Sections without bytes in the file, such as __bss, have offset 0. */
function sectionOffsets(bytes: Buffer, { at, size }: Command): number[] {
  const count = bytes.readUInt32LE(at + 64);
  if (SEGMENT_SIZE + count * SECTION_SIZE > size) throw new Error(`the segment at ${at} is shorter than its sections`);
  return Array.from({ length: count }, (_, index) =>
    bytes.readUInt32LE(at + SEGMENT_SIZE + index * SECTION_SIZE + 48),
  ).filter((offset) => offset !== 0);
}

function linkEditRanges(bytes: Buffer, { type, at }: Command): Range[] {
  return (LINKEDIT_COMMANDS[type] ?? [])
    .map(([offset, size, entry]) => ({
      offset: bytes.readUInt32LE(at + offset),
      size: bytes.readUInt32LE(at + size) * entry,
    }))
    .filter(({ size }) => size !== 0);
}

function readRange(bytes: Buffer, at: number): Range {
  return { offset: bytes.readUInt32LE(at), size: bytes.readUInt32LE(at + 4) };
}

/** `xxxx.yy.zz` in nibbles; patch levels don't matter here. */
function version(packed: number): string {
  return `${packed >>> 16}.${(packed >>> 8) & 0xff}`;
}

function fixedString(bytes: Buffer, at: number, size: number): string {
  const text = bytes.toString('latin1', at, at + size);
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}
