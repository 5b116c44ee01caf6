// cpio archives in the portable ASCII form ("odc"): what a package's Payload and Scripts are, once unpacked by gzip.
// Layout: POSIX.1-2017, pax, "cpio Interchange Format".
import { dottedPath, type Entry, fullMode, MODIFIED_AT } from './entry.ts';

const MAGIC = '070707';
const TRAILER = 'TRAILER!!!';
/** cpio(1) and pax(1) write whole blocks. */
const BLOCK_SIZE = 512;
/** Inode numbers have 18 bits; two files with the same one would be links to each other. */
const MAX_ENTRIES = 0o777777;

/** The archive, entries in the given order: a folder must come before what is in it. */
export function cpioArchive(entries: readonly Entry[]): Buffer {
  if (entries.length > MAX_ENTRIES) throw new Error('too many files for a cpio archive');
  const members = entries.flatMap((entry, index) => {
    const { content } = entry;
    const header = memberHeader({
      name: dottedPath(entry),
      inode: index + 1,
      mode: fullMode(entry),
      group: entry.group,
      links: content === undefined ? 2 : 1,
      modifiedAt: MODIFIED_AT,
      size: content?.length ?? 0,
    });
    return content === undefined ? [header] : [header, content];
  });
  const end = memberHeader({ name: TRAILER, inode: 0, mode: 0, group: 0, links: 1, modifiedAt: 0, size: 0 });
  const archive = Buffer.concat([...members, end]);
  return Buffer.concat([archive, Buffer.alloc(-archive.length & (BLOCK_SIZE - 1))]);
}

interface Member {
  readonly name: string;
  readonly inode: number;
  readonly mode: number;
  readonly group: number;
  readonly links: number;
  readonly modifiedAt: number;
  readonly size: number;
}

function memberHeader({ name, inode, mode, group, links, modifiedAt, size }: Member): Buffer {
  const nameBytes = Buffer.from(`${name}\0`);
  const device = 0;
  const owner = 0;
  const specialDevice = 0;
  const fields = [
    MAGIC,
    ...[device, inode, mode, owner, group, links, specialDevice].map((value) => octal(value, 6)),
    octal(modifiedAt, 11),
    octal(nameBytes.length, 6),
    octal(size, 11),
  ];
  return Buffer.concat([Buffer.from(fields.join('')), nameBytes]);
}

function octal(value: number, digits: number): string {
  const text = value.toString(8).padStart(digits, '0');
  if (text.length > digits) throw new Error(`${value} doesn't fit into a cpio header`);
  return text;
}
