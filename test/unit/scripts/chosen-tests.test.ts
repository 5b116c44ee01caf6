import { describe, expect, it } from 'vitest';
import { chosenTests } from '../../../scripts/chosen-tests.ts';
import { testProjects } from '../../../scripts/test-projects.ts';

const names = (...args: string[]): string[] => chosenTests(args).projects.map(({ name }) => name);
const all = testProjects.map(({ name }) => name);

describe('the chosen tests', () => {
  it.each([
    [[], all],
    [['--update'], all],
    [
      ['--project', 'unit', '--project=e2e'],
      ['unit', 'e2e'],
    ],
    [
      ['--project', 'c*'],
      ['contract', 'crash', 'clients'],
    ],
    [['--project=!windows'], all.filter((name) => name !== 'windows')],
    [['test/unit/core'], ['unit']],
    [['./test/unit/core/'], ['unit']],
    [[`${import.meta.filename}:12`], ['unit']],
    [
      ['unit/core', 'test/e2e/login'],
      ['unit', 'e2e'],
    ],
    [['--project', 'unit', 'test/e2e/login'], []],
    [['-t', 'test/e2e/login'], all],
    [['no-such-file'], []],
  ])('%j: %j', (args, expected) => {
    expect(names(...args)).toEqual(expected);
  });

  it('are all only without a choice', () => {
    const choices = [['--project', 'unit'], ['test/unit'], ['-t', 'a name']];
    expect(choices.map((args) => chosenTests(args).areAll)).toEqual([false, false, false]);
    expect([[], ['--update']].map((args) => chosenTests(args).areAll)).toEqual([true, true]);
  });
});
