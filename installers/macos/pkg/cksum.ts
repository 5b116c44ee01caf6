const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit += 1) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc;
});

/** What cksum(1) prints (POSIX.1-2017, cksum): a CRC-32 of the content and then of its length, high bit first. */
export function cksum(content: Buffer): number {
  let crc = 0;
  for (const byte of content) crc = next(crc, byte);
  for (let length = content.length; length > 0; length = Math.floor(length / 256)) crc = next(crc, length & 0xff);
  return ~crc >>> 0;
}

function next(crc: number, byte: number): number {
  return (crc << 8) ^ (TABLE[(crc >>> 24) ^ byte] ?? 0);
}
