import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseCLI } from 'vitest/node';
import { projectFolder } from './project-folder.ts';
import { folderOf, type TestFolder, testFolders, testProjects } from './test-projects.ts';

export interface ChosenTests {
  /** The folders of the chosen tests; these say what the tests need (builds, Debian packages). */
  readonly folders: readonly TestFolder[];
  /** Whether the arguments leave nothing out. */
  readonly areAll: boolean;
}

/** The tests that vitest would run with these arguments: names of projects, and parts of paths. */
export function chosenTests(args: readonly string[]): ChosenTests {
  if (args.length === 0) return { folders: testFolders, areAll: true };
  const { filter, options } = parseCLI(['vitest', 'run', ...args]);
  const named = [options.project ?? []].flat();
  const paths = filter.map((part) => part.replaceAll('\\', '/').replace(/:\d+$/, ''));
  const chosen = new Set(
    testProjects
      .filter(({ name }) => isNamed(name, named))
      .flatMap(({ name }) => filesOf(name))
      .filter((file) => hasPart(file, paths))
      .map(folderOf),
  );
  const folders = testFolders.filter((folder) => chosen.has(folder));
  return { folders, areAll: named.length === 0 && filter.length === 0 && options.testNamePattern === undefined };
}

/** Like vitest's `--project`: `*` matches any text, and `!` excludes. */
function isNamed(name: string, patterns: readonly string[]): boolean {
  const matches = (pattern: string): boolean =>
    new RegExp(`^${pattern.replace(/[^\w*]/g, '[^]').replaceAll('*', '.*')}$`).test(name);
  const [excluding, including] = [true, false].map((not) => patterns.filter((text) => text.startsWith('!') === not));
  if (excluding?.some((pattern) => matches(pattern.slice(1)))) return false;
  return including?.length === 0 || including?.some(matches) === true;
}

/** A project's test files, relative to the project's root. */
function filesOf(project: string): string[] {
  return readdirSync(join(projectFolder, 'test', project), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `test/${project}/${name.replaceAll('\\', '/')}`);
}

/** Whether one of the parts is in the file's absolute path. */
function hasPart(file: string, parts: readonly string[]): boolean {
  const path = `${projectFolder.replaceAll('\\', '/')}/${file}`;
  return parts.length === 0 || parts.some((part) => path.includes(part.replace(/^\.\//, '')));
}
