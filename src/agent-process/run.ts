// `agent run`: becomes the one resident agent of this user, or says which process is.
import { isatty } from 'node:tty';
import { describeFailure } from '../core/errors.ts';
import { printable } from '../core/printable.ts';
import { agentAddress, fallbackAddress } from '../ipc/address.ts';
import { assertOwnHome } from '../platform/own-home.ts';
import { type Paths, productPaths } from '../platform/paths.ts';
import { ensurePrivateFolder } from '../platform/private-file.ts';
import { whenGone } from '../platform/process-watch.ts';
import { keepNewFilesPrivate } from '../platform/umask.ts';
import { packageContainer, windowsOrigin } from '../platform/windows-origin.ts';
import { takeBound } from './bound.ts';
import { leaveStarter } from './environment.ts';
import { type InstanceLock, lockFolder, waitForInstanceLock } from './instance-lock.ts';
import { describeHolder, type LockHolder } from './lock-holder.ts';

const STDERR = 2;
const STOP_MS = 5_000;

/**
 * Runs until it is stopped, or ends the process with the reason on stderr and a non-zero exit code. If another agent
 * runs, it names that one on stderr and exits with 0, so that no service manager treats this as a failure. Whatever can
 * fail at the start does so before the heavy modules are loaded: several helpers may start one of these at the same
 * time.
 */
export async function runAgent(): Promise<void> {
  keepNewFilesPrivate();
  const given = takeBound();
  leaveStarter();
  // The process that started this one reads stderr until the agent answers, then ends. A full or closed stderr must not
  // end the agent.
  process.stderr.on('error', () => undefined);
  try {
    const bound = given ?? packageContainer(await windowsOrigin())?.pid;
    assertOwnHome();
    const paths = productPaths();
    ensurePrivateFolder(paths.state);
    const lock = await takeLock(paths, bound);
    if (!('release' in lock)) {
      process.stderr.write(`The agent already runs: ${printable(describeHolder(lock), 500)}.\n`);
      return;
    }
    const { Agent } = await import('../agent/agent.ts');
    const { openSystemConfiguration } = await import('../config/load.ts');
    const { managedSources } = await import('../config/sources/managed-sources.ts');
    const configuration = await openSystemConfiguration(process.env, paths);
    const desktopManaged = await managedSources('claude-desktop');
    // Windows has no folders that can't hold a pipe.
    const addresses = process.platform === 'win32' ? [agentAddress(paths)] : [agentAddress(paths), fallbackAddress()];
    const ends = new AbortController();
    if (bound !== undefined) whenGone(bound, () => ends.abort());
    const address = await new Agent({
      paths,
      addresses,
      lock,
      configuration,
      desktopManaged,
      ends: ends.signal,
    }).start();
    if (isatty(STDERR)) process.stderr.write(introduction(address, paths));
  } catch (thrown) {
    const { exit, text } = describeFailure(thrown);
    // Handles of a start that failed halfway must not keep the process, and with it the lock.
    process.stderr.write(text, () => process.exit(exit));
  }
}

/**
 * The instance lock, or who keeps it. An agent that ends with the app around it leaves for one that stays, unless a
 * sign-in is under way.
 * @throws AppError as `waitForInstanceLock`
 */
async function takeLock(paths: Paths, bound: number | undefined): Promise<InstanceLock | LockHolder> {
  const folder = lockFolder(paths);
  const facts = bound === undefined ? {} : { endsWith: bound };
  const lock = await waitForInstanceLock(folder, facts);
  if ('release' in lock || lock.endsWith === undefined || bound !== undefined) return lock;
  const { askRunningAgent } = await import('./find-agent.ts');
  const options = { deadlineMs: STOP_MS };
  const status = await askRunningAgent(paths, { method: 'status' }, options).catch(() => undefined);
  // Someone is at its page.
  if (status?.signIn === 'pending') return lock;
  await askRunningAgent(paths, { method: 'stop' }, options).catch(() => undefined);
  return waitForInstanceLock(folder, facts);
}

/** For a person who runs it in a terminal. */
function introduction(address: string, { log }: Paths): string {
  return `The agent runs as process ${process.pid}.
It listens at ${printable(address)} and logs to ${printable(log)}.
Press Ctrl+C to stop it.
`;
}
