// The bill of materials of a package: what Installer records as its receipt, and lsbom(8) lists.
//
// Apple documents lsbom(8) and bom(5), not the bytes. They are a store of numbered blocks, big-endian:
//
//   header        "BOMStore", version 1, number of blocks, then offset and size of the block table and of the variables;
//                 512 bytes
//   blocks        one after another; block 0 is the null block and has none
//   variables     their number, then of each: its block, the length of its name in one byte, its name
//   block table   number of blocks with the null block, offset and size of each, then the free list: its length and
//                 two empty entries. macOS aborts where the free list is absent.
//
// The variables are BomInfo and four trees; a tree names a leaf, a leaf lists pairs of blocks (key, value):
//
//   Paths         key: the path's number and the block of its details; value: the number of its folder and its name.
//                 Sorted by folder and name: readers stop at the first pair that is out of order.
//   HLIndex, VIndex, Size64   hard links, patterns, and files over 4 GB: none here
import { cksum } from './cksum.ts';
import { type Entry, fullMode, MODIFIED_AT } from './entry.ts';

const HEADER_SIZE = 512;
const VERSION = 1;
const FREE_LIST = Buffer.alloc(4 + 2 * 8);
const LEAF_SIZE = 4096;
const SMALL_LEAF_SIZE = 128;
/** As many as certainly fit one leaf. More would need a level of nodes above the leaves. */
const MAX_PATHS = 256;

const TYPE_FILE = 1;
const TYPE_FOLDER = 2;
/** Details are complete, and the file isn't told apart by processors. */
const PLAIN = 15;

/** @throws Error for a folder that doesn't have its own entry, and for more paths than a leaf takes */
export function billOfMaterials(entries: readonly Entry[]): Buffer {
  if (entries.length > MAX_PATHS)
    throw new Error(`a bill of materials takes ${MAX_PATHS} paths, not ${entries.length}`);
  const store = new BlockStore();
  const size = entries.reduce((sum, { content }) => sum + (content?.length ?? 0), 0);
  store.addVariable('BomInfo', words(VERSION, entries.length + 1, 1, 0, 0, size, 0));
  // The tree of the paths is completed below, when the blocks that its leaf lists have numbers.
  const leaf = Buffer.alloc(LEAF_SIZE);
  store.addTree('Paths', leaf, entries.length);
  store.addTree('HLIndex', emptyLeaf(LEAF_SIZE), 0);
  const patterns = Buffer.alloc(13);
  const patternsBlock = store.addVariable('VIndex', patterns);
  words(VERSION, patternsBlock + 1).copy(patterns);
  store.addTree(undefined, emptyLeaf(SMALL_LEAF_SIZE), 0);
  store.addTree('Size64', emptyLeaf(LEAF_SIZE), 0);
  writeLeaf(
    leaf,
    numbered(entries).map((path) => addPath(store, path)),
  );
  return store.bytes();
}

interface NumberedPath {
  readonly entry: Entry;
  readonly number: number;
  /** 0 for the root. */
  readonly folder: number;
  readonly name: string;
}

/** Level by level, by name in each folder, so that the order of the numbers is the order in the tree. */
function numbered(entries: readonly Entry[]): NumberedPath[] {
  const root = entries.find(({ path }) => path === '');
  if (root === undefined) throw new Error('a bill of materials needs the root folder');
  const paths: NumberedPath[] = [{ entry: root, number: 1, folder: 0, name: '.' }];
  // What is found in a folder is appended, and read in its turn.
  for (const { entry, number } of paths) {
    const inFolder = entries
      .filter(({ path }) => path !== '' && folderOf(path) === entry.path)
      .map((each) => ({
        entry: each,
        folder: number,
        name: each.path.slice(folderOf(each.path).length).replace('/', ''),
      }))
      .sort((one, other) => Buffer.compare(Buffer.from(one.name), Buffer.from(other.name)));
    for (const each of inFolder) paths.push({ ...each, number: paths.length + 1 });
  }
  if (paths.length !== entries.length) throw new Error('a bill of materials needs every folder of its files, once');
  return paths;
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0));
}

function addPath(store: BlockStore, { entry, number, folder, name }: NumberedPath): [key: number, value: number] {
  const details = store.add(pathDetails(entry));
  const value = store.add(Buffer.concat([words(folder), Buffer.from(`${name}\0`)]));
  const key = store.add(words(number, details));
  return [key, value];
}

/** 31 bytes; a file has four more, for the number of processors that it is told apart by. */
function pathDetails(entry: Entry): Buffer {
  const { content } = entry;
  const bytes = Buffer.alloc(content === undefined ? 31 : 35);
  bytes.writeUInt8(content === undefined ? TYPE_FOLDER : TYPE_FILE, 0);
  bytes.writeUInt8(1, 1);
  bytes.writeUInt16BE(PLAIN, 2);
  bytes.writeUInt16BE(fullMode(entry), 4);
  const owner = 0;
  words(owner, entry.group, MODIFIED_AT, content?.length ?? 0).copy(bytes, 6);
  bytes.writeUInt8(1, 22);
  if (content !== undefined) bytes.writeUInt32BE(cksum(content), 23);
  return bytes;
}

class BlockStore {
  readonly #blocks: Buffer[] = [];
  readonly #variables: Buffer[] = [];

  /** Its number. The bytes may still change, not their length. */
  add(block: Buffer): number {
    return this.#blocks.push(block);
  }

  addVariable(name: string, block: Buffer): number {
    const number = this.add(block);
    this.#variables.push(Buffer.concat([words(number), Buffer.from([name.length]), Buffer.from(name)]));
    return number;
  }

  addTree(name: string | undefined, leaf: Buffer, count: number): void {
    const leafNumber = this.#blocks.length + 2;
    const fields = words(VERSION, leafNumber, leaf.length, count);
    const tree = Buffer.concat([Buffer.from('tree'), fields, Buffer.alloc(1)]);
    if (name === undefined) this.add(tree);
    else this.addVariable(name, tree);
    this.add(leaf);
  }

  bytes(): Buffer {
    const blocks = Buffer.concat(this.#blocks);
    const variables = Buffer.concat([words(this.#variables.length), ...this.#variables]);
    const table = this.#table();
    const variablesOffset = HEADER_SIZE + blocks.length;
    const tableOffset = variablesOffset + variables.length;
    const header = Buffer.alloc(HEADER_SIZE);
    header.write('BOMStore', 'latin1');
    words(VERSION, this.#blocks.length, tableOffset, table.length, variablesOffset, variables.length).copy(header, 8);
    return Buffer.concat([header, blocks, variables, table]);
  }

  #table(): Buffer {
    let offset = HEADER_SIZE;
    const rows = this.#blocks.map((block) => {
      const row = words(offset, block.length);
      offset += block.length;
      return row;
    });
    const nullBlock = words(0, 0);
    return Buffer.concat([words(rows.length + 1), nullBlock, ...rows, FREE_LIST]);
  }
}

function emptyLeaf(size: number): Buffer {
  const leaf = Buffer.alloc(size);
  writeLeaf(leaf, []);
  return leaf;
}

/** A mark that it is a leaf, how many pairs it has, its neighbors (none), the pairs. */
function writeLeaf(leaf: Buffer, pairs: readonly (readonly [number, number])[]): void {
  leaf.writeUInt16BE(1, 0);
  leaf.writeUInt16BE(pairs.length, 2);
  words(...pairs.flat()).copy(leaf, 12);
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4);
  return bytes;
}
