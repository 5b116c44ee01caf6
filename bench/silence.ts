// An employee's agent is asked a few times an hour. How long that takes, next to the same question a moment later.
// Caches of the processor are cold by then for any program, so git's daemon is asked in the same way.
import { setTimeout as sleep } from 'node:timers/promises';
import type { World } from '../test/support/harness/world.ts';
import type { Measure } from './measure.ts';
import { gitCache } from './peers.ts';
import { quantile } from './quantile.ts';
import { askBoth, cpuMs } from './resident.ts';
import { agentPid, type Worlds } from './worlds.ts';

/** The first time after the silence, and a moment later. */
export interface FirstAndAgain {
  readonly first: number[];
  readonly again: number[];
}

export interface Silence {
  /** Milliseconds of a helper's whole run. */
  readonly helper: FirstAndAgain;
  /** Microseconds of an answer. */
  readonly agent: FirstAndAgain;
  readonly git: FirstAndAgain;
  /** Milliseconds of processor time that each agent took while no one asked. */
  readonly idleCpuMs: number[];
}

/** Longer than anything that an agent notes or keeps for a minute. */
export const SILENCE_MS = 61_000;
/** V8 tidies up some seconds after the last work. */
const REST_MS = 20_000;
const MOMENT_MS = 300;
const AGENTS = 8;

/** So many signed-in worlds, since each agent has to be left alone for a minute. Their state is on a disk. */
export async function silentWorlds(worlds: Worlds, binary: string): Promise<readonly World[]> {
  const all: World[] = [];
  while (all.length < AGENTS) {
    const world = await worlds.signedIn(binary);
    await gitCache(world, 'git');
    all.push(world);
  }
  return all;
}

/** Asks one half of the agents, and runs the helper for the other half. */
export async function askAfterSilence(
  measure: Measure,
  binary: string,
  worlds: readonly World[],
  rounds: number,
): Promise<Silence> {
  const silence: Silence = { helper: pair(), agent: pair(), git: pair(), idleCpuMs: [] };
  const pids = await Promise.all(worlds.map((world) => agentPid(binary, world)));
  for (const world of worlds) await askBoth(measure, world, 20, 1);
  for (let round = 0; round < rounds; round += 1) {
    await sleep(REST_MS);
    const before = pids.map(cpuMs);
    await sleep(SILENCE_MS);
    silence.idleCpuMs.push(...pids.map((pid, index) => cpuMs(pid) - (before[index] ?? 0)));
    for (const [index, world] of worlds.entries()) {
      for (const when of ['first', 'again'] as const) {
        if (index % 2 === 0) {
          const { ours, peer } = await askBoth(measure, world, 1, 1);
          silence.agent[when].push(...ours);
          silence.git[when].push(...peer);
        } else silence.helper[when].push(await runHelper(measure, binary, world));
        await sleep(MOMENT_MS);
      }
    }
  }
  return silence;
}

/** By medians. */
export function slowdown({ first, again }: FirstAndAgain): number {
  return quantile(first, 0.5) / quantile(again, 0.5);
}

const pair = (): FirstAndAgain => ({ first: [], again: [] });

async function runHelper(measure: Measure, binary: string, { env }: World): Promise<number> {
  const program = { name: 'helper', file: binary, args: [], env: { ...env, CLAUDE_HELPER_CONTEXT: 'background' } };
  return (await measure.run(program)).wallMs;
}
