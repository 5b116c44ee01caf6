// Reads a bill of materials as strictly as macOS does, and more: it has no part that nothing refers to, and no gaps.
// What macOS' own reader trips over: no free list, pairs out of order, a wrong number of blocks.

interface Block {
  readonly offset: number;
  readonly bytes: Buffer;
}

interface Path {
  readonly number: number;
  readonly folder: number;
  readonly name: string;
  readonly details: Buffer;
}

/** Like `lsbom -p fMUGsc`: path, mode in octal, owner, group, and a file's size and checksum. */
export interface BomPath {
  readonly path: string;
  readonly mode: string;
  readonly owner: number;
  readonly group: number;
  readonly size?: number;
  readonly checksum?: number;
}

/** @throws Error for anything that isn't exactly as it should be */
export function readBom(bytes: Buffer): BomPath[] {
  const reader = new BomReader(bytes);
  const paths = reader.paths();
  reader.expectNothingLeft();
  const byNumber = new Map(paths.map((path) => [path.number, path]));
  expect(byNumber.size === paths.length, 'numbers of paths are unique');
  expect(
    [...byNumber.keys()].every((number) => number >= 1 && number <= paths.length),
    'paths are numbered from 1',
  );
  const fullPath = ({ folder, name }: Path): string => {
    const parent = byNumber.get(folder);
    if (folder === 0) return name;
    if (parent === undefined) throw new Error(`${name} is in folder ${folder}, which is not there`);
    expect(parent.details.readUInt8(0) === 2, `the parent of ${name} is a folder`);
    return `${fullPath(parent)}/${name}`;
  };
  return paths.map((path) => ({ path: fullPath(path), ...readDetails(path.details) }));
}

class BomReader {
  readonly #blocks: Block[];
  readonly #variables: Map<string, number>;
  readonly #read = new Set<number>([0]);

  constructor(bytes: Buffer) {
    expect(bytes.toString('latin1', 0, 8) === 'BOMStore', 'the file begins with BOMStore');
    const [version, count, tableAt = 0, tableSize = 0, variablesAt = 0, variablesSize = 0] = words(
      bytes.subarray(8, 32),
    );
    expect(version === 1, 'the version is 1');
    expect(
      bytes.subarray(32, 512).every((byte) => byte === 0),
      'the rest of the header is empty',
    );
    this.#blocks = readTable(bytes, bytes.subarray(tableAt, tableAt + tableSize));
    expect(this.#blocks.length === (count ?? 0) + 1, 'the header counts all blocks but the null block');
    this.#variables = readVariables(bytes.subarray(variablesAt, variablesAt + variablesSize));
    const ranges = [...this.#blocks.slice(1).map(({ offset, bytes: { length } }) => [offset, length] as const)];
    ranges.push([variablesAt, variablesSize], [tableAt, tableSize]);
    let end = 512;
    for (const [offset, size] of ranges.toSorted(([one], [other]) => one - other)) {
      expect(offset === end, `nothing lies between ${end} and ${offset}, and nothing overlaps`);
      end += size;
    }
    expect(end === bytes.length, 'nothing follows');
  }

  paths(): Path[] {
    expect([...this.#variables.keys()].join() === 'BomInfo,Paths,HLIndex,VIndex,Size64', 'it has the five variables');
    const pairs = this.#tree(this.#variable('Paths'), 4096);
    for (const name of ['HLIndex', 'Size64']) expect(this.#tree(this.#variable(name), 4096).length === 0, `no ${name}`);
    const index = this.#variable('VIndex');
    expect(index.length === 13 && index.readUInt32BE(0) === 1, 'VIndex has 13 bytes');
    expect(
      index.subarray(8).every((byte) => byte === 0),
      'VIndex is empty',
    );
    expect(this.#tree(this.#block(index.readUInt32BE(4)), 128).length === 0, 'the tree of VIndex is empty');
    const paths = pairs.map(([key, value]) => this.#path(this.#block(key), this.#block(value)));
    this.#checkInfo(paths);
    const order = (one: Path, other: Path): number =>
      one.folder - other.folder || Buffer.compare(Buffer.from(one.name), Buffer.from(other.name));
    expect(
      paths.every((path, at) => at === 0 || order(paths[at - 1] ?? path, path) < 0),
      'paths are in order',
    );
    return paths;
  }

  expectNothingLeft(): void {
    expect(this.#read.size === this.#blocks.length, 'every block is referred to');
  }

  #checkInfo(paths: readonly Path[]): void {
    const info = words(this.#variable('BomInfo'));
    const sizes = paths
      .filter(({ details }) => details.readUInt8(0) === 1)
      .map(({ details }) => details.readUInt32BE(18));
    const total = sizes.reduce((sum, size) => sum + size, 0);
    expect(info.join() === [1, paths.length + 1, 1, 0, 0, total, 0].join(), 'BomInfo has count and size of the paths');
  }

  #path(key: Buffer, value: Buffer): Path {
    expect(key.length === 8, 'the key of a path has two words');
    expect(value.indexOf(0, 4) === value.length - 1, 'a name ends with its only zero byte');
    return {
      number: key.readUInt32BE(0),
      details: this.#block(key.readUInt32BE(4)),
      folder: value.readUInt32BE(0),
      name: value.toString('utf8', 4, value.length - 1),
    };
  }

  #tree(tree: Buffer, leafSize: number): [number, number][] {
    expect(tree.length === 21 && tree.toString('latin1', 0, 4) === 'tree' && tree[20] === 0, 'a tree has its mark');
    const [version, leafNumber = 0, size, count = 0] = words(tree.subarray(4, 20));
    expect(version === 1 && size === leafSize, `a tree has version 1 and leaves of ${leafSize} bytes`);
    const leaf = this.#block(leafNumber);
    expect(leaf.length === leafSize, 'a leaf has the size that its tree names');
    expect(leaf.readUInt16BE(0) === 1 && leaf.readUInt16BE(2) === count, 'a leaf has as many pairs as its tree');
    expect(leaf.readUInt32BE(4) === 0 && leaf.readUInt32BE(8) === 0, 'the only leaf has no neighbors');
    expect(
      leaf.subarray(12 + count * 8).every((byte) => byte === 0),
      'a leaf is empty behind its pairs',
    );
    return Array.from({ length: count }, (_, at) => [leaf.readUInt32BE(12 + at * 8), leaf.readUInt32BE(16 + at * 8)]);
  }

  #variable(name: string): Buffer {
    return this.#block(this.#variables.get(name) ?? 0);
  }

  #block(number: number): Buffer {
    const block = this.#blocks[number];
    if (block === undefined || this.#read.has(number)) throw new Error(`block ${number} is absent or has two uses`);
    this.#read.add(number);
    return block.bytes;
  }
}

function readTable(bytes: Buffer, table: Buffer): Block[] {
  const count = table.readUInt32BE(0);
  expect(table.length === 4 + count * 8 + 4 + 16, 'a free list follows the blocks');
  expect(
    table.subarray(4 + count * 8).every((byte) => byte === 0),
    'the free list is empty',
  );
  return Array.from({ length: count }, (_, at) => {
    const [offset = 0, size = 0] = words(table.subarray(4 + at * 8, 12 + at * 8));
    expect(
      at === 0 ? offset === 0 && size === 0 : size > 0 && offset + size <= bytes.length,
      `block ${at} is in the file`,
    );
    return { offset, bytes: bytes.subarray(offset, offset + size) };
  });
}

function readVariables(bytes: Buffer): Map<string, number> {
  const variables = new Map<string, number>();
  let at = 4;
  for (let left = bytes.readUInt32BE(0); left > 0; left -= 1) {
    const length = bytes.readUInt8(at + 4);
    variables.set(bytes.toString('latin1', at + 5, at + 5 + length), bytes.readUInt32BE(at));
    at += 5 + length;
  }
  expect(at === bytes.length, 'nothing follows the variables');
  return variables;
}

function readDetails(details: Buffer): Omit<BomPath, 'path'> {
  const isFolder = details.readUInt8(0) === 2;
  expect(isFolder || details.readUInt8(0) === 1, 'a path is a file or a folder');
  expect(details.length === (isFolder ? 31 : 35), 'details have 31 bytes, or a file 35');
  expect(
    details.readUInt8(1) === 1 && details.readUInt16BE(2) === 15 && details.readUInt8(22) === 1,
    'details have marks',
  );
  expect(
    details.subarray(27).every((byte) => byte === 0),
    'a path is no link',
  );
  const mode = details.readUInt16BE(4);
  expect(mode >> 12 === (isFolder ? 4 : 8), 'the mode has the type of the path');
  const [owner = 0, group = 0] = words(details.subarray(6, 14));
  const [size = 0, checksum = 0] = [details.readUInt32BE(18), details.readUInt32BE(23)];
  expect(!isFolder || (size === 0 && checksum === 0), 'a folder has no content');
  return { mode: mode.toString(8), owner, group, ...(isFolder ? {} : { size, checksum }) };
}

function words(bytes: Buffer): number[] {
  return Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readUInt32BE(at * 4));
}

function expect(holds: boolean, what: string): void {
  if (!holds) throw new Error(`not so: ${what}`);
}
