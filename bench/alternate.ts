import { spawn } from 'node:child_process';

export interface Command {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  /** The whole environment, not an addition to ours. */
  readonly env: NodeJS.ProcessEnv;
  /** Done before each run, outside its time. */
  readonly prepare?: () => Promise<void>;
}

export interface Timing {
  readonly name: string;
  /** Milliseconds from before the spawn to the exit. */
  readonly min: number;
  readonly median: number;
  /** 90th percentile. */
  readonly p90: number;
  /** Median over the rounds of this command's time divided by the first command's of the same round. */
  readonly ratio: number;
  /** 10th and 90th percentile of the same. */
  readonly ratioSpread: readonly [number, number];
}

/** Brings every file into the page cache and the processor out of its sleep before anything counts. */
const WARM_UP_ROUNDS = 3;

/**
 * Runs the commands in turn, one at a time, for `rounds` rounds: a machine that gets slower or faster meanwhile does so
 * for all of them. stdin, stdout and stderr are /dev/null.
 * @throws Error when a command fails: a helper that fails fast must not count as a fast helper.
 */
export async function alternate(commands: readonly Command[], rounds: number): Promise<Timing[]> {
  const times = commands.map((): number[] => []);
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    for (const [index, command] of commands.entries()) {
      await command.prepare?.();
      const elapsedMs = await runOnce(command);
      if (round >= 0) times[index]?.push(elapsedMs);
    }
  }
  const reference = times[0] ?? [];
  return commands.map(({ name }, index) => summarise(name, times[index] ?? [], reference));
}

function runOnce({ name, file, args, env }: Command): Promise<number> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const child = spawn(file, args, { env, stdio: 'ignore' });
    child.once('error', reject);
    child.once('exit', (code) => {
      const elapsedMs = performance.now() - startedAt;
      if (code === 0) resolve(elapsedMs);
      else reject(new Error(`${name} exited with ${code}`));
    });
  });
}

function summarise(name: string, times: readonly number[], reference: readonly number[]): Timing {
  const ratios = times.map((time, round) => time / (reference[round] ?? Number.NaN));
  return {
    name,
    min: quantile(times, 0),
    median: quantile(times, 0.5),
    p90: quantile(times, 0.9),
    ratio: quantile(ratios, 0.5),
    ratioSpread: [quantile(ratios, 0.1), quantile(ratios, 0.9)],
  };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
