import { describe, expect, it } from 'vitest';
import { parseGVariant } from '../../../../src/platform/system-proxy/gvariant-text.ts';

describe('a value that gsettings prints', () => {
  it.each([
    ["''", ''],
    ["'proxy.contoso.com'", 'proxy.contoso.com'],
    [`"it's"`, "it's"],
    [String.raw`'a\'b\\c\nd\u00e9'`, "a'b\\c\nd\u00e9"],
    [String.raw`'\U0001f600\ud800\x'`, '\u{1f600}\ufffdx'],
    ['8080', 8080],
    ['-1', -1],
    ['true', true],
    ['false', false],
    ['@as []', []],
    ["['localhost', '127.0.0.0/8', '::1']", ['localhost', '127.0.0.0/8', '::1']],
    [`["a, ]b", 'c']`, ['a, ]b', 'c']],
    [" [ [1], ['x'] ] ", [[1], ['x']]],
  ])('is read: %s', (text, value) => {
    expect(parseGVariant(text)).toEqual(value);
  });

  it.each(['', "'open", '[1', '[1 2]', "['a',]", '1 2', 'none', "('a', 1)", '{}', '1e5', '@as', "'a' 'b'"])(
    'is refused: %s',
    (text) => {
      expect(parseGVariant(text)).toBeUndefined();
    },
  );
});
