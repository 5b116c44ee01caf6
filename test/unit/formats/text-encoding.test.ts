import { describe, expect, it } from 'vitest';
import { decodeText, type TextEncoding } from '../../../src/formats/text-encoding.ts';

const TEXT = '{\r\n "organizationName": "Müller 東京 🚀"\r\n}';

const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();
const encoders: Readonly<Record<TextEncoding, (text: string) => Buffer>> = {
  'UTF-8': (text) => Buffer.from(text),
  'UTF-16LE': (text) => Buffer.from(text, 'utf16le'),
  'UTF-16BE': utf16be,
};

describe('decodeText', () => {
  it.each(Object.keys(encoders) as TextEncoding[])('reads %s with and without a byte order mark', (encoding) => {
    const encode = encoders[encoding];
    expect(decodeText(encode(TEXT))).toEqual({ text: TEXT, encoding, hasByteOrderMark: false });
    expect(decodeText(encode(`\ufeff${TEXT}`))).toEqual({ text: TEXT, encoding, hasByteOrderMark: true });
  });

  it.each([
    ['an empty file', Buffer.alloc(0), 'UTF-8', ''],
    ['one character', Buffer.from('{'), 'UTF-8', '{'],
    ['ASCII', Buffer.from('{}'), 'UTF-8', '{}'],
    ['an empty file with a mark', Buffer.from([0xff, 0xfe]), 'UTF-16LE', ''],
  ])('reads %s', (_what, bytes, encoding, text) => {
    expect(decodeText(bytes)).toMatchObject({ encoding, text });
  });

  it.each([
    ['an older code page', Buffer.from('{"a":"é"}', 'latin1')],
    ['half of a UTF-8 character', Buffer.from([0x7b, 0xc3])],
    ['an odd number of bytes as UTF-16', Buffer.from([0xfe, 0xff, 0x00])],
    ['half of a surrogate pair', utf16be('\ufeff{\ud83d')],
    ['an image', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])],
  ])('refuses %s', (_what, bytes) => {
    expect(decodeText(bytes)).toBeUndefined();
  });
});
