import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseCLI } from 'vitest/node';
import { projectFolder } from './project-folder.ts';
import { type TestProject, testProjects } from './test-projects.ts';

export interface ChosenTests {
  readonly projects: readonly TestProject[];
  /** No argument leaves anything out. */
  readonly areAll: boolean;
}

/** The projects whose tests vitest would run with these arguments: names of projects, and parts of paths. */
export function chosenTests(args: readonly string[]): ChosenTests {
  if (args.length === 0) return { projects: testProjects, areAll: true };
  const { filter, options } = parseCLI(['vitest', 'run', ...args]);
  const named = [options.project ?? []].flat();
  const paths = filter.map((part) => part.replaceAll('\\', '/').replace(/:\d+$/, ''));
  const projects = testProjects.filter(({ name }) => isNamed(name, named) && hasFile(name, paths));
  return { projects, areAll: named.length === 0 && filter.length === 0 && options.testNamePattern === undefined };
}

/** As vitest reads `--project`: `*` is any text, and `!` leaves out. */
function isNamed(name: string, patterns: readonly string[]): boolean {
  const matches = (pattern: string): boolean =>
    new RegExp(`^${pattern.replace(/[^\w*]/g, '[^]').replaceAll('*', '.*')}$`).test(name);
  const [excluding, including] = [true, false].map((not) => patterns.filter((text) => text.startsWith('!') === not));
  if (excluding?.some((pattern) => matches(pattern.slice(1)))) return false;
  return including?.length === 0 || including?.some(matches) === true;
}

/** Whether the path of one of the project's test files has one of the parts in it. */
function hasFile(project: string, parts: readonly string[]): boolean {
  if (parts.length === 0) return true;
  return readdirSync(join(projectFolder, 'test', project), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(projectFolder, 'test', project, name).replaceAll('\\', '/'))
    .some((path) => parts.some((part) => path.includes(part.replace(/^\.\//, ''))));
}
