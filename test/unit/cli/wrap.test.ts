import { describe, expect, it } from 'vitest';
import { columnsOf, textWidth, wrap } from '../../../src/cli/wrap.ts';

const GUID = '00000000-1111-4222-8333-444444444444';
const PATH = '/home/ada.lovelace/.config/foundry-credential-helper/config.json';

describe('textWidth', () => {
  it.each([
    ['abc', 3],
    ['\u001b[31mred\u001b[39m', 3],
    ['é', 1],
    ['e\u0301', 1],
    ['日本語', 6],
    ['한글', 4],
    ['ﾊﾝｶｸ', 4],
    ['Ａ', 2],
    ['🙂', 2],
    ['👩‍👩‍👧', 6],
    ['❤️', 2],
    ['a·b…', 4],
    ['नमस्ते', 4],
  ])('of %s', (text, width) => {
    expect(textWidth(text)).toBe(width);
  });
});

describe('wrap', () => {
  const texts = [
    `the tenant ${GUID} doesn't know the application ${GUID}; correct "tenantId" in ${PATH}`,
    '会社の プロキシが 応答しません。 別の 場所を 試して ください 🙂🙂🙂 👩‍👩‍👧',
    'word',
    '',
  ];
  const widths = Array.from({ length: 281 }, (_, index) => index + 20);

  it('keeps every word and every line within any width from 20 to 300 columns', () => {
    for (const text of texts) {
      for (const columns of widths) {
        for (const head of ['', '      ', 'FAIL  Deployment claude-sonnet-5        ', '      remedy: ']) {
          const lines = wrap(text, { head, columns, indentBelow: 6 });
          for (const line of lines) expect(textWidth(line), `${columns}: ${line}`).toBeLessThanOrEqual(columns);
          const isCut = text.split(' ').some((word) => textWidth(word) > columns);
          const words = (value: string) => value.split(/\s+/).filter(Boolean);
          if (!isCut) expect(words(lines.join('\n'))).toEqual(words(head + text));
          expect(lines.join('').replaceAll(/\s/g, '')).toBe((head + text).replaceAll(/\s/g, ''));
        }
      }
    }
  });

  it('puts a word that is too wide for the column below, not in pieces', () => {
    const head = 'FAIL  Configuration                 ';
    expect(wrap(`correct ${PATH}`, { head, columns: 80, indentBelow: 6 })).toEqual([
      'FAIL  Configuration',
      `      correct ${PATH}`,
    ]);
    expect(wrap(`correct ${PATH}`, { head, columns: 105, indentBelow: 6 })).toEqual([
      `${head}correct`,
      `${' '.repeat(36)}${PATH}`,
    ]);
  });

  it('breaks a word that is wider than the screen, between characters', () => {
    expect(wrap('日本語日本語', { columns: 5 })).toEqual(['日本', '語日', '本語']);
  });

  it('leaves one line without a terminal', () => {
    expect(wrap(texts[0] ?? '', { head: 'FAIL  ', columns: undefined })).toEqual([`FAIL  ${texts[0]}`]);
  });
});

it('takes the width from a terminal only', () => {
  expect(columnsOf({ isTTY: true, columns: 41 })).toBe(41);
  // A terminal that doesn't know it says 0.
  expect(columnsOf({ isTTY: true, columns: 0 })).toBe(80);
  expect(columnsOf({ isTTY: false, columns: 41 })).toBe(undefined);
});
