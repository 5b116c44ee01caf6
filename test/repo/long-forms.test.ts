// `npm run test:long` runs the tests that have a long form: none of them may be left out of its list.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { longTests } from '../../scripts/long-tests.ts';
import { projectFolder } from '../../scripts/project-folder.ts';

const files = readdirSync(join(projectFolder, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => `test/${name.replaceAll('\\', '/')}`);

const withoutLongForm = /^test\/(repo\/.*|support\/harness\/(long|seed)\.ts)$/;

const withLongForm = files.filter(
  (file) =>
    !withoutLongForm.test(file) &&
    /harness\/long\.ts'|\['LONG'\] ===/.test(readFileSync(join(projectFolder, file), 'utf8')),
);

it('every test with a long form is on the list', () => {
  expect(withLongForm.length).toBeGreaterThan(10);
  expect(withLongForm.filter((file) => !longTests.some((part) => file.startsWith(part)))).toEqual([]);
});

it('and the list has no others', () => {
  expect(longTests.filter((part) => !withLongForm.some((file) => file.startsWith(part)))).toEqual([]);
});
