import { describe, expect, it } from 'vitest';
import { proseFiles } from '../../../scripts/prose/check-prose.ts';
import type { Fragment } from '../../../scripts/prose/fragment.ts';
import { lintFragments, lintMarkdown } from '../../../scripts/prose/lint.ts';
import { scriptProse } from '../../../scripts/prose/script-prose.ts';
import { typescriptProse } from '../../../scripts/prose/typescript-prose.ts';
import { readWords } from '../../../scripts/prose/words.ts';

const words = readWords();

const described = ({ audience, line, lines }: Fragment): string => `${line} ${audience}: ${lines.join('|')}`;

describe('the rules for words', () => {
  it.each(words)('$avoid', async (word) => {
    for (const text of word.bad) expect(await lintMarkdown(text, [word]), text).not.toEqual([]);
    for (const text of word.good) expect(await lintMarkdown(text, words), text).toEqual([]);
  });
});

describe('Markdown', () => {
  it('is checked in paragraphs, headings, lists, tables, and link texts, with its line', async () => {
    const bad = 'it cannot run';
    const text = `# ${bad}\n\n${bad}\n\n- x\n- ${bad}\n\n| a |\n|---|\n| ${bad} |\n\nSee [${bad}](x.md).`;
    const faults = await lintMarkdown(text, words);
    expect(faults.map(({ line }) => line)).toEqual([1, 3, 6, 10, 12]);
    expect(faults[0]?.message).toBe('"cannot": use can\'t');
  });

  it('is checked across the end of a line', async () => {
    expect(await lintMarkdown('The agent\ndoes\nnot run.', words)).toEqual([
      { line: 2, message: '"does not": use a contraction' },
    ]);
  });

  it('may contain anything in code, HTML, and addresses', async () => {
    const text = 'See `cannot` in [x](cannot "cannot").\n\n```text\ncannot\n```\n\n<p title="cannot">';
    expect(await lintMarkdown(text, words)).toEqual([]);
  });
});

describe('TypeScript', () => {
  const code = [
    '// First line,',
    '// second line. // not an end',
    "const url = 'http://host.example/x y';",
    'const pattern = /\\/\\/ no comment/;',
    '/**',
    ' * What it does.',
    ' */',
    'run(`one message $' + '{place /* inside */} of two`); // after it',
    "it('has a name', () => it.each([1])(\"isn't data\", check('some data')));",
  ].join('\n');

  it('has comments and strings with words', () => {
    expect(typescriptProse(code, false).map(described)).toEqual([
      '8 messages: one message … of two',
      '9 messages: has a name',
      "9 messages: isn't data",
      '9 messages: some data',
      '1 comments: First line,|second line. // not an end',
      '5 comments: |What it does.|',
      '8 comments: after it',
    ]);
  });

  it('of tests has comments and the names of tests', () => {
    expect(typescriptProse(code, true).map(described)).toEqual([
      '9 tests: has a name',
      "9 tests: isn't data",
      '1 tests: First line,|second line. // not an end',
      '5 tests: |What it does.|',
      '8 tests: after it',
    ]);
  });

  it('may contain a script, which has comments and strings, too', () => {
    const script = "'use strict';\nif (a) b();\n// It waits.\nelse say('one two');";
    expect(typescriptProse(`\nexport const script = \`${script}\`;`, false).map(described)).toEqual([
      '2 messages: use strict',
      '5 messages: one two',
      '4 comments: It waits.',
    ]);
  });

  it('is checked with the line of the fault', async () => {
    const text = "// One.\n// It cannot\n// run.\nfail('it cannot run');";
    expect(await lintFragments(typescriptProse(text, false), words)).toEqual([
      { line: 2, message: '"cannot": use can\'t' },
      { line: 4, message: '"cannot": use can\'t' },
    ]);
  });
});

describe('scripts', () => {
  it('have comments and strings with words', () => {
    const text = '#!/bin/sh\n# It runs.\necho "one \\"two\\" three" \'four five\' six "$seven"';
    expect(scriptProse(text).map(described)).toEqual([
      '2 comments: It runs.',
      '3 messages: one "two" three',
      '3 messages: four five',
    ]);
  });
});

it('finds the files of the docs, the program, its scripts, and its tests', () => {
  const some = [
    'deploy/README.md',
    'src/main.ts',
    'scripts/check.ts',
    'installers/linux/deb/postinst',
    'deploy/jamf/extension-attribute.sh',
  ];
  expect(proseFiles()).toEqual(expect.arrayContaining([...some, 'test/unit/scripts/prose.test.ts']));
});
