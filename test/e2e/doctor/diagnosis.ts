// `doctor --json` in a world where Claude Desktop has the profile that `config export` makes.
import type { Finding } from '../../../src/doctor/check.ts';
import { createWorld, type World, type WorldOptions } from '../../support/harness/world.ts';
import { runJson, writeDesktopConfig } from '../support.ts';
import { healthyProfile } from './faults/row.ts';

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

export const troubles = ({ checks }: Diagnosis): readonly Finding[] =>
  checks.filter(({ state }) => state === 'warn' || state === 'fail');
