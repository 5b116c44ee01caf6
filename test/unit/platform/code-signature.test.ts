import { describe, expect, it } from 'vitest';
import { signAdHoc } from '../../../installers/macos/sign.ts';
import { codeHash, isSameCode } from '../../../src/platform/code-signature.ts';
import { tinyMachO } from '../../platform/macos/tiny-mach-o.ts';

/** A copy with one bit changed. */
function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
  return copy;
}

describe.each(['x64', 'arm64'] as const)('a library for macOS (%s)', (processor) => {
  const unsigned = tinyMachO({ processor });
  const built = signAdHoc(unsigned, 'its.maker');
  const signed = signAdHoc(built, 'an.organization.with.a.longer.name');

  it('is the same with another signature', () => {
    expect(signed.equals(built)).toBe(false);
    expect(isSameCode(signed, built, 'darwin')).toBe(true);
    expect(isSameCode(built, signed, 'darwin')).toBe(true);
    expect(codeHash(signed, 'darwin')).toBe(codeHash(built, 'darwin'));
  });

  it('is another one if anything but the signature differs', () => {
    // The processor, the number of load commands, the code, the data, and the table of strings.
    for (const at of [4, 16, 0x800, unsigned.length - 5100, unsigned.length - 1]) {
      expect(isSameCode(flipped(signed, at), built, 'darwin'), `byte ${at}`).toBe(false);
      expect(codeHash(flipped(signed, at), 'darwin'), `byte ${at}`).not.toBe(codeHash(built, 'darwin'));
    }
    expect(isSameCode(Buffer.concat([signed, Buffer.from('more')]), built, 'darwin')).toBe(false);
    expect(isSameCode(signed.subarray(0, 100), built, 'darwin')).toBe(false);
  });

  it('is compared byte by byte without a signature, and on another system', () => {
    expect(isSameCode(unsigned, built, 'darwin')).toBe(false);
    expect(isSameCode(signed, built, 'linux')).toBe(false);
    expect(isSameCode(Buffer.from(built), built, 'linux')).toBe(true);
  });
});

describe('a library for Windows', () => {
  const HEADER = 0x80;
  const OPTIONAL = HEADER + 24;
  const CHECKSUM = OPTIONAL + 64;
  const CERTIFICATES = OPTIONAL + 144;
  const CODE = 0x400;
  const built = tinyPortableExecutable();

  /**
   * With a certificate table at its end, as osslsigncode writes one. test/platform/windows/sign.test.ts has a real one.
   */
  function signed(file = built, certificate = Buffer.alloc(64, 'certificate')): Buffer {
    const padded = Buffer.concat([file, Buffer.alloc((8 - (file.length % 8)) % 8)]);
    const bytes = Buffer.concat([padded, certificate]);
    bytes.writeUInt32LE(0x1234, CHECKSUM);
    bytes.writeUInt32LE(padded.length, CERTIFICATES);
    bytes.writeUInt32LE(certificate.length, CERTIFICATES + 4);
    return bytes;
  }

  function tinyPortableExecutable(): Buffer {
    const bytes = Buffer.alloc(CODE + 0x203, 'code');
    bytes.fill(0, 0, CODE);
    bytes.write('MZ');
    bytes.writeUInt32LE(HEADER, 0x3c);
    bytes.write('PE\0\0', HEADER);
    bytes.writeUInt16LE(1, HEADER + 6);
    bytes.writeUInt16LE(240, HEADER + 20);
    bytes.writeUInt16LE(0x20b, OPTIONAL);
    const section = OPTIONAL + 240;
    bytes.writeUInt32LE(0x203, section + 16);
    bytes.writeUInt32LE(CODE, section + 20);
    return bytes;
  }

  it('is the same with a signature, and with another one', () => {
    expect(isSameCode(signed(), built, 'win32')).toBe(true);
    expect(isSameCode(signed(built, Buffer.alloc(8, 'other')), signed(), 'win32')).toBe(true);
    const hashes = [built, signed(), signed(built, Buffer.alloc(8, 'other'))].map((file) => codeHash(file, 'win32'));
    expect(new Set(hashes).size).toBe(1);
  });

  it('is another one if anything but the signature differs', () => {
    for (const at of [2, HEADER + 8, OPTIONAL + 16, CERTIFICATES + 8, CODE, built.length - 1]) {
      expect(isSameCode(flipped(signed(), at), built, 'win32'), `byte ${at}`).toBe(false);
      expect(codeHash(flipped(signed(), at), 'win32'), `byte ${at}`).not.toBe(codeHash(built, 'win32'));
    }
  });

  it('may have no code in what calls itself a certificate', () => {
    const hiding = signed();
    hiding.writeUInt32LE(CODE, CERTIFICATES);
    hiding.writeUInt32LE(hiding.length - CODE, CERTIFICATES + 4);
    const evil = Buffer.from(hiding).fill('evil', CODE);
    expect(isSameCode(hiding, evil, 'win32')).toBe(false);
    expect(codeHash(hiding, 'win32')).not.toBe(codeHash(evil, 'win32'));
    expect(isSameCode(Buffer.concat([signed(), Buffer.from('more')]), built, 'win32')).toBe(false);
  });

  it.each([0, 1, 0x3f, 0x90, 0x200])("isn't the same when cut after %s bytes", (length) => {
    expect(isSameCode(built.subarray(0, length), built, 'win32')).toBe(false);
    expect(codeHash(built.subarray(0, length), 'win32')).not.toBe(codeHash(built, 'win32'));
  });
});
