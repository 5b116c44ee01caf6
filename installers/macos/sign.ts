// Signs Mach-O files ad hoc, as `codesign --sign -` does, on any system. Apple's own tool runs on macOS only, and no
// package of Debian or npm does it:
// https://developer.apple.com/documentation/technotes/tn3126-inside-code-signing-hashes.
import { createHash } from 'node:crypto';
import {
  CODE_DIRECTORY,
  CODE_DIRECTORY_SIZE,
  EXECUTABLE_MAIN_BINARY,
  FLAG_AD_HOC,
  HASH_SHA256,
  MAGIC,
  SHA256_SIZE,
  SLOT,
  VERSION_EXECUTABLE_SEGMENT,
} from './code-signature.ts';
import {
  CODE_SIGNATURE_COMMAND_SIZE,
  HEADER,
  LC_CODE_SIGNATURE,
  type MachO,
  MH_EXECUTE,
  parseMachO,
  SEGMENT,
  segmentNamed,
} from './mach-o.ts';

/** Of hashes. Apple's `codesign` takes 4 kB for either processor. */
const PAGE_SIZE_LOG2 = 12;
const PAGE_SIZE = 2 ** PAGE_SIZE_LOG2;
/** Where a signature may begin, and what its size is a multiple of. */
const SIGNATURE_ALIGNMENT = 16;

/** Slots 1 (Info.plist, which a single file has none of) and 2 (requirements). */
const SPECIAL_SLOTS = 2;
const NO_REQUIREMENTS = blob(MAGIC.requirements, Buffer.alloc(4));
/** Who signed: no one. */
const NO_CMS = blob(MAGIC.cms, Buffer.alloc(0));

/**
 * A copy with an ad hoc signature in place of whatever signature it had. The same input makes the same bytes.
 *
 * The hardened runtime isn't switched on: with no one's name on it the file can't be notarized anyway, and the runtime
 * would need entitlements in two encodings, where a mistake ends every start on every Mac. `codesign` adds it together
 * with a Developer ID (installers/macos/notarise.sh).
 *
 * @param identifier what codesign(1) calls the identifier; part of what macOS knows an unsigned program by
 * @throws Error if it isn't a Mach-O file, its parts aren't in the usual order, or there's no room for the load command
 */
export function signAdHoc(original: Buffer, identifier: string): Buffer {
  const { bytes, file, commandAt } = withSignatureCommand(original);
  const codeLimit = roundUp(file.signature?.offset ?? original.length, SIGNATURE_ALIGNMENT);
  const pages = Math.ceil(codeLimit / PAGE_SIZE);
  const codeDirectorySize = CODE_DIRECTORY_SIZE + identifier.length + 1 + (SPECIAL_SLOTS + pages) * SHA256_SIZE;
  const signatureSize = roundUp(superBlobSize(codeDirectorySize), SIGNATURE_ALIGNMENT);

  const signed = Buffer.alloc(codeLimit + signatureSize);
  bytes.copy(signed, 0, 0, file.signature?.offset ?? original.length);
  signed.writeUInt32LE(LC_CODE_SIGNATURE, commandAt);
  signed.writeUInt32LE(CODE_SIGNATURE_COMMAND_SIZE, commandAt + 4);
  signed.writeUInt32LE(codeLimit, commandAt + 8);
  signed.writeUInt32LE(signatureSize, commandAt + 12);
  extendLinkEdit(signed, file, original.length);

  const text = segmentNamed(file, '__TEXT');
  const codeDirectory = makeCodeDirectory({
    identifier,
    code: signed.subarray(0, codeLimit),
    executable: text.file,
    isMainBinary: file.fileType === MH_EXECUTE,
  });
  superBlob([
    { slot: SLOT.codeDirectory, bytes: codeDirectory },
    { slot: SLOT.requirements, bytes: NO_REQUIREMENTS },
    { slot: SLOT.cms, bytes: NO_CMS },
  ]).copy(signed, codeLimit);
  return signed;
}

/** A copy that has the load command, with nothing in it yet where there was none. */
function withSignatureCommand(original: Buffer): { bytes: Buffer; file: MachO; commandAt: number } {
  const bytes = Buffer.from(original);
  const file = parseMachO(bytes);
  const { signature, commandsEnd } = file;
  if (signature !== undefined) return { bytes, file, commandAt: signature.command };
  const end = commandsEnd + CODE_SIGNATURE_COMMAND_SIZE;
  if (end > file.firstSection || bytes.subarray(commandsEnd, end).some((byte) => byte !== 0)) {
    throw new Error("there's no room for the load command of a signature");
  }
  bytes.writeUInt32LE(bytes.readUInt32LE(HEADER.commandCount) + 1, HEADER.commandCount);
  bytes.writeUInt32LE(bytes.readUInt32LE(HEADER.commandsSize) + CODE_SIGNATURE_COMMAND_SIZE, HEADER.commandsSize);
  return { bytes, file, commandAt: commandsEnd };
}

/** The signature is the end of __LINKEDIT, which is the end of the file. */
function extendLinkEdit(signed: Buffer, file: MachO, originalLength: number): void {
  const linkEdit = segmentNamed(file, '__LINKEDIT');
  const ends = [linkEdit.file, file.signature ?? linkEdit.file].map(({ offset, size }) => offset + size);
  if (linkEdit !== file.segments.at(-1) || ends.some((end) => end !== originalLength)) {
    throw new Error("__LINKEDIT isn't the end of the file");
  }
  const size = signed.length - linkEdit.file.offset;
  signed.writeBigUInt64LE(BigInt(size), linkEdit.command + SEGMENT.fileSize);
  const vmSize = BigInt(roundUp(size, file.pageSize));
  if (vmSize > linkEdit.vmSize) signed.writeBigUInt64LE(vmSize, linkEdit.command + SEGMENT.vmSize);
}

interface CodeDirectoryOptions {
  readonly identifier: string;
  /** All bytes before the signature, in their final form. */
  readonly code: Buffer;
  readonly executable: { readonly offset: number; readonly size: number };
  readonly isMainBinary: boolean;
}

function makeCodeDirectory({ identifier, code, executable, isMainBinary }: CodeDirectoryOptions): Buffer {
  const pages = Math.ceil(code.length / PAGE_SIZE);
  const hashesOffset = CODE_DIRECTORY_SIZE + identifier.length + 1 + SPECIAL_SLOTS * SHA256_SIZE;
  const bytes = Buffer.alloc(hashesOffset + pages * SHA256_SIZE);
  bytes.writeUInt32BE(MAGIC.codeDirectory, 0);
  const fields = {
    length: bytes.length,
    version: VERSION_EXECUTABLE_SEGMENT,
    flags: FLAG_AD_HOC,
    hashesOffset,
    identifierOffset: CODE_DIRECTORY_SIZE,
    specialSlots: SPECIAL_SLOTS,
    codeSlots: pages,
    codeLimit: code.length,
  };
  for (const [name, value] of Object.entries(fields)) {
    bytes.writeUInt32BE(value, CODE_DIRECTORY[name as keyof typeof fields]);
  }
  bytes.writeUInt8(SHA256_SIZE, CODE_DIRECTORY.hashSize);
  bytes.writeUInt8(HASH_SHA256, CODE_DIRECTORY.hashType);
  bytes.writeUInt8(PAGE_SIZE_LOG2, CODE_DIRECTORY.pageSizeLog2);
  bytes.writeBigUInt64BE(BigInt(executable.offset), CODE_DIRECTORY.executableBase);
  bytes.writeBigUInt64BE(BigInt(executable.size), CODE_DIRECTORY.executableLimit);
  bytes.writeBigUInt64BE(isMainBinary ? EXECUTABLE_MAIN_BINARY : 0n, CODE_DIRECTORY.executableFlags);
  bytes.write(identifier, CODE_DIRECTORY_SIZE, 'latin1');
  sha256(NO_REQUIREMENTS).copy(bytes, hashesOffset - SLOT.requirements * SHA256_SIZE);
  for (let page = 0; page < pages; page += 1) {
    const hash = sha256(code.subarray(page * PAGE_SIZE, (page + 1) * PAGE_SIZE));
    hash.copy(bytes, hashesOffset + page * SHA256_SIZE);
  }
  return bytes;
}

function superBlob(blobs: readonly { readonly slot: number; readonly bytes: Buffer }[]): Buffer {
  const index = Buffer.alloc(4 + blobs.length * 8);
  index.writeUInt32BE(blobs.length, 0);
  let offset = 8 + index.length;
  for (const [position, { slot, bytes }] of blobs.entries()) {
    index.writeUInt32BE(slot, 4 + position * 8);
    index.writeUInt32BE(offset, 8 + position * 8);
    offset += bytes.length;
  }
  return blob(MAGIC.superBlob, Buffer.concat([index, ...blobs.map(({ bytes }) => bytes)]));
}

function superBlobSize(codeDirectorySize: number): number {
  return 12 + 3 * 8 + codeDirectorySize + NO_REQUIREMENTS.length + NO_CMS.length;
}

function blob(magic: number, content: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(magic, 0);
  header.writeUInt32BE(header.length + content.length, 4);
  return Buffer.concat([header, content]);
}

function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
