import { describe, expect, it } from 'vitest';
import { readKdeGroup } from '../../../../src/platform/system-proxy/kde-config.ts';

/** The values of group A; lines are separated by `|`. Compared with kreadconfig5 of KConfig 5.103. */
const read = (...files: string[]) => {
  const entries = readKdeGroup(
    'A',
    files.map((file) => file.replaceAll('|', '\n')),
  );
  return Object.fromEntries([...entries].map(([key, { value }]) => [key, value]));
};

describe("a group of KDE's files", () => {
  it.each([
    ['a key with blanks', '[A]| k k  =  v v  ', { 'k k': 'v v' }],
    ['the last of two', '[A]|k=1|k=2', { k: '2' }],
    ['the group in two parts', '[A]|k=1|[B]|k=2|[A]|l=3', { k: '1', l: '3' }],
    ['no group below it', '[A]|k=1|[A][B]|k=2', { k: '1' }],
    ['values with = and [', '[A]|k=a=b|l=[x]', { k: 'a=b', l: '[x]' }],
    ['no line without =', '[A]|k|l[$i]', {}],
    ['no comment', '[A]|#k=1|# [B]|l=1', { l: '1' }],
    [
      'escapes',
      String.raw`[A]|a=\sx\s|b=\t\n\\\x41|c=\,\;|d=\q|e=end\ `.trim(),
      { a: ' x ', b: '\t\n\\A', c: '\\,\\;', d: '\\', e: 'end' },
    ],
    ['Windows line ends', '[A]\r|k=1\r', { k: '1' }],
    ['no deleted key', '[A]|k=1|k[$d]', {}],
    ['no translation', '[A]|k[de]=1|l[de][$i]=1', {}],
  ])('has %s', (_, file, values) => {
    expect(read(file)).toEqual(values);
  });

  it.each([
    ['is changed and added to by a later file', '[A]|k=1', '[A]|k=2|l=3', { k: '2', l: '3' }],
    ['keeps a marked key', '[A]|k[$i]=1', '[A]|k=2|l=3', { k: '1', l: '3' }],
    ['keeps a marked key that is deleted later', '[A]|k[$i]=1|k[$d]', '[A]|k[$d]', { k: '1' }],
    ['keeps a marked deletion', '[A]|k[$id]', '[A]|k=2', {}],
    ['keeps no deletion whose mark comes too late', '[A]|k[$di]', '[A]|k=2', { k: '2' }],
    ['is kept as a whole', '[A][$i]|k=1', '[A]|k=2|l=3', { k: '1' }],
    ['is kept with the whole file', '[$i]|[A]|k=1', '[A]|k=2|l=3', { k: '1' }],
    ['is not kept with another group', '[B][$i]|k=1|[A]|k=1', '[A]|k=2', { k: '2' }],
  ])('%s', (_, first, second, values) => {
    expect(read(first, second)).toEqual(values);
  });
});
