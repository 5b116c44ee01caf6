import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { onTestFinished } from 'vitest';
import { isLong } from './long.ts';

const given = process.env['FUZZ_SEED'];

/** Of everything random in the tests: fixed in the short form, random in the long one. FUZZ_SEED repeats a run. */
export const seed = given !== undefined ? Number(given) : isLong ? randomInt(2 ** 31 - 1) : 20_261_123;

/** Random milliseconds below `limit`, the same for the same seed. The test's end names the seed. */
export function randomDelays(count: number, limit: number): readonly number[] {
  onTestFinished(({ task }) => console.log(`${task.name}: seed ${seed}, ${task.result?.state}`));
  return fc.sample(fc.nat(limit - 1), { seed, numRuns: count });
}
