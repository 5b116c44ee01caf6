// The embedded code signature: a SuperBlob of blobs, among them the CodeDirectory with a hash of every page. All of it
// is big-endian. Layout: Apple's <kern/cs_blobs.h>
// (https://github.com/apple-oss-distributions/xnu, osfmk/kern/cs_blobs.h).

export const MAGIC = {
  superBlob: 0xfade0cc0,
  codeDirectory: 0xfade0c02,
  requirements: 0xfade0c01,
  entitlements: 0xfade7171,
  derEntitlements: 0xfade7172,
  launchConstraint: 0xfade8181,
  cms: 0xfade0b01,
} as const;

/** What a blob is for. The negative of a number below 0x1000 is its "special slot" in the CodeDirectory. */
export const SLOT = { codeDirectory: 0, requirements: 2, cms: 0x10000 } as const;

/** The CodeDirectory's header at version 0x20400: the oldest with the executable segment, which macOS wants. */
export const VERSION_EXECUTABLE_SEGMENT = 0x20400;
export const CODE_DIRECTORY_SIZE = 88;
/** Of the oldest version. */
const MIN_CODE_DIRECTORY_SIZE = 44;
export const CODE_DIRECTORY = {
  length: 4,
  version: 8,
  flags: 12,
  hashesOffset: 16,
  identifierOffset: 20,
  specialSlots: 24,
  codeSlots: 28,
  codeLimit: 32,
  hashSize: 36,
  hashType: 37,
  platform: 38,
  pageSizeLog2: 39,
  spare2: 40,
  scatterOffset: 44,
  teamOffset: 48,
  spare3: 52,
  codeLimit64: 56,
  executableBase: 64,
  executableLimit: 72,
  executableFlags: 80,
} as const;

/** `CS_ADHOC`: signed by no one. */
export const FLAG_AD_HOC = 0x2;
/** `CS_EXECSEG_MAIN_BINARY`. */
export const EXECUTABLE_MAIN_BINARY = 1n;
export const HASH_SHA256 = 2;
export const SHA256_SIZE = 32;

/** Node's names for the hashes by `hashType`. */
const HASHES: Readonly<Record<number, { readonly name: 'sha1' | 'sha256'; readonly size: number }>> = {
  1: { name: 'sha1', size: 20 },
  [HASH_SHA256]: { name: 'sha256', size: SHA256_SIZE },
};

export interface Blob {
  readonly slot: number;
  readonly magic: number;
  /** From the SuperBlob's begin. */
  readonly offset: number;
  /** With its header. */
  readonly bytes: Buffer;
}

export interface SuperBlob {
  readonly length: number;
  readonly blobs: readonly Blob[];
}

export interface CodeDirectory {
  readonly version: number;
  readonly flags: number;
  readonly identifier: string;
  readonly codeLimit: number;
  readonly pageSize: number;
  readonly hash: 'sha1' | 'sha256';
  /** Of the special slots 1, 2, ...: the negative slots of the format. */
  readonly specialHashes: readonly Buffer[];
  readonly pageHashes: readonly Buffer[];
  readonly executable: { readonly offset: number; readonly size: number; readonly flags: bigint } | undefined;
  /** Fields that are zero in a signature without a team, on a platform that isn't Apple's own, of a file below 4 GB. */
  readonly unusedFields: readonly number[];
}

/** @throws Error where blobs lie outside of it */
export function parseSuperBlob(bytes: Buffer): SuperBlob {
  if (bytes.length < 12 || bytes.readUInt32BE(0) !== MAGIC.superBlob)
    throw new Error("the signature isn't a SuperBlob");
  const length = bytes.readUInt32BE(4);
  const count = bytes.readUInt32BE(8);
  if (length > bytes.length || 12 + count * 8 > length) throw new Error('the SuperBlob is cut off');
  const blobs = Array.from({ length: count }, (_, index): Blob => {
    const offset = bytes.readUInt32BE(16 + index * 8);
    const size = offset + 8 <= length ? bytes.readUInt32BE(offset + 4) : 0;
    if (size < 8 || offset + size > length) throw new Error(`blob ${index} is outside of the SuperBlob`);
    return {
      slot: bytes.readUInt32BE(12 + index * 8),
      magic: bytes.readUInt32BE(offset),
      offset,
      bytes: bytes.subarray(offset, offset + size),
    };
  });
  return { length, blobs };
}

/** @throws Error where its hashes or its identifier lie outside of it, or are of an unknown kind */
export function parseCodeDirectory(bytes: Buffer): CodeDirectory {
  const field = (name: keyof typeof CODE_DIRECTORY): number => bytes.readUInt32BE(CODE_DIRECTORY[name]);
  const hasExecutable = field('version') >= VERSION_EXECUTABLE_SEGMENT;
  const hash = HASHES[bytes.readUInt8(CODE_DIRECTORY.hashType)];
  if (hash?.size !== bytes.readUInt8(CODE_DIRECTORY.hashSize)) throw new Error('the hashes are of no known kind');
  const hashes = { offset: field('hashesOffset'), special: field('specialSlots'), pages: field('codeSlots') };
  if (hashes.offset + hashes.pages * hash.size !== bytes.length) {
    throw new Error("the CodeDirectory doesn't end with the hashes of the pages");
  }
  const identifier = { offset: field('identifierOffset'), end: bytes.indexOf(0, field('identifierOffset')) };
  const headerSize = hasExecutable ? CODE_DIRECTORY_SIZE : MIN_CODE_DIRECTORY_SIZE;
  const firstHash = hashes.offset - hashes.special * hash.size;
  if (identifier.offset < headerSize || identifier.end < identifier.offset || identifier.end >= firstHash) {
    throw new Error("the identifier isn't between the header of the CodeDirectory and its hashes");
  }
  const slot = (index: number): Buffer => {
    const at = hashes.offset + index * hash.size;
    return bytes.subarray(at, at + hash.size);
  };
  return {
    version: field('version'),
    flags: field('flags'),
    identifier: bytes.toString('utf8', identifier.offset, identifier.end),
    codeLimit: field('codeLimit'),
    pageSize: 2 ** bytes.readUInt8(CODE_DIRECTORY.pageSizeLog2),
    hash: hash.name,
    specialHashes: Array.from({ length: hashes.special }, (_, index) => slot(-index - 1)),
    pageHashes: Array.from({ length: hashes.pages }, (_, index) => slot(index)),
    executable: hasExecutable ? readExecutable(bytes) : undefined,
    unusedFields: hasExecutable ? readUnusedFields(bytes) : [],
  };
}

function readExecutable(bytes: Buffer): CodeDirectory['executable'] {
  return {
    offset: Number(bytes.readBigUInt64BE(CODE_DIRECTORY.executableBase)),
    size: Number(bytes.readBigUInt64BE(CODE_DIRECTORY.executableLimit)),
    flags: bytes.readBigUInt64BE(CODE_DIRECTORY.executableFlags),
  };
}

function readUnusedFields(bytes: Buffer): number[] {
  const words = [CODE_DIRECTORY.spare2, CODE_DIRECTORY.scatterOffset, CODE_DIRECTORY.teamOffset, CODE_DIRECTORY.spare3];
  return [
    bytes.readUInt8(CODE_DIRECTORY.platform),
    ...words.map((at) => bytes.readUInt32BE(at)),
    Number(bytes.readBigUInt64BE(CODE_DIRECTORY.codeLimit64)),
  ];
}
