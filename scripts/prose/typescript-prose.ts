import ts from 'typescript';
import { type Audience, type Fragment, isProse, unescaped } from './fragment.ts';

interface Range {
  readonly start: number;
  readonly end: number;
}

/** What stands for `${…}` in a message. It's no word, so that no rule matches across it by mistake. */
const PLACEHOLDER = '\u2026';

/**
 * The comments of a TypeScript file, and its strings that have words: all of them, or for a test, the names of its
 * tests. A string that is a script counts as its comments and strings.
 */
export function typescriptProse(text: string, isTest: boolean): Fragment[] {
  const source = ts.createSourceFile('file.ts', text, ts.ScriptTarget.Latest, true);
  const literals: Range[] = [];
  const fragments: Fragment[] = [];
  const add = (audience: Audience, { start }: Range, lines: readonly string[]) => {
    fragments.push({ audience, line: source.getLineAndCharacterOfPosition(start).line + 1, lines });
  };
  const visit = (node: ts.Node): void => {
    if (isLiteral(node)) {
      const range = { start: node.getStart(source), end: node.end };
      literals.push(range);
      const message = textOfLiteral(text, node);
      if (!isTest && isScript(message)) {
        const before = source.getLineAndCharacterOfPosition(range.start).line;
        for (const inner of typescriptProse(message, false)) fragments.push({ ...inner, line: before + inner.line });
      } else if (isTest ? isTestName(node) : isProse(message)) {
        add(isTest ? 'tests' : 'messages', range, message.split('\n'));
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  for (const { range, lines } of commentsOf(text, literals)) add(isTest ? 'tests' : 'comments', range, lines);
  return fragments;
}

type Literal = ts.StringLiteralLike | ts.TemplateExpression | ts.RegularExpressionLiteral;

function isLiteral(node: ts.Node): node is Literal {
  return ts.isStringLiteralLike(node) || ts.isTemplateExpression(node) || ts.isRegularExpressionLiteral(node);
}

function textOfLiteral(text: string, node: Literal): string {
  if (ts.isRegularExpressionLiteral(node)) return '';
  if (ts.isStringLiteralLike(node)) return unescaped(text.slice(node.getStart() + 1, node.end - 1));
  const parts = [text.slice(node.head.getStart() + 1, node.head.end - 2)];
  for (const { expression, literal } of node.templateSpans) {
    const isLast = literal.kind === ts.SyntaxKind.TemplateTail;
    const newlines = text.slice(expression.pos, literal.getStart()).replaceAll(/[^\n]/g, '');
    parts.push(PLACEHOLDER, newlines, text.slice(literal.getStart() + 1, literal.end - (isLast ? 1 : 2)));
  }
  return unescaped(parts.join(''));
}

/** Whether a string is a script for a browser. */
function isScript(message: string): boolean {
  return message.startsWith("'use strict';");
}

/** Whether it's the first argument of `it`, `test`, `describe`, or one of their variants such as `it.each(…)`. */
function isTestName(node: ts.Node): boolean {
  const call = node.parent;
  if (!ts.isCallExpression(call) || call.arguments[0] !== node) return false;
  let callee: ts.Node = call.expression;
  while (ts.isCallExpression(callee) || ts.isPropertyAccessExpression(callee)) callee = callee.expression;
  return ts.isIdentifier(callee) && ['it', 'test', 'describe'].includes(callee.text);
}

/** The comments outside of the literals. Line comments that follow each other are one text. */
function commentsOf(text: string, literals: readonly Range[]): { range: Range; lines: string[] }[] {
  const skipped = literals.toSorted((a, b) => a.start - b.start);
  const comments: { range: Range; lines: string[] }[] = [];
  const pattern = /\/\*.*?\*\/|(?:\/\/[^\n]*(?:\n[ \t]*(?=\/\/))?)+/gs;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const start = match.index;
    while (skipped[0] !== undefined && skipped[0].end <= start) skipped.shift();
    if (skipped[0] !== undefined && skipped[0].start < start) {
      pattern.lastIndex = skipped[0].end;
      continue;
    }
    comments.push({ range: { start, end: pattern.lastIndex }, lines: match[0].split('\n').map(withoutMarks) });
  }
  return comments;
}

function withoutMarks(line: string): string {
  return line.replace(/^\s*(?:\/\*+|\*(?!\/)|\/\/)?\s*/, '').replace(/\s*\*\/\s*$/, '');
}
