// `npm run prose`: checks the words of the docs, the program, its scripts, and its tests against words.yml.
//   node scripts/prose/check-prose.ts                  every file
//   node scripts/prose/check-prose.ts src/cli README.md    only files whose paths start with one of these
// It exits with 1 if a text breaks a rule. A line that contains "prose-ok" isn't checked.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../project-folder.ts';
import { EXCEPT, FILES } from './files.ts';
import type { Fragment } from './fragment.ts';
import { type Fault, lintFragments, lintMarkdown, wordsFor } from './lint.ts';
import { scriptProse } from './script-prose.ts';
import { typescriptProse } from './typescript-prose.ts';
import { readWords } from './words.ts';

const ESCAPE = 'prose-ok';

const words = readWords();

/** The faults of a file of the project, as "path:line: what to write". */
export async function proseFaults(path: string): Promise<string[]> {
  const text = readFileSync(join(projectFolder, path), 'utf8');
  const lines = text.split('\n');
  const faults = await faultsOf(path.replaceAll('\\', '/'), text);
  return faults
    .filter(({ line }) => !lines[line - 1]?.includes(ESCAPE))
    .map(({ line, message }) => `${path}:${line}: ${message}`);
}

function faultsOf(path: string, text: string): Promise<Fault[]> {
  if (path.endsWith('.md')) return lintMarkdown(text, wordsFor('docs', words));
  return lintFragments(fragmentsOf(path, text), words);
}

function fragmentsOf(path: string, text: string): Fragment[] {
  if (/\.(?:ts|mjs|cjs)$/.test(path)) return typescriptProse(text, path.startsWith('test/'));
  return scriptProse(text);
}

/** Paths of the files to check, from the project's folder. */
export function proseFiles(): string[] {
  return globSync([...FILES], { cwd: projectFolder, exclude: [...EXCEPT] }).sort();
}

async function main(prefixes: readonly string[]): Promise<void> {
  const files = proseFiles().filter(
    (path) => prefixes.length === 0 || prefixes.some((start) => path.startsWith(start)),
  );
  const faults = [];
  for (const file of files) faults.push(...(await proseFaults(file)));
  for (const fault of faults) console.error(fault);
  console.log(`${files.length} files, ${words.length} rules, ${faults.length} faults`);
  process.exitCode = faults.length === 0 && files.length > 0 ? 0 : 1;
}

if (import.meta.main) await main(process.argv.slice(2));
