// Programs that a test starts must not outlive it, no matter how the test ends.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';

/** Of util-linux, which every Debian and Ubuntu has. */
const SETPRIV = '/usr/bin/setpriv';

const running = new Set<ChildProcess>();
let isArmed = false;

/**
 * Spawns a program that dies with this process: killed at its exit, and by the kernel (PR_SET_PDEATHSIG) where this
 * process is itself killed. Linux only.
 */
export function spawnOwned(file: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  if (!isArmed) {
    isArmed = true;
    process.on('exit', () => {
      for (const child of running) child.kill('SIGKILL');
    });
  }
  const child = spawn(SETPRIV, ['--pdeathsig', 'KILL', file, ...args], { ...options, shell: false });
  running.add(child);
  child.once('exit', () => running.delete(child));
  child.once('error', () => running.delete(child));
  return child;
}

/** Kills the program and resolves when it is gone. */
export async function killOwned(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
