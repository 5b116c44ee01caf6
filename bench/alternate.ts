import type { Cost, Measure, Program } from './measure.ts';
import { quantile } from './quantile.ts';

export interface Contender extends Program {
  readonly isOurs?: true;
  /** Done before each run, outside of what is measured. */
  readonly prepare?: () => Promise<unknown>;
  /** Runs only in each so many-th round, because it is slow. Default 1. */
  readonly everyRounds?: number;
}

export interface Result {
  readonly name: string;
  readonly isOurs: boolean;
  /** Oldest first. */
  readonly runs: readonly Cost[];
  /** Wall time divided by the first contender's of the same round: its median, 10th and 90th percentile. */
  readonly ratio: number;
  readonly spread: readonly [number, number];
}

/** Brings every file into the page cache and the processor out of its sleep before anything counts. */
const WARM_UP_ROUNDS = 2;

/**
 * Runs all in turn, one at a time, for `rounds` rounds: a machine that gets slower or faster meanwhile does so for all.
 * @throws Error when a program ends otherwise than it should
 */
export async function alternate(
  measure: Measure,
  contenders: readonly Contender[],
  rounds: number,
  onRound: (round: number) => void = () => undefined,
): Promise<readonly Result[]> {
  const rows = contenders.map((contender) => ({ contender, runs: [] as Cost[], ratios: [] as number[] }));
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    onRound(round);
    let referenceMs = Number.NaN;
    for (const { contender, runs, ratios } of rows) {
      if (round >= 0 && round % (contender.everyRounds ?? 1) !== 0) continue;
      await contender.prepare?.();
      const cost = await measure.run(contender);
      if (Number.isNaN(referenceMs)) referenceMs = cost.wallMs;
      if (round < 0) continue;
      runs.push(cost);
      ratios.push(cost.wallMs / referenceMs);
    }
  }
  return rows.map(({ contender: { name, isOurs = false }, runs, ratios }) => ({
    name,
    isOurs,
    runs,
    ratio: quantile(ratios, 0.5),
    spread: [quantile(ratios, 0.1), quantile(ratios, 0.9)],
  }));
}
