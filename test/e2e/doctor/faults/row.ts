// A row of faults.test.ts: what is broken, what doctor has to say of it, and what its remedy does.
import type { World, WorldOptions } from '../../../support/harness/world.ts';
import { binary, writeDesktopConfig } from '../../support.ts';

export interface SeededFault {
  readonly fault: string;
  readonly world?: WorldOptions;
  /** Whether the user has signed in before the fault is seeded; default yes. */
  readonly signedIn?: boolean;
  /** May return changes to the environment that `doctor` runs in, and something to end. */
  readonly seed?: (world: World) => Promise<Seeded | undefined> | Seeded | undefined;
  /** The one check that does not pass. */
  readonly check: string;
  readonly state?: 'warn' | 'fail';
  readonly cause: RegExp;
  readonly remedy: RegExp;
  /**
   * Carries out the remedy as its reader would: runs the commands that it names, edits the file or setting that it
   * names, or does on the server what it asks the admin for. May return other changes to the environment than `seed` did.
   * Afterwards `doctor` must find nothing.
   */
  readonly repair?: (world: World, seeded: Seeded | undefined) => Promise<Repaired | undefined> | Repaired | undefined;
}

export interface Seeded {
  readonly env?: Readonly<Record<string, string>>;
  readonly close?: () => Promise<void>;
}

/** Where `doctor` runs after the repair; without it, where it ran before. */
export interface Repaired {
  readonly env: Readonly<Record<string, string>>;
}

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

export const profile =
  (changes: object): NonNullable<SeededFault['seed']> =>
  (world) => {
    writeDesktopConfig(world, { ...healthyProfile, ...changes });
    return undefined;
  };

export const configure =
  (changes: object): NonNullable<SeededFault['seed']> =>
  (world) => {
    world.sandbox.writeConfig({ ...world.config, ...changes });
    return undefined;
  };
