import type { CommandNode, OptionNode } from './command-tree.ts';

/** What may come next after the words of `path`, and after an option with a value. */
export interface Case {
  readonly path: string;
  readonly words: readonly Candidate[];
  readonly takesFiles: boolean;
  readonly values: readonly { readonly flag: string; readonly value: Exclude<OptionNode['value'], 'none'> }[];
}

export interface Candidate {
  readonly word: string;
  readonly description: string;
}

/** The tree as a flat list that every shell can look up in. */
export function casesOf(tree: readonly CommandNode[]): readonly Case[] {
  return tree.map(({ path, commands, choices, options, takesFiles }) => ({
    path: path.join(' '),
    words: [
      ...commands.map(({ name, description }) => ({ word: name, description })),
      ...choices.map((word) => ({ word, description: word })),
      ...options.map(({ flags: [flag = ''], description }) => ({ word: flag, description })),
    ],
    takesFiles,
    values: options.flatMap(({ flags, value }) => (value === 'none' ? [] : flags.map((flag) => ({ flag, value })))),
  }));
}

/** Text in single quotes, with `quote` for each one inside. */
export function singleQuoted(text: string, quote: string): string {
  return `'${text.replaceAll("'", quote)}'`;
}
