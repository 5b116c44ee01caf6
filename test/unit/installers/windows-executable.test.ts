import { NtExecutable } from 'resedit';
import { describe, expect, it } from 'vitest';
import { withoutConsole } from '../../../installers/windows/executable.ts';

const CONSOLE = 3;
const WINDOWS = 2;

describe('a program without its console', () => {
  it('has another subsystem and another checksum, and nothing else', () => {
    const original = program(CONSOLE);
    const twin = withoutConsole(original);
    const at = optionalHeader(original);
    expect(twin.readUInt16LE(at + 68)).toBe(WINDOWS);
    const restored = Buffer.from(twin);
    restored.writeUInt16LE(CONSOLE, at + 68);
    original.copy(restored, at + 64, at + 64, at + 68);
    expect(restored.equals(original)).toBe(true);
  });

  it('has the checksum of its own bytes, as the original has', () => {
    const original = program(CONSOLE);
    const twin = withoutConsole(original);
    for (const file of [original, twin]) expect(file.readUInt32LE(optionalHeader(file) + 64)).toBe(checksum(file));
    expect(checksum(twin)).not.toBe(checksum(original));
  });

  it('is made from a 64-bit console program only', () => {
    expect(() => withoutConsole(program(WINDOWS))).toThrow('not a 64-bit console program');
    expect(() => withoutConsole(program(CONSOLE, true))).toThrow('not a 64-bit console program');
    expect(() => withoutConsole(Buffer.from('\x7fELF'))).toThrow();
  });
});

function program(subsystem: number, is32Bit = false): Buffer {
  const file = NtExecutable.createEmpty(is32Bit, false);
  file.newHeader.optionalHeader.subsystem = subsystem;
  // The library replaces a checksum, but adds none.
  file.newHeader.optionalHeader.checkSum = 1;
  return Buffer.from(file.generate());
}

function optionalHeader(file: Buffer): number {
  return file.readUInt32LE(0x3c) + 24;
}

/**
 * Microsoft adds up 16-bit words and adds each carry at the lower end, which is arithmetic modulo 65535, then adds the
 * file's length. The field itself counts as 0.
 */
function checksum(file: Buffer): number {
  const copy = Buffer.from(file);
  copy.writeUInt32LE(0, optionalHeader(file) + 64);
  const number = BigInt(`0x${copy.reverse().toString('hex')}`);
  return Number(number % 65_535n) + file.length;
}
