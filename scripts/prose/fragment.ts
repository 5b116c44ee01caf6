/** Who reads a text: users of the docs, users of the program, or developers of the source or the tests. */
export const AUDIENCES = ['docs', 'messages', 'comments', 'tests'] as const;
export type Audience = (typeof AUDIENCES)[number];

/** A piece of prose in a file, such as one comment or one message. */
export interface Fragment {
  readonly audience: Audience;
  /** The line of the file that the first of `lines` is on, from 1. */
  readonly line: number;
  /** One for each line of the file, without the marks of comments and strings. */
  readonly lines: readonly string[];
}

/** Whether a string has words to read, and isn't a name, a path, or an option. */
export function isProse(text: string): boolean {
  return /[a-z]\W{0,3} \W{0,3}[a-z]{2,}/i.test(text);
}

/** The text of a literal as the user reads it, on the same number of lines. */
export function unescaped(literal: string): string {
  return literal.replaceAll(/\\[nrt]/g, ' ').replaceAll(/\\(?=.)/g, '');
}
