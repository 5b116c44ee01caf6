// The smallest hive that libhivex accepts: a root key with a security descriptor and nothing else.
// https://github.com/msuhanov/regf/blob/master/Windows%20registry%20file%20format%20specification.md

const HEADER_BYTES = 4096;
const BIN_BYTES = 4096;
const NONE = 0xffffffff;

export function emptyHive(): Buffer {
  const hive = Buffer.alloc(HEADER_BYTES + BIN_BYTES);
  const bin = hive.subarray(HEADER_BYTES);
  bin.write('hbin', 0, 'latin1');
  bin.writeUInt32LE(BIN_BYTES, 8);
  const rootCell = 32;
  const securityCell = rootCell + 96;
  const freeCell = securityCell + 48;
  writeRootKey(bin, rootCell, securityCell);
  writeSecurity(bin, securityCell);
  bin.writeInt32LE(BIN_BYTES - freeCell, freeCell);

  hive.write('regf', 0, 'latin1');
  hive.writeUInt32LE(1, 4);
  hive.writeUInt32LE(1, 8);
  hive.writeUInt32LE(1, 20);
  hive.writeUInt32LE(3, 24);
  hive.writeUInt32LE(1, 32);
  hive.writeUInt32LE(rootCell, 36);
  hive.writeUInt32LE(BIN_BYTES, 40);
  hive.writeUInt32LE(1, 44);
  let checksum = 0;
  for (let offset = 0; offset < 508; offset += 4) checksum ^= hive.readUInt32LE(offset);
  hive.writeUInt32LE(checksum >>> 0, 508);
  return hive;
}

function writeRootKey(bin: Buffer, cell: number, securityCell: number): void {
  const name = 'ROOT';
  bin.writeInt32LE(-96, cell);
  const key = bin.subarray(cell + 4);
  key.write('nk', 0, 'latin1');
  // Root of a hive, not to be deleted, name in ASCII.
  key.writeUInt16LE(0x2c, 2);
  key.writeUInt32LE(NONE, 16);
  key.writeUInt32LE(NONE, 28);
  key.writeUInt32LE(NONE, 32);
  key.writeUInt32LE(NONE, 40);
  key.writeUInt32LE(securityCell, 44);
  key.writeUInt32LE(NONE, 48);
  key.writeUInt16LE(name.length, 72);
  key.write(name, 76, 'latin1');
}

function writeSecurity(bin: Buffer, cell: number): void {
  bin.writeInt32LE(-48, cell);
  const security = bin.subarray(cell + 4);
  security.write('sk', 0, 'latin1');
  security.writeUInt32LE(cell, 4);
  security.writeUInt32LE(cell, 8);
  security.writeUInt32LE(1, 12);
  // A self-relative descriptor without owner, group and lists.
  security.writeUInt32LE(20, 16);
  security[20] = 1;
  security.writeUInt16LE(0x8000, 22);
}
