// A row of faults.test.ts: what is broken, what doctor has to say of it, and what its remedy does.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { World, WorldOptions } from '../../../support/harness/world.ts';
import { binary, type Run, run, writeDesktopConfig } from '../../support.ts';

export interface SeededFault {
  readonly fault: string;
  readonly world?: WorldOptions;
  /** Whether the user has signed in before the fault is seeded; default yes. */
  readonly signedIn?: boolean;
  /** Whether the fault can be seeded on this computer; default yes. */
  readonly runIf?: boolean;
  /** May return changes to the environment that `doctor` runs in, and something to end. */
  readonly seed?: (world: World) => Promise<Seeded | undefined> | Seeded | undefined;
  /** The one check that doesn't pass. */
  readonly check: string;
  readonly state?: 'warn' | 'fail';
  readonly cause: RegExp;
  readonly remedy: RegExp;
  /**
   * Carries out the remedy as its reader would: runs the commands that it names, edits the file or setting that it
   * names, or does on the server what it asks the admin for. May return other changes than `seed` did.
   * Afterward `doctor` must find nothing.
   */
  readonly repair: (world: World, seeded: Seeded | undefined) => Promise<Repaired | undefined> | Repaired | undefined;
}

/** How `doctor` runs. */
export interface Circumstances {
  /** Over the world's environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** What goes before a command so that it sees another /etc, for example. */
  readonly seenBy?: (command: readonly string[]) => readonly [string, ...string[]];
}

export interface Seeded extends Circumstances {
  readonly close?: () => Promise<void>;
}

/** How `doctor` runs after the repair; without it, as it ran before. */
export type Repaired = Circumstances;

/** A profile as `config export` makes it. */
export const healthyProfile = {
  inferenceProvider: 'gateway',
  inferenceGatewayBaseUrl: 'https://contoso-foundry.services.ai.azure.com/anthropic',
  inferenceGatewayAuthScheme: 'bearer',
  modelDiscoveryEnabled: false,
  inferenceCredentialKind: 'helper-script',
  inferenceCredentialHelper: binary,
  inferenceCredentialHelperTtlSec: 900,
  inferenceCredentialHelperTimeoutSec: 600,
  inferenceModels: ['claude-sonnet-5', 'claude-opus-4-8'],
};

export const UNKNOWN_ID = '00000000-1111-4222-8333-444444444444';

type Step = (world: World) => undefined;

export const profile =
  (changes: object): Step =>
  (world) => {
    writeDesktopConfig(world, { ...healthyProfile, ...changes });
    return undefined;
  };

export const configure =
  (changes: object): Step =>
  (world) => {
    world.sandbox.writeConfig({ ...world.config, ...changes });
    return undefined;
  };

/** The folder with Claude Desktop's own settings. */
export const library = (world: World): string => join(world.env['XDG_CONFIG_HOME'] ?? '', 'Claude-3p/configLibrary');

/** The file with the settings that are applied in Claude Desktop. */
export function profileFile(world: World): string {
  const { appliedId } = JSON.parse(readFileSync(join(library(world), '_meta.json'), 'utf8')) as { appliedId: string };
  return join(library(world), `${appliedId}.json`);
}

/** Edits keys of the profile that is applied, and leaves the rest of it as it is; `undefined` removes a key. */
export const editProfile =
  (changes: object): Step =>
  (world) => {
    const file = profileFile(world);
    const values = JSON.parse(readFileSync(file, 'utf8')) as object;
    writeFileSync(file, JSON.stringify({ ...values, ...changes }));
    return undefined;
  };

/** Edits settings in config.json, and leaves the rest of it as it is; `undefined` removes a setting. */
export const editConfig =
  (changes: object): Step =>
  (world) => {
    const values = JSON.parse(readFileSync(world.sandbox.configFile, 'utf8')) as object;
    world.sandbox.writeConfig({ ...values, ...changes });
    return undefined;
  };

/** Runs a command of this program, which must succeed. */
export const command =
  (...args: string[]) =>
  async (world: World): Promise<undefined> => {
    expectSuccess(await run(world.env, ...args));
  };

/** `login`, and the user enters the code. */
export async function login(world: World): Promise<undefined> {
  const { entra } = world;
  // doctor's own code still waits, though no one sees it.
  for (let left = entra.deviceCodes.newestPending(); left !== undefined; left = entra.deviceCodes.newestPending())
    entra.expire(left.userCode);
  const running = run(world.env, 'login', '--no-browser');
  entra.approve(await entra.waitForUserCode());
  expectSuccess(await running);
}

/** One step after the other. */
export const inTurn =
  (...steps: readonly ((world: World) => Promise<undefined> | undefined)[]) =>
  async (world: World): Promise<undefined> => {
    for (const step of steps) await step(world);
  };

function expectSuccess({ exitCode, stderr }: Run): void {
  if (exitCode !== 0) throw new Error(`a command of a remedy failed: ${stderr}`);
}
