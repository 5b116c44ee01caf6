import { join } from 'node:path';
import envPaths from 'env-paths';

const NAME = 'foundry-credential-helper';

export interface Paths {
  /** The user's `config.json` stands here. */
  readonly config: string;
  /** What the agent remembers, without secrets: `agent.json`; on Windows also the DPAPI files and the pipe's key. */
  readonly state: string;
  /** `agent.log` and its rotated predecessors. */
  readonly log: string;
  /** Files that can be made again: the unpacked native addon. */
  readonly cache: string;
  /** The agent's socket and lock; gone after a restart of the computer where the system offers such a folder. */
  readonly runtime: string;
}

/** The product's folders by each system's conventions (env-paths; XDG Base Directory on Linux). Nothing is created. */
export function productPaths(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): Paths {
  const base = envPaths(NAME, { suffix: '' });
  // env-paths knows no state folder; on Linux its log folder is XDG_STATE_HOME, which is just that.
  const state = platform === 'linux' ? base.log : base.data;
  const runtimeBase = env['XDG_RUNTIME_DIR'];
  const runtime = platform === 'linux' && runtimeBase?.startsWith('/') ? join(runtimeBase, NAME) : state;
  return { config: base.config, state, log: base.log, cache: base.cache, runtime };
}
