import type { Paths } from '../platform/paths.ts';
import { type Resolution, resolveConfiguration } from './resolve.ts';
import { environmentSource } from './sources/environment.ts';
import { managedSources } from './sources/managed-sources.ts';
import type { ConfigurationSource } from './sources/source.ts';
import { userFileSource } from './sources/user-file.ts';

export interface OpenConfiguration {
  /** The current configuration; the same object until a source changes. Never throws. */
  current(): Resolution;
}

/** This user's configuration on this computer, including managed policy. */
export async function openSystemConfiguration(
  env: NodeJS.ProcessEnv,
  paths: Pick<Paths, 'config'>,
): Promise<OpenConfiguration> {
  return openConfiguration(env, paths, await managedSources());
}

/** Keeps the configuration current in a process that runs for weeks. Each call costs one or two `stat`s per source. */
export function openConfiguration(
  env: NodeJS.ProcessEnv,
  paths: Pick<Paths, 'config'>,
  managed: readonly ConfigurationSource[] = [],
): OpenConfiguration {
  const sources = [...managed, userFileSource(env, paths.config), environmentSource(env)];
  let known: { readonly fingerprint: string; readonly resolution: Resolution } | undefined;
  return {
    current() {
      // Taken before reading, so that a change in between shows as a different fingerprint next time.
      const fingerprint = JSON.stringify(sources.map((source) => source.fingerprint()));
      if (known?.fingerprint !== fingerprint) known = { fingerprint, resolution: resolveConfiguration(sources) };
      return known.resolution;
    },
  };
}
