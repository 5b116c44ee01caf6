import { createRequire } from 'node:module';
import { TextlintKernel, type TextlintPluginCreator } from '@textlint/kernel';
import { AUDIENCES, type Audience, type Fragment } from './fragment.ts';
import { proseRule } from './rule.ts';
import type { Word } from './words.ts';

export interface Fault {
  readonly line: number;
  readonly message: string;
}

const kernel = new TextlintKernel();

// A CommonJS module whose default export Node and Vitest import differently.
const { default: markdown } = createRequire(import.meta.url)('@textlint/textlint-plugin-markdown') as {
  default: TextlintPluginCreator;
};

/** The faults of a text in Markdown. Code, HTML, and addresses of links aren't read. */
export async function lintMarkdown(text: string, words: readonly Word[]): Promise<Fault[]> {
  const { messages } = await kernel.lintText(text, {
    ext: '.md',
    plugins: [{ pluginId: 'markdown', plugin: markdown }],
    rules: [{ ruleId: 'words', rule: proseRule(words) }],
  });
  return messages.map(({ loc, message }) => ({ line: loc.start.line, message }));
}

/** The faults of the fragments of a file, in the order of their lines. */
export async function lintFragments(fragments: readonly Fragment[], words: readonly Word[]): Promise<Fault[]> {
  const faults = AUDIENCES.map((audience) => {
    const some = fragments.filter((fragment) => fragment.audience === audience);
    return some.length === 0 ? [] : lintSome(some, wordsFor(audience, words));
  });
  return (await Promise.all(faults)).flat().sort((a, b) => a.line - b.line);
}

export function wordsFor(audience: Audience, words: readonly Word[]): Word[] {
  return words.filter((word) => word.in.includes(audience));
}

/** Reads the fragments as the paragraphs of one text, since textlint takes longer to start than to read. */
async function lintSome(fragments: readonly Fragment[], words: readonly Word[]): Promise<Fault[]> {
  const lines = fragments.flatMap(({ line, lines }) => [
    ...lines.map((text, index) => ({ text: text.trim(), line: line + index })),
    { text: '', line },
  ]);
  const faults = await lintMarkdown(lines.map(({ text }) => text).join('\n'), words);
  return faults.map(({ line, message }) => ({ line: lines[line - 1]?.line ?? line, message }));
}
