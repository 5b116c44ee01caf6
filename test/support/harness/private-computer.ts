// A computer for one test: this one's files, with every change kept in memory, and processes that no one else sees.
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { OVERLAY_SETUP, overlayRootFault, UNSHARE } from './overlay-root.ts';
import { killOwned, spawnOwned } from './process-cleanup.ts';

/** Version 2 of control groups has its root here; version 1 and the mixed form have systemd's trees below. */
const TREES = ['', 'systemd', 'unified'].map((tree) => join('/sys/fs/cgroup', tree));
const CGROUP = 'fch-test';
/** On a busy machine, what takes 0.3 s may take this long. */
export const PATIENCE_MS = 60_000;

export interface PrivateComputerOptions {
  /** A folder of this computer's that is there under the same path. */
  readonly folder: string;
  /** Whose control group it is, so that they can run a user manager. */
  readonly uid: number;
  /** A shell script that runs first, as root, in what becomes the computer's root folder. */
  readonly setUp: string;
}

export interface PrivateComputer {
  /** What a command begins with to run there, as root, in the root folder. */
  readonly inside: readonly string[];
  /** The shell commands that move a shell, running there as root, into the computer's control group. */
  readonly enterCgroup: string;
  /** Kills every process there. The changed files go with them. */
  dispose(): Promise<void>;
}

/** Why it can't be done here, or `undefined`. */
export function privateComputerFault(): string | undefined {
  const fault = overlayRootFault();
  if (fault !== undefined) return fault;
  const isWritable = TREES.some((tree) => spawnSync('test', ['-w', join(tree, 'cgroup.procs')]).status === 0);
  return isWritable ? undefined : 'needs control groups that root may change';
}

let counter = 0;

/** @throws Error with what the script printed, when it fails */
export async function createPrivateComputer(options: PrivateComputerOptions): Promise<PrivateComputer> {
  removeAbandonedCgroups();
  const cgroup = `${CGROUP}-${process.pid}-${counter++}`;
  const init = spawnOwned('unshare', [...UNSHARE, 'sh', '-c', script(options, cgroup)], {
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', GIVEN: options.folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [init.stdout, init.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const dispose = async () => {
    await killOwned(init);
    // The kernel may still be at the killed processes.
    for (const tree of TREES) await until('the end of the control group', () => removeTree(join(tree, cgroup)));
  };
  try {
    await until('a private computer', () => {
      if (init.exitCode !== null) throw new Error(output);
      return output.includes('READY');
    });
    return {
      inside: ['nsenter', `--target=${onlyChild(init.pid)}`, '--mount', '--pid', '--root', '--wd'],
      enterCgroup: TREES.map((tree) => join(tree, cgroup, 'cgroup.procs'))
        .filter((file) => existsSync(file))
        .map((file) => `echo 0 >${file}`)
        .join('; '),
      dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Becomes the computer's first process, which has nothing to do but look after orphans. */
function script({ folder, uid, setUp }: PrivateComputerOptions, cgroup: string): string {
  return `${OVERLAY_SETUP}
cd "$base/root"
mount --rbind /sys sys
mount -t tmpfs -o mode=755 tmpfs run
mkdir -p '.${folder}'
mount --bind "$GIVEN" '.${folder}'
for tree in ${TREES.join(' ')}; do
  [ -e "$tree/cgroup.procs" ] || continue
  mkdir "$tree/${cgroup}"
  chown -R ${uid} "$tree/${cgroup}"
done
${setUp}
exec chroot . sh -c 'echo READY; sleep infinity & wait'`;
}

export interface Outcome {
  /** -1: it was killed, or didn't start. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Never rejects. */
export function execute([file = '', ...args]: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(file, args, { timeout: PATIENCE_MS }, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ exitCode, stdout, stderr });
    });
  });
}

/** Of a program that only waits for what it has started, such as unshare and nsenter. */
export function onlyChild(pid: number | undefined): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
}

/** @throws Error when it isn't so within a minute */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`waited ${PATIENCE_MS} ms for ${what}`);
    await sleep(20);
  }
}

/** Those of test runs that were killed. */
function removeAbandonedCgroups(): void {
  for (const tree of TREES.filter((path) => existsSync(path))) {
    for (const name of readdirSync(tree)) {
      const owner = new RegExp(`^${CGROUP}-(\\d+)-`).exec(name)?.[1];
      if (owner !== undefined && !existsSync(`/proc/${owner}`)) removeTree(join(tree, name));
    }
  }
}

/** A control group's folder has files that can't be removed, and need not. */
function removeTree(folder: string): boolean {
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) removeTree(join(folder, entry.name));
    }
    rmdirSync(folder);
  } catch {
    // A process is still in it.
  }
  return !existsSync(folder);
}
