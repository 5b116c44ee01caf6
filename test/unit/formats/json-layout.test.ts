import { describe, expect, it } from 'vitest';
import { blankComments, jsonKeyPlaces } from '../../../src/formats/json-layout.ts';

describe('jsonKeyPlaces', () => {
  it('has each key with its line, and leaves out what arrays hold', () => {
    const text = '{\n  "a": { "b": [\n {"c": 1}],\r\n  "d": "e: {" },\n\n  "f\\"": "x"\n}';
    expect(jsonKeyPlaces(text)).toEqual([
      { path: 'a', line: 2 },
      { path: 'a.b', line: 2 },
      { path: 'a.d', line: 4 },
      { path: 'f"', line: 6 },
    ]);
  });

  it('names a key as often as it occurs', () => {
    expect(jsonKeyPlaces('{"a":1,\n"a":2}')).toEqual([
      { path: 'a', line: 1 },
      { path: 'a', line: 2 },
    ]);
  });

  it.each([
    ['objects without end', '{"a":'.repeat(100_000)],
    ['lists without end', '['.repeat(500_000)],
    ['text without end', '"'.repeat(500_000)],
    ['closing brackets', '}'.repeat(500_000)],
  ])('ends, without using up the stack, for %s', (_what, text) => {
    // Time that grows with the square of the length would run into the test's own limit.
    expect(() => jsonKeyPlaces(text)).not.toThrow();
  });
});

describe('blankComments', () => {
  it('leaves everything else where it was', () => {
    const text = '// a\n{ "b": "//c", /* d\n e */ "f": 1 } // g\n';
    const blank = blankComments(text);
    expect(blank).toHaveLength(text.length);
    expect(blank.split('\n')).toHaveLength(text.split('\n').length);
    expect(JSON.parse(blank)).toEqual({ b: '//c', f: 1 });
    expect(blank.indexOf('"f"')).toBe(text.indexOf('"f"'));
  });

  it('leaves a text without comments unchanged', () => {
    const text = '{"a": "/* b */ // c"}';
    expect(blankComments(text)).toBe(text);
  });
});
