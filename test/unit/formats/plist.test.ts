import { build, buildBinary } from 'plist';
import { describe, expect, it } from 'vitest';
import { parsePlist, parsePlistDictionaries } from '../../../src/formats/plist.ts';
import { completeFragment } from '../../../src/formats/plist-fragment.ts';

const pair = '<key>a</key>\n<string>b</string>\n';

describe('completeFragment', () => {
  it.each([
    ['keys and values alone', pair, [{ a: 'b' }]],
    ['one dictionary', `<dict>${pair}</dict>`, [{ a: 'b' }]],
    ['an empty dictionary', '<dict/>', [{}]],
    ['several dictionaries', `<dict>${pair}</dict>\n<dict/>`, [{ a: 'b' }, {}]],
    ['a fragment after blank lines and comments', `\n <!-- x -->\n<!-- <dict> -->${pair}`, [{ a: 'b' }]],
  ])('completes %s', (_what, text, expected) => {
    expect(parsePlistDictionaries(completeFragment(text) ?? '')).toEqual(expected);
  });

  it.each(['<plist><dict/></plist>', '<?xml version="1.0"?><dict/>', '<keys/>', '{}', '', '<!-- <key> '])(
    'leaves %j alone',
    (text) => {
      expect(completeFragment(text)).toBeUndefined();
    },
  );

  it('takes linear time for many comments', () => {
    expect(completeFragment('<!---->'.repeat(20_000))).toBeUndefined();
  });
});

describe('parsePlistDictionaries', () => {
  it.each([
    ['XML', build({ a: true })],
    ['binary', Buffer.from(buildBinary({ a: true }))],
  ])('reads a dictionary as %s', (_form, content) => {
    expect(parsePlistDictionaries(content)).toEqual([{ a: true }]);
    expect(parsePlist(content)).toEqual({ a: true });
  });

  it.each([
    ['a list of texts', build(['a']), 'a property list with a dictionary'],
    ['an empty list', build([]), 'a property list with a dictionary'],
    ['other XML', '<policyDefinitions/>', 'is XML, but not a property list'],
    ["XML that isn't closed", '<plist>\n<dict>', "isn't well-formed XML"],
  ])('refuses %s', (_what, content, reason) => {
    expect(() => parsePlistDictionaries(content)).toThrow(reason);
  });
});
