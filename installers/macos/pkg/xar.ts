// xar archives, which flat packages are: a header, a compressed table of contents in XML, and a heap with the members.
// Layout: https://github.com/apple-oss-distributions/xar (xar.h.in, and the table of contents in lib/archive.c).
// Members are stored as they are, as pkgbuild(1) stores the Payload: it is compressed already.
import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { escapeXml } from '../../../scripts/xml.ts';
import { MODIFIED_AT } from './entry.ts';

/** Members by name, in the archive's order: a file's content, or a folder. */
export interface XarFolder {
  readonly [name: string]: Buffer | XarFolder;
}

const HEADER_SIZE = 28;
const VERSION = 1;
const CHECKSUM_SHA1 = 1;
/** At the begin of the heap, for the table of contents. */
const CHECKSUM_SIZE = 20;

/** The archive; the same members give the same bytes. */
export function xarArchive(members: XarFolder): Buffer {
  const heap: Buffer[] = [];
  const contents = tableOfContents(members, heap);
  const compressed = deflateSync(contents, { level: 9 });
  const header = Buffer.alloc(HEADER_SIZE);
  header.write('xar!', 'latin1');
  header.writeUInt16BE(HEADER_SIZE, 4);
  header.writeUInt16BE(VERSION, 6);
  header.writeBigUInt64BE(BigInt(compressed.length), 8);
  header.writeBigUInt64BE(BigInt(contents.length), 16);
  header.writeUInt32BE(CHECKSUM_SHA1, 24);
  return Buffer.concat([header, compressed, createHash('sha1').update(compressed).digest(), ...heap]);
}

function tableOfContents(members: XarFolder, heap: Buffer[]): Buffer {
  const state = { heap, offset: CHECKSUM_SIZE, id: 0 };
  const createdAt = new Date(MODIFIED_AT * 1000).toISOString().slice(0, 19);
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<xar>',
    '<toc>',
    `<creation-time>${createdAt}</creation-time>`,
    `<checksum style="sha1"><offset>0</offset><size>${CHECKSUM_SIZE}</size></checksum>`,
    ...folderLines(members, state),
    '</toc>',
    '</xar>',
    '',
  ];
  return Buffer.from(lines.join('\n'));
}

interface State {
  readonly heap: Buffer[];
  offset: number;
  id: number;
}

function folderLines(members: XarFolder, state: State): string[] {
  return Object.entries(members).flatMap(([name, member]) => {
    state.id += 1;
    const opening = [`<file id="${state.id}">`, `<name>${escapeXml(name)}</name>`];
    const rest = Buffer.isBuffer(member)
      ? ['<type>file</type>', '<mode>0644</mode>', ...dataLines(member, state)]
      : ['<type>directory</type>', '<mode>0755</mode>', ...folderLines(member, state)];
    return [...opening, ...rest, '</file>'];
  });
}

function dataLines(content: Buffer, state: State): string[] {
  const sha1 = createHash('sha1').update(content).digest('hex');
  const lines = [
    '<data>',
    `<length>${content.length}</length>`,
    '<encoding style="application/octet-stream"/>',
    `<offset>${state.offset}</offset>`,
    `<size>${content.length}</size>`,
    `<extracted-checksum style="sha1">${sha1}</extracted-checksum>`,
    `<archived-checksum style="sha1">${sha1}</archived-checksum>`,
    '</data>',
  ];
  state.heap.push(content);
  state.offset += content.length;
  return lines;
}
