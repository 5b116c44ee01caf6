// The seed of V8's hash tables. The program starts with the one in V8's snapshot, which anyone can know, because making
// another one (`--rehash-snapshot`, V8's default) delays every helper. A helper reads only one line from an agent that
// it trusts. A process that listens gets a random seed, so nobody can send it keys that all collide.

const FIXED = '--no-rehash-snapshot';
const RANDOM = '--rehash-snapshot';

/**
 * How to start this program with a random seed. Node repeats a single executable application's argv[0] in the script's
 * place, and reads options from there up to the first other argument, the program's name (Node's src/node_sea.cc,
 * FixupArgsForSEA). If two options contradict each other, the last one wins.
 */
export function withRandomSeed(
  command: string,
  args: string[],
  execArgv: readonly string[] = process.execArgv,
): { argv0: string | undefined; args: string[] } {
  // On Windows, or when run from source, the seed is random anyway.
  return execArgv.includes(FIXED) ? { argv0: RANDOM, args: [command, ...args] } : { argv0: undefined, args };
}

/** Whether this process's seed is random, so nobody can know it. */
export function isSeedRandom(execArgv: readonly string[] = process.execArgv): boolean {
  return !execArgv.includes(FIXED) || execArgv.includes(RANDOM);
}

/**
 * If the seed is fixed, starts this program again with a random one, as the same process. A process that listens must
 * call this first.
 */
export function ensureRandomSeed(): void {
  // If that was tried already, goes on: a known seed is better than no agent.
  if (isSeedRandom() || process.argv0 === RANDOM) return;
  // Windows has neither execve nor a fixed seed (installers/build/binary.ts).
  process.execve?.(process.execPath, [RANDOM, process.execPath, ...process.argv.slice(2)], process.env);
}
