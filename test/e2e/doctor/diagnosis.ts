// `doctor --json` in a world where Claude Desktop has the profile that `config export` makes.
import { type Finding, leavesQuestionOpen } from '../../../src/doctor/check.ts';
import { createWorld, type World, type WorldOptions } from '../../support/harness/world.ts';
import { binary, runJson, runWithInput, writeDesktopConfig } from '../support.ts';
import { type Circumstances, healthyProfile } from './faults/row.ts';

export interface Diagnosis {
  readonly ok: boolean;
  readonly checks: readonly Finding[];
}

/** The world is gone when `work` ends. */
export async function inWorld<T>(options: WorldOptions | undefined, work: (world: World) => Promise<T>): Promise<T> {
  const world = await createWorld(options);
  try {
    writeDesktopConfig(world, healthyProfile);
    return await work(world);
  } finally {
    await world.dispose();
  }
}

export async function doctor(env: NodeJS.ProcessEnv, ...args: string[]): Promise<Diagnosis> {
  return (await runJson(env, 'doctor', ...args)) as unknown as Diagnosis;
}

export async function doctorIn(world: World, { env, args = [], seenBy }: Circumstances = {}): Promise<Diagnosis> {
  const all = { ...world.env, ...env };
  if (seenBy === undefined) return doctor(all, ...args);
  const { stdout } = await runWithInput(all, '', seenBy([binary, 'doctor', '--json', ...args]));
  return JSON.parse(stdout) as Diagnosis;
}

export const troubles = ({ checks }: Diagnosis): readonly Finding[] =>
  checks.filter(({ state }) => state === 'warn' || state === 'fail');

/** Ids of the checks that have no answer. */
export const openQuestions = ({ checks }: Diagnosis): readonly string[] =>
  checks.filter(leavesQuestionOpen).map(({ id }) => id);

/** The first cause that a skipped check names, by way of other skipped checks. */
export function causeOf({ checks }: Diagnosis, skipped: Finding): string {
  const blocker = checks.find(({ id }) => id === skipped.facts?.['blockedBy']);
  if (blocker === undefined) return `nothing: ${skipped.detail}`;
  return blocker.state === 'skip' ? causeOf({ ok: false, checks }, blocker) : blocker.id;
}
