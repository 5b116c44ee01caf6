// How the project speaks: these phrases read as translated, or said less than they meant, and don't come back.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFolder } from '../../installers/build/bundle.ts';

/** What not to write, and what to write instead. */
const PHRASES: readonly (readonly [RegExp, string])[] = [
  [/\bwhoever\b|\bto who\b/i, 'anyone who, the person who'],
  [/\bat once[,.;:]/i, 'immediately'],
  [/\bmend(?:s|ed)?\b/i, 'fix'],
  [/\bbeside\b/i, 'next to, in addition to'],
  [/\bstands? in (?!for)|\bstanding in (?!for)|\bstands? on std/i, 'is in'],
  [/\bstands? in the way|\bnothing stands/i, 'the problem, no problems found'],
  [/\bso far as\b/i, 'if'],
  [/\bexactly so\b/i, 'the same way'],
  [/\bis none\b/i, "there's no"],
  [/\b(?:this|that|it) is no (?!longer|more)/i, "isn't"],
  [/\bnobody is\b|\bsomebody\b|\banybody\b|\beverybody\b/i, "you're not, someone, anyone, everyone"],
  [/\banother account (?:signed|than)/i, 'a different account'],
  [/\bsomething that is not\b/i, "a different server answered instead of Microsoft's sign-in service"],
  [/\basks to wait\b/i, 'is busy'],
  [/\btried again by itself\b/i, 'retries automatically'],
  [/\bis no setting of\b/i, 'unknown setting'],
  [/\bhold what would\b|\bkeeps? [\w ]+ from its token/i, "conflict with, can't get a token"],
  [/\bnever skipped silently\b/i, "until then the program won't run"],
  [/\bfor as long as it lives\b/i, 'until it exits'],
  [/\btakes? that out again\b/i, 'undo'],
  [/\bas without it\b/i, '(the default)'],
  [/\bis no right to\b/i, "doesn't let anyone"],
  [/\bsays nothing of\b/i, 'carries no information about'],
  [/\bback out by\b/i, 'to roll back'],
  [/\bcounts for nothing\b/i, 'is ignored'],
  [/\bnotices by itself\b/i, 'updates when'],
  [/\bleaves (?:the question open|nothing to pass on)\b/i, "so this couldn't be checked"],
  [/\bin the way\b/i, 'someone may be intercepting the connection'],
  [/\bis made where\b/i, "created if it doesn't exist"],
  [/\bif it stays[;,]/i, 'if it happens again'],
  [/\bsomething else than\b/i, 'a different'],
  [/\b(?:organis(?:e|ing)|notaris(?!e\.sh|e\b)|recognis|licence|colour|behaviour|catalogue)/i, 'US spelling'],
];

/** Written by others, or the rules themselves. */
const ELSEWHERE =
  /^docs\/explanation\/(?:standards|threat-model|privacy|performance)\.md$|\/languages\/(?!en|messages)/;

const linesOf = (path: string): string[] => readFileSync(join(projectFolder, path), 'utf8').split('\n');

function filesIn(folder: string, extension: string): string[] {
  return readdirSync(join(projectFolder, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(extension))
    .map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
    .filter((path) => !ELSEWHERE.test(path));
}

const isComment = (line: string): boolean => /^\s*(?:\/\/|\/?\*)/.test(line);

const texts = [
  ...filesIn('src', '.ts').map((path) => ({ path, lines: linesOf(path).filter((line) => !isComment(line)) })),
  ...filesIn('docs', '.md').map((path) => ({ path, lines: linesOf(path) })),
];

const found = ([phrase]: readonly [RegExp, string]): string[] =>
  texts.flatMap(({ path, lines }) =>
    lines
      .filter((line) => phrase.test(line))
      .map((line) => `${path}: ${phrase.exec(line)?.[0]} (${line.trim().slice(0, 160)})`),
  );

describe('the texts of the program and its docs', () => {
  it('are found', () => {
    expect(texts.length).toBeGreaterThan(400);
    expect(texts.flatMap(({ lines }) => lines).length).toBeGreaterThan(30_000);
  });

  it.each(PHRASES)('don\'t say %s, but "%s"', (phrase, instead) => {
    expect(found([phrase, instead])).toEqual([]);
  });
});
