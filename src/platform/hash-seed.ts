// The seed of V8's hash tables. The program starts with that of V8's snapshot, which anybody can know: making another one
// (`--rehash-snapshot`, V8's default) takes a sixth of a helper's instructions. A helper reads one line from an agent that
// it trusts; a process that listens gets a random seed, so that nobody can send it keys that all collide.

const FIXED = '--no-rehash-snapshot';
const RANDOM = '--rehash-snapshot';

/**
 * How to start this program with a random seed. Node looks for options in a single executable application's argv[0],
 * which it repeats in the script's place, as far as the first argument that is none: the program's name (Node's
 * src/node_sea.cc, FixupArgsForSEA). The last of two that contradict each other counts.
 */
export function withRandomSeed(
  command: string,
  args: string[],
  execArgv: readonly string[] = process.execArgv,
): { argv0: string | undefined; args: string[] } {
  // Run from source, or on Windows, it has one anyway.
  return execArgv.includes(FIXED) ? { argv0: RANDOM, args: [command, ...args] } : { argv0: undefined, args };
}

/** Whether nobody can know this process's seed. */
export function isSeedRandom(execArgv: readonly string[] = process.execArgv): boolean {
  return !execArgv.includes(FIXED) || execArgv.includes(RANDOM);
}

/** To be called first by whatever listens: where the seed is fixed, starts this process anew, as the same process. */
export function ensureRandomSeed(): void {
  // It has been tried: a known seed is better than no agent.
  if (isSeedRandom() || process.argv0 === RANDOM) return;
  // Windows has no such call, and no fixed seed (installers/build/binary.ts).
  process.execve?.(process.execPath, [RANDOM, process.execPath, ...process.argv.slice(2)], process.env);
}
