// Whether two executable files differ only in their code signatures: installed files are signed after the program with
// the same files, or their hashes, inside was built.
import { hash } from 'node:crypto';

/**
 * Whether the files are the same, apart from the signature of Windows (Authenticode) or macOS. The system never runs
 * what a signature consists of.
 */
export function isSameCode(a: Buffer, b: Buffer, platform: NodeJS.Platform): boolean {
  if (a.equals(b)) return true;
  const unsigned = UNSIGNED[platform as string];
  if (unsigned === undefined) return false;
  try {
    return equalButForPadding(unsigned(Buffer.from(a)), unsigned(Buffer.from(b)));
  } catch {
    // One of them ends in its header.
    return false;
  }
}

/**
 * SHA-256, in hexadecimal, of a file without its code signature: the same before and after it's signed, by anyone. The
 * system never runs what a signature consists of. Of a file in another format, or for another system, the hash of all
 * its bytes.
 */
export function codeHash(file: Buffer, platform: NodeJS.Platform): string {
  const code = unsignedCode(file, platform);
  // Signing fills the file with zeros up to where the signature begins.
  const padding = Buffer.alloc((ALIGNMENT - (code.length % ALIGNMENT)) % ALIGNMENT);
  return hash('sha256', Buffer.concat([code, padding]));
}

function unsignedCode(file: Buffer, platform: NodeJS.Platform): Buffer {
  try {
    return UNSIGNED[platform as string]?.(Buffer.from(file)) ?? file;
  } catch {
    return file;
  }
}

/** What a signature is aligned to, in both formats. */
const ALIGNMENT = 16;

const UNSIGNED: Readonly<Record<string, (file: Buffer) => Buffer>> = {
  win32: unsignedPortableExecutable,
  darwin: unsignedMachO,
};

/** Signing fills the file with zeros up to where the signature begins. */
function equalButForPadding(a: Buffer, b: Buffer): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  const padding = long.subarray(short.length);
  return (
    padding.length < ALIGNMENT && padding.every((byte) => byte === 0) && long.subarray(0, short.length).equals(short)
  );
}

const PE_SIGNATURE = 0x4550;
const PE32_PLUS = 0x20b;

/**
 * Without what the Authenticode hash leaves out: the checksum, the entry of the certificate table, and the table.
 * https://learn.microsoft.com/windows/win32/debug/pe-format#process-for-generating-the-authenticode-pe-image-hash
 * @throws RangeError, or Error if it's not a 64-bit file of that format
 */
function unsignedPortableExecutable(file: Buffer): Buffer {
  const header = file.readUInt32LE(0x3c);
  const optional = header + 24;
  if (file.readUInt32LE(header) !== PE_SIGNATURE || file.readUInt16LE(optional) !== PE32_PLUS)
    throw new Error('not a 64-bit executable of Windows');
  const [checksum, certificates] = [optional + 64, optional + 144];
  const start = file.readUInt32LE(certificates);
  const end = start === 0 ? file.length : start;
  // The table is the file's end, and after all headers: otherwise it could hide code.
  const size = file.readUInt32LE(certificates + 4);
  if (start !== 0 && (start + size !== file.length || start < lastSectionEnd(file, header)))
    throw new Error('odd table');
  file.fill(0, checksum, checksum + 4);
  file.fill(0, certificates, certificates + 8);
  return file.subarray(0, end);
}

/** The end of what Windows maps from the file. */
function lastSectionEnd(file: Buffer, header: number): number {
  const count = file.readUInt16LE(header + 6);
  const table = header + 24 + file.readUInt16LE(header + 20);
  const ends = Array.from({ length: count }, (_, index) => {
    const section = table + 40 * index;
    return file.readUInt32LE(section + 16) + file.readUInt32LE(section + 20);
  });
  return Math.max(table + 40 * count, ...ends);
}

const MACH_O_64 = 0xfeedfacf;
const LC_SEGMENT_64 = 0x19;
const LC_CODE_SIGNATURE = 0x1d;

/**
 * Without the signature at the file's end, and without the sizes in the load commands that depend on its size.
 * https://developer.apple.com/documentation/technotes/tn3126-inside-code-signing-hashes
 * @throws RangeError, or Error if it's not a signed 64-bit file of that format
 */
function unsignedMachO(file: Buffer): Buffer {
  if (file.readUInt32LE(0) !== MACH_O_64) throw new Error('not a 64-bit executable of macOS');
  let end: number | undefined;
  for (let left = file.readUInt32LE(16), at = 32; left > 0; left -= 1, at += file.readUInt32LE(at + 4)) {
    const command = file.readUInt32LE(at);
    if (command === LC_SEGMENT_64 && file.toString('latin1', at + 8, at + 19) === '__LINKEDIT\0') {
      file.fill(0, at + 32, at + 40);
      file.fill(0, at + 48, at + 56);
    }
    if (command === LC_CODE_SIGNATURE) {
      end = file.readUInt32LE(at + 8);
      if (end + file.readUInt32LE(at + 12) !== file.length) throw new Error("the signature isn't the end of the file");
      file.fill(0, at + 8, at + 16);
    }
  }
  if (end === undefined) throw new Error('not signed');
  return file.subarray(0, end);
}
