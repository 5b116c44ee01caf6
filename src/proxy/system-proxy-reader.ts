import type { Clock } from '../core/clock.ts';
import { readSystemProxy, type SystemProxy } from '../platform/system-proxy/system-proxy.ts';

/** One sign-in or refresh makes several requests; starting a program for each of them would only take time. */
const FRESH_MS = 2_000;

/**
 * The system's proxy settings for the session that `env` returns, read at most every 2 s. Never rejects.
 * @param env the environment of the desktop session whose settings count, on Linux
 */
export function systemProxyReader(
  clock: Clock,
  env: () => NodeJS.ProcessEnv,
  read: typeof readSystemProxy = readSystemProxy,
): () => Promise<SystemProxy | undefined> {
  let known:
    | { readonly at: number; readonly session: string; readonly settings: Promise<SystemProxy | undefined> }
    | undefined;
  return () => {
    const current = env();
    const session = JSON.stringify(current);
    const now = clock.monotonic();
    if (known === undefined || known.session !== session || now - known.at > FRESH_MS) {
      known = { at: now, session, settings: read({ env: current }) };
    }
    return known.settings;
  };
}
