import { describe, expect, it } from 'vitest';
import { jsonText, printable, printableLayout } from '../../../src/core/printable.ts';

const UNSAFE: readonly (readonly [string, string, string])[] = [
  ['a line break', '\n', '\\u{a}'],
  ['a carriage return', '\r', '\\u{d}'],
  ['a tab', '\t', '\\u{9}'],
  ['NUL', '\0', '\\u{0}'],
  ['an escape character', '\u001b', '\\u{1b}'],
  ['DEL', '\u007f', '\\u{7f}'],
  ['a C1 control, which begins a sequence too', '\u009b', '\\u{9b}'],
  ['a line separator', '\u2028', '\\u{2028}'],
  ['a paragraph separator', '\u2029', '\\u{2029}'],
  ['an embedding', '\u202a', '\\u{202a}'],
  ['an override of the direction', '\u202e', '\\u{202e}'],
  ['an isolate', '\u2066', '\\u{2066}'],
  ['the end of an isolate', '\u2069', '\\u{2069}'],
  ['a left-to-right mark', '\u200e', '\\u{200e}'],
  ['an Arabic letter mark', '\u061c', '\\u{61c}'],
  ['a zero width space', '\u200b', '\\u{200b}'],
  ['a zero width non-joiner between Latin letters', '\u200c', '\\u{200c}'],
  ['a zero width joiner between Latin letters', '\u200d', '\\u{200d}'],
  ['a word joiner', '\u2060', '\\u{2060}'],
  ['a soft hyphen', '\u00ad', '\\u{ad}'],
  ['a byte order mark', '\ufeff', '\\u{feff}'],
  ['an interlinear annotation', '\ufff9', '\\u{fff9}'],
  ['a Hangul filler', '\u3164', '\\u{3164}'],
  ['half a surrogate pair', '\ud83d', '\\u{d83d}'],
  ['the other half', '\udc00', '\\u{dc00}'],
  ['a tag', '\u{e0041}', '\\u{e0041}'],
  ['a selector of nothing', '\u{e0100}', '\\u{e0100}'],
  ['a noncharacter', '\uffff', '\\u{ffff}'],
];

describe("other people's text", () => {
  it.each(UNSAFE)('shows %s by its number', (_, character, shown) => {
    expect(printable(`a${character}b`)).toBe(`a${shown}b`);
  });

  it.each([
    'ada@contoso.com',
    'Zoë Müller-Łukaszewicz',
    '李小龍 さくら 김철수',
    'עדה لوفلايس',
    // Persian and Sinhala are spelled with joiners.
    'می‌خواهم',
    'ශ්‍රී',
    'क्‍ष',
    '👩🏽‍💻 ❤️ 🏳️‍🌈',
    '葛\u{e0100}城',
    'C:\\Users\\ada\\$&`"\'',
  ])('leaves %s as it is', (text) => {
    expect(printable(text)).toBe(text);
  });

  it('is cut if it is too long, but in no character', () => {
    expect(printable('abcdef', 6)).toBe('abcdef');
    expect(printable('abcdefg', 6)).toBe('abcdef...');
    expect(printable('abcde😀', 6)).toBe('abcde...');
    expect(printable('\n'.repeat(100), 6)).toBe('\\u{a}\\...');
    const once = printable('x\u001b'.repeat(400), 500);
    expect(printable(once, 500)).toBe(once);
  });
});

describe('a layout', () => {
  it('keeps line breaks, tabs, colors, and a cleared line, and nothing else', () => {
    const layout = '\r\u001b[2K\u001b[1m\u001b[36mA\u001b[39m\tb\r\nc\n';
    expect(printableLayout(layout)).toBe(layout);
    expect(printableLayout('a\u001b[2Jb\u001b]0;title\u0007c\rd\u202e')).toBe(
      'a\\u{1b}[2Jb\\u{1b}]0;title\\u{7}c\\u{d}d\\u{202e}',
    );
  });
});

describe('JSON', () => {
  it.each(UNSAFE)('escapes %s and stays the same', (_, character) => {
    const value = { [`k${character}`]: [`a${character}b`] };
    for (const text of [jsonText(value), jsonText(value, 2)]) {
      expect(JSON.parse(text)).toEqual(value);
      expect(printableLayout(text)).toBe(text);
    }
    expect(jsonText(value)).toBe(printable(jsonText(value)));
  });
});
