import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { isSeedRandom, withRandomSeed } from '../../../src/platform/hash-seed.ts';

/** Of V8's version and flags: differs where a flag has another value than the default. */
function versionTag(...options: string[]): string {
  return execFileSync(process.execPath, [...options, '-p', 'require("node:v8").cachedDataVersionTag()'], {
    encoding: 'utf8',
  });
}

it('is fixed by one flag of V8 and random by another after it, as without both', () => {
  expect(versionTag('--no-rehash-snapshot')).not.toBe(versionTag());
  expect(versionTag('--no-rehash-snapshot', '--rehash-snapshot')).toBe(versionTag());
});

it.each([
  [[], true],
  [['--disable-sigusr1'], true],
  [['--no-rehash-snapshot'], false],
  [['--no-rehash-snapshot', '--rehash-snapshot'], true],
])('with %j', (flags, isRandom) => {
  expect(isSeedRandom(flags)).toBe(isRandom);
});

it('is asked for where the program looks for options, before the words of the command', () => {
  for (const flags of [['--no-rehash-snapshot'], ['--no-rehash-snapshot', '--rehash-snapshot']]) {
    expect(withRandomSeed('/usr/bin/program', ['agent', 'run'], flags)).toEqual({
      argv0: '--rehash-snapshot',
      args: ['/usr/bin/program', 'agent', 'run'],
    });
  }
});

it('is not asked for where the program starts with one', () => {
  const plain = { argv0: undefined, args: ['agent', 'run'] };
  expect(withRandomSeed('/usr/bin/program', ['agent', 'run'], ['--disable-sigusr1'])).toEqual(plain);
});
