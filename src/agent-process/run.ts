// `agent run`: becomes the one resident agent of this user, or leaves at once when there is one already.

import { describeFailure } from '../core/errors.ts';
import { agentEndpoint } from '../ipc/endpoint.ts';
import { productPaths } from '../platform/paths.ts';
import { ensurePrivateFolder } from '../platform/private-file.ts';
import { leaveStarter } from './environment.ts';
import { takeInstanceLock } from './instance-lock.ts';

/**
 * Runs until it is stopped, or ends the process with the reason on stderr and a non-zero exit code. Whatever can fail at
 * the start does so before the heavy modules are loaded: helpers that find no agent may start many of these at once.
 */
export async function runAgent(): Promise<void> {
  // Node prints its warnings to stderr, and whoever reads ours may be gone.
  process.removeAllListeners('warning');
  process.umask(0o077);
  leaveStarter();
  try {
    const paths = productPaths();
    const endpoint = agentEndpoint(paths);
    ensurePrivateFolder(endpoint.folder);
    const lock = takeInstanceLock(endpoint.folder);
    if (lock === undefined) return;
    // Whoever started us reads stderr until we answer, then leaves: what Node or a library writes later must not end us.
    process.stderr.on('error', () => undefined);
    const { Agent } = await import('../agent/agent.ts');
    const { openSystemConfiguration } = await import('../config/load.ts');
    const { managedSources } = await import('../config/sources/managed-sources.ts');
    const configuration = await openSystemConfiguration(process.env, paths);
    const desktopManaged = await managedSources('claude-desktop');
    await new Agent({ paths, endpoint, releaseLock: lock.release, configuration, desktopManaged }).start();
  } catch (thrown) {
    const { exit, text } = describeFailure(thrown);
    // Handles of a start that failed halfway must not keep the process, and with it the lock.
    process.stderr.write(text, () => process.exit(exit));
  }
}
