import type { TextlintRuleReporter } from '@textlint/kernel';
import type { Word } from './words.ts';

type TxtNode = NonNullable<Parameters<Parameters<TextlintRuleReporter>[0]['getSource']>[0]>;

interface Node {
  readonly type: string;
  readonly range: readonly [number, number];
  readonly children?: readonly Node[];
}

/** What isn't prose. */
const NOT_READ = new Set(['Code', 'CodeBlock', 'Html', 'Image', 'Comment']);

/** Stands for what isn't prose: neither a space nor a part of a word. */
const FILLER = '\u2026';

/** A rule for textlint that reports each match of the words' patterns. */
export function proseRule(words: readonly Word[]): TextlintRuleReporter {
  return (context) => {
    const { Syntax, RuleError, report, getSource, locator } = context;
    const check = (node: TxtNode) => {
      const text = proseOf(getSource(node), node);
      for (const { pattern, use } of words)
        for (const match of text.matchAll(pattern))
          report(node, new RuleError(messageOf(match[0], use), { padding: locator.at(match.index) }));
    };
    return { [Syntax.Paragraph]: check, [Syntax.Header]: check, [Syntax.TableCell]: check };
  };
}

const messageOf = (found: string, use: string): string => `"${found.trim().replaceAll(/\s+/g, ' ')}": use ${use}`;

/** The text of a node of the same length, without its code and the addresses of its links. */
function proseOf(source: string, node: Node): string {
  let text = source;
  const blank = (start: number, end: number) => {
    const [from, to] = [start - node.range[0], end - node.range[0]];
    text = text.slice(0, from) + FILLER.repeat(to - from) + text.slice(to);
  };
  const visit = (child: Node): void => {
    if (NOT_READ.has(child.type)) blank(...child.range);
    const inner = child.children ?? [];
    if (child.type === 'Link') blank(inner.at(-1)?.range[1] ?? child.range[0], child.range[1]);
    inner.forEach(visit);
  };
  visit(node);
  return text;
}
