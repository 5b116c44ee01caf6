import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRegistryText, parseRegistryFile, writeRegistryFile } from '../../../src/formats/registry-file.ts';

const HEADER = 'Windows Registry Editor Version 5.00\r\n\r\n';

describe('parseRegistryFile', () => {
  it('reads every type that regedit.exe writes', () => {
    const text = `${HEADER}; comment\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\A [x]] ; more\r\n@="default"\r\n"s"="a\\\\b \\"c\\""\r\n"lines"="1\r\n2"\r\n"d"=dword:0000000A\r\n"e"=hex(2):25,00,\\\r\n  61,00,00,00\r\n"m"=hex(7):61,00,00,00,00,00\r\n"b"=hex:01,02\r\n"q"=hex(b):01,00,00,00,00,00,00,00\r\n"n"=hex(0):\r\n"h"=hex(1):e9,00,00,00\r\n"l"=hex(4):02,01,00,00\r\n`;
    expect(parseRegistryFile(text)).toMatchObject([
      {
        path: 'HKEY_LOCAL_MACHINE\\SOFTWARE\\A [x]',
        values: [
          { name: '', type: 'REG_SZ', data: 'default' },
          { name: 's', type: 'REG_SZ', data: 'a\\b "c"' },
          { name: 'lines', type: 'REG_SZ', data: '1\r\n2' },
          { name: 'd', type: 'REG_DWORD', data: 10 },
          { name: 'e', type: 'REG_EXPAND_SZ', data: '%a' },
          { name: 'm', type: 'REG_MULTI_SZ' },
          { name: 'b', type: 'REG_BINARY' },
          { name: 'q', type: 'REG_QWORD' },
          { name: 'n', type: 'REG_NONE' },
          { name: 'h', type: 'REG_SZ', data: 'é' },
          { name: 'l', type: 'REG_DWORD', data: 258 },
        ],
      },
    ]);
  });

  it.each([
    ['the last value of a name', '[HKLM\\A]\n"x"="1"\n"X"="2"\n', { 'HKLM\\A': { X: '2' } }],
    ['a deleted value', '[HKLM\\A]\n"x"="1"\n"y"="1"\n"y"=-\n', { 'HKLM\\A': { x: '1' } }],
    [
      'a key that goes on later',
      '[HKLM\\A]\n"x"="1"\n[HKLM\\B]\n[hklm\\a]\n"y"="2"\n',
      { 'HKLM\\A': { x: '1', y: '2' }, 'HKLM\\B': {} },
    ],
    ['a key deleted before it is set', '[-HKLM\\A]\n[HKLM\\A]\n"x"="1"\n', { 'HKLM\\A': { x: '1' } }],
    [
      'a key deleted afterwards, with all below it',
      '[HKLM\\A]\n"x"="1"\n[HKLM\\A\\B]\n"x"="1"\n[HKLM\\AB]\n[-HKLM\\a]\n',
      { 'HKLM\\AB': {} },
    ],
    ['values below a deleted key', '[-HKLM\\A]\n"x"="1"\n', {}],
  ])('ignores what an import ignores: %s', (_what, text, expected) => {
    const keys = parseRegistryFile(`${HEADER}${text}`);
    const found = keys.map(({ path, values }) => [
      path,
      Object.fromEntries(values.map(({ name, data }) => [name, data])),
    ]);
    expect(Object.fromEntries(found)).toEqual(expected);
  });

  it('reads REGEDIT4, and a header below comments and blank lines', () => {
    const [key] = parseRegistryFile('; Contoso\r\n \t\r\n\r\nREGEDIT4\r\n\r\n[HKLM\\A]\r\n"e"=hex(2):25,61,00\r\n');
    expect(key?.values).toEqual([{ name: 'e', type: 'REG_EXPAND_SZ', data: '%a' }]);
    expect(isRegistryText('x\r\nREGEDIT4\r\n')).toBe(false);
  });

  it('reports the line of each value', () => {
    const [key] = parseRegistryFile(
      `${HEADER}[HKLM\\A]\n"x"="1"\n\n; more\n"Y"="a\nb"\n"z"=hex:00,\\\n  01\n"q"="1"\n`,
    );
    expect(Object.fromEntries(key?.lines ?? [])).toEqual({ x: 4, y: 7, z: 9, q: 11 });
  });

  it.each([
    ['no key', '"a"="b"\r\n', 3],
    ['an open quotation mark', '[HKLM\\A]\r\n"a"="b\r\n', 4],
    ['no value', '[HKLM\\A]\r\n"a"=\r\n', 4],
    ['an unknown type', '[HKLM\\A]\r\n"a"=qword:1\r\n', 4],
    ['plain text', '[HKLM\\A]\r\nhello\r\n', 4],
  ])('refuses %s and names the line', (_what, text, line) => {
    expect(() => parseRegistryFile(`${HEADER}${text}`)).toThrow(`line ${line}`);
  });

  it('reads back what it has written', () => {
    const name = fc.stringMatching(/^[a-z"\\ [\]=;]{1,20}$/);
    const text = fc.string({ unit: 'grapheme', maxLength: 50 }).filter((value) => !/[\r\n\0\ufeff]/.test(value));
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(name, text), { selector: ([key]) => key.toLowerCase() }), (pairs) => {
        const bytes = writeRegistryFile('HKEY_LOCAL_MACHINE\\SOFTWARE\\X', Object.fromEntries(pairs));
        const [key] = parseRegistryFile(new TextDecoder('utf-16le').decode(bytes));
        expect(key?.values.map((value) => [value.name, value.data])).toEqual(Object.entries(Object.fromEntries(pairs)));
      }),
    );
  });

  it('ends for a long run of spaces and quotes, instead of running into the time limit of the test', () => {
    expect(() => parseRegistryFile(`${HEADER}[HKLM\\A]\n"a"="${' '.repeat(400_000)}`)).toThrow();
    expect(() => parseRegistryFile(`${HEADER}[HKLM\\A]\n"a"=hex:${'01,'.repeat(200_000)}zz`)).toThrow();
    parseRegistryFile(`${HEADER}[HKLM\\A]\n${'"a"="b"\n'.repeat(100_000)}`);
    expect(isRegistryText(`${'\n'.repeat(500_000)}x`)).toBe(false);
  });
});
