// Whether macOS would find a Mach-O file's layout and code signature in order, by what can be computed: every
// hash is computed again. Who signed it isn't checked. Of the signer's code it uses only what reads load commands.
import { createHash } from 'node:crypto';
import {
  type Blob,
  CODE_DIRECTORY_SIZE,
  type CodeDirectory,
  EXECUTABLE_MAIN_BINARY,
  FLAG_AD_HOC,
  MAGIC,
  parseCodeDirectory,
  parseSuperBlob,
  SHA256_SIZE,
  SLOT,
  type SuperBlob,
  VERSION_EXECUTABLE_SEGMENT,
} from './code-signature.ts';
import { type MachO, MH_EXECUTE, parseMachO, segmentNamed } from './mach-o.ts';

/**
 * What is wrong with the file, in words; nothing where all is right. The kernel kills a program at the first page that
 * differs from its hash (cs_blobs.h, `CS_KILL`), on Apple silicon also one without a signature.
 */
export function signatureProblems(bytes: Buffer): string[] {
  try {
    const file = parseMachO(bytes);
    return [...layoutProblems(file, bytes.length), ...codeSignatureProblems(bytes, file)];
  } catch (thrown) {
    return [thrown instanceof Error ? thrown.message : String(thrown)];
  }
}

/**
 * As `signatureProblems`, and beyond that whether it is the ad hoc signature of a single file with this identifier and
 * nothing else. No hash covers the fields of a signature itself, so that they are compared with what they must be.
 */
export function adHocSignatureProblems(bytes: Buffer, identifier: string): string[] {
  const problems = signatureProblems(bytes);
  return problems.length > 0 ? problems : adHocProblems(bytes, parseMachO(bytes), identifier);
}

/** What dyld and the kernel check when they map a file, and what codesign wants of the order of its parts. */
function layoutProblems(file: MachO, length: number): string[] {
  const problems: string[] = [];
  if (file.commandsEnd > file.firstSection) problems.push('the load commands run into the first section');
  let end = { file: 0, vm: 0n };
  for (const { name, file: range, vmAddress, vmSize } of file.segments) {
    if (range.offset % file.pageSize !== 0) problems.push(`${name} doesn't begin with a page of the file`);
    if (vmAddress % BigInt(file.pageSize) !== 0n) problems.push(`${name} doesn't begin with a page of memory`);
    if (range.size > 0 && range.offset < end.file) problems.push(`${name} overlaps another segment in the file`);
    if (vmAddress < end.vm) problems.push(`${name} overlaps another segment in memory`);
    if (BigInt(range.size) > vmSize) problems.push(`${name} is larger in the file than in memory`);
    end = { file: Math.max(end.file, range.offset + range.size), vm: vmAddress + vmSize };
  }
  const linkEdit = segmentNamed(file, '__LINKEDIT');
  if (linkEdit !== file.segments.at(-1)) problems.push("__LINKEDIT isn't the last segment");
  if (linkEdit.file.offset + linkEdit.file.size !== length) problems.push("__LINKEDIT doesn't end with the file");
  const contentEnd = file.signature?.offset ?? length;
  for (const { offset, size } of file.linkEditRanges) {
    const isInside = offset >= linkEdit.file.offset && offset + size <= contentEnd;
    if (!isInside) problems.push(`what a load command places at ${offset} isn't in __LINKEDIT before the signature`);
  }
  return problems;
}

function codeSignatureProblems(bytes: Buffer, file: MachO): string[] {
  const { signature } = file;
  if (signature === undefined) return ["there's no signature"];
  const problems: string[] = [];
  if (signature.offset % 16 !== 0) problems.push("the signature doesn't begin at a multiple of 16");
  if (signature.offset + signature.size !== bytes.length) problems.push("the signature doesn't end with the file");
  const superBlob = parseSuperBlob(bytes.subarray(signature.offset, signature.offset + signature.size));
  const directories = superBlob.blobs.filter(({ magic }) => magic === MAGIC.codeDirectory);
  if (directories[0]?.slot !== SLOT.codeDirectory) problems.push("there's no CodeDirectory");
  const code = bytes.subarray(0, signature.offset);
  return [
    ...problems,
    ...blobProblems(superBlob, bytes.subarray(signature.offset + superBlob.length)),
    ...directories.flatMap((blob) =>
      codeDirectoryProblems(parseCodeDirectory(blob.bytes), code, file, superBlob.blobs),
    ),
  ];
}

/** Blobs follow one another without gaps, and nothing hides behind them. */
function blobProblems({ length, blobs }: SuperBlob, rest: Buffer): string[] {
  const problems: string[] = [];
  const known = new Set<number>(Object.values(MAGIC));
  let end = 12 + blobs.length * 8;
  for (const { slot, magic, offset, bytes } of blobs.toSorted((one, other) => one.offset - other.offset)) {
    if (!known.has(magic)) problems.push(`the blob of slot ${slot} is of no known kind`);
    if (offset !== end) problems.push(`the blob of slot ${slot} doesn't follow the one before it`);
    end = offset + bytes.length;
  }
  if (end !== length) problems.push("the blobs don't fill the SuperBlob");
  if (rest.some((byte) => byte !== 0)) problems.push('there is something behind the SuperBlob');
  return problems;
}

function codeDirectoryProblems(directory: CodeDirectory, code: Buffer, file: MachO, blobs: readonly Blob[]): string[] {
  const problems: string[] = [];
  if (directory.codeLimit !== code.length) {
    problems.push(`the signature is for ${directory.codeLimit} bytes, the code has ${code.length}`);
  }
  if (directory.pageHashes.length !== Math.ceil(code.length / directory.pageSize)) {
    problems.push("the number of hashes isn't the number of pages");
  }
  const text = segmentNamed(file, '__TEXT').file;
  const { executable } = directory;
  if (executable !== undefined && (executable.offset !== text.offset || executable.size !== text.size)) {
    problems.push("the executable segment isn't __TEXT");
  }
  const hash = (bytes: Buffer): Buffer => createHash(directory.hash).update(bytes).digest();
  const wrongPages = directory.pageHashes.flatMap((expected, page) => {
    const begin = page * directory.pageSize;
    return hash(code.subarray(begin, begin + directory.pageSize)).equals(expected) ? [] : [page];
  });
  if (wrongPages.length > 0) {
    problems.push(`${wrongPages.length} of ${directory.pageHashes.length} pages differ, the first is ${wrongPages[0]}`);
  }
  return [...problems, ...specialSlotProblems(directory, blobs, hash)];
}

/** A special slot has the hash of a blob, or zeros if there is none; every blob but these two kinds has one. */
function specialSlotProblems(
  { specialHashes }: CodeDirectory,
  blobs: readonly Blob[],
  hash: (bytes: Buffer) => Buffer,
): string[] {
  const problems: string[] = [];
  for (const [index, expected] of specialHashes.entries()) {
    const blob = blobs.find(({ slot }) => slot === index + 1);
    const isEmpty = expected.every((byte) => byte === 0);
    if (blob === undefined ? !isEmpty : !hash(blob.bytes).equals(expected)) {
      problems.push(`special slot ${index + 1} doesn't have the hash of its blob`);
    }
  }
  const isHashed = ({ slot, magic }: Blob): boolean =>
    magic === MAGIC.codeDirectory || magic === MAGIC.cms || (slot >= 1 && slot <= specialHashes.length);
  for (const { slot } of blobs.filter((blob) => !isHashed(blob))) problems.push(`nothing has the hash of slot ${slot}`);
  return problems;
}

function adHocProblems(bytes: Buffer, file: MachO, identifier: string): string[] {
  const { blobs } = parseSuperBlob(bytes.subarray(file.signature?.offset));
  const [first] = blobs;
  const directory = parseCodeDirectory(first?.bytes ?? Buffer.alloc(0));
  const hashes = directory.specialHashes.length + directory.pageHashes.length;
  const expectations: Readonly<Record<string, boolean>> = {
    "it isn't in three blobs: CodeDirectory, requirements, CMS":
      JSON.stringify(blobs.map(({ slot, magic }) => [slot, magic])) ===
      JSON.stringify([
        [SLOT.codeDirectory, MAGIC.codeDirectory],
        [SLOT.requirements, MAGIC.requirements],
        [SLOT.cms, MAGIC.cms],
      ]),
    'there is something in its CMS blob': blobs.at(-1)?.bytes.length === 8,
    [`its identifier is ${directory.identifier}`]: directory.identifier === identifier,
    "its flags aren't those of an ad hoc signature": directory.flags === FLAG_AD_HOC,
    'its CodeDirectory has another version': directory.version === VERSION_EXECUTABLE_SEGMENT,
    'its CodeDirectory holds more than identifier and hashes':
      first?.bytes.length === CODE_DIRECTORY_SIZE + directory.identifier.length + 1 + hashes * SHA256_SIZE,
    "it doesn't have the hashes of SHA-256 in pages of 4 kB":
      directory.hash === 'sha256' && directory.pageSize === 4096,
    'its CodeDirectory has a field that should be zero': directory.unusedFields.every((value) => value === 0),
    "its executable segment isn't marked correctly":
      directory.executable?.flags === (file.fileType === MH_EXECUTE ? EXECUTABLE_MAIN_BINARY : 0n),
    'it is longer than needed': (file.signature?.size ?? 0) - parsedLength(blobs) < 16,
  };
  return Object.entries(expectations).flatMap(([problem, holds]) => (holds ? [] : [problem]));
}

function parsedLength(blobs: readonly Blob[]): number {
  return Math.max(...blobs.map(({ offset, bytes }) => offset + bytes.length));
}
