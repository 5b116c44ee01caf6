import { describe, expect, it } from 'vitest';
import { chosenTests } from '../../../scripts/chosen-tests.ts';
import { buildsOf, folderOf, testFolders } from '../../../scripts/test-projects.ts';

const all = testFolders;
const under = (...parts: string[]): string[] =>
  all.filter((folder) => parts.some((part) => folder === part || folder.startsWith(`${part}/`)));

describe('the chosen tests', () => {
  it.each([
    [[], all],
    [['--update'], all],
    [['--project', 'unit', '--project=integration'], under('test/unit', 'test/integration')],
    [['--project', 'u*'], ['test/unit']],
    [['--project=!platform'], all.filter((folder) => !folder.startsWith('test/platform'))],
    [['test/unit/core'], ['test/unit']],
    [['./test/unit/core/'], ['test/unit']],
    [[`${import.meta.filename}:12`], ['test/unit']],
    [
      ['unit/core', 'test/e2e/login'],
      ['test/unit', 'test/e2e'],
    ],
    [['test/platform/linux/deb'], ['test/platform/linux']],
    [['test/platform/linux'], under('test/platform/linux')],
    [['--project', 'unit', 'test/e2e/login'], []],
    [['-t', 'test/e2e/login'], all],
    [['no-such-file'], []],
  ])('%j: %j', (args, expected) => {
    expect(chosenTests(args).folders).toEqual(expected);
  });

  it('are all only without a choice', () => {
    const choices = [['--project', 'unit'], ['test/unit'], ['-t', 'a name']];
    expect(choices.map((args) => chosenTests(args).areAll)).toEqual([false, false, false]);
    expect([[], ['--update']].map((args) => chosenTests(args).areAll)).toEqual([true, true]);
  });
});

describe("a test file's folder", () => {
  it.each([
    ['test/e2e/login.test.ts', 'test/e2e'],
    ['test/e2e/attack/flood.test.ts', 'test/e2e/attack'],
    ['test/platform/linux/systemd/package.test.ts', 'test/platform/linux/systemd'],
    ['test/support/harness/wine.ts', undefined],
  ])('of %s is %s', (file, folder) => {
    expect(folderOf(file)).toBe(folder);
  });

  it('alone decides what is built', () => {
    expect(buildsOf('test/e2e/attack')).toEqual(['host']);
    expect(buildsOf('test/unit')).toEqual([]);
  });
});
