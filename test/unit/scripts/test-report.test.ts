import { join } from 'node:path';
import { expect, it } from 'vitest';
import { projectFolder } from '../../../scripts/project-folder.ts';
import { countTests } from '../../../scripts/test-report.ts';

const test = (status: string, title: string, ...ancestorTitles: string[]) => ({ status, title, ancestorTitles });

const report = {
  testResults: [
    {
      name: join(projectFolder, 'test/unit/a.test.ts'),
      assertionResults: [test('passed', 'one'), test('failed', 'two', 'block'), test('pending', 'three', 'block')],
    },
    {
      name: join(projectFolder, 'test/unit/b.test.ts'),
      assertionResults: [test('skipped', 'four', 'outer', 'inner'), test('todo', 'five')],
    },
  ],
};

it('counts the tests, and names those that were skipped without an expected reason', () => {
  const expected = [
    { name: 'test/unit/a.test.ts > block', reason: 'whole block' },
    { name: 'test/unit/b.test.ts > five', reason: 'one test' },
  ];
  expect(countTests(report, expected)).toEqual({
    passed: 1,
    failed: 1,
    skipped: 3,
    unexplained: ['test/unit/b.test.ts > outer > inner > four'],
  });
});

it('takes a file as a reason for all of its tests', () => {
  const expected = [
    { name: 'test/unit/a.test.ts', reason: 'whole file' },
    { name: 'test/unit/b.test.ts', reason: 'whole file' },
  ];
  expect(countTests(report, expected).unexplained).toEqual([]);
});
