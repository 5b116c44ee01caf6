// Who holds the instance lock: written next to it by the holder, so that other sessions find the agent wherever it
// listens, and so that an agent that doesn't answer can be named and ended.
import { readFileSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, isAbsolute, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { localTime } from '../core/local-time.ts';
import { fitsSocket } from '../ipc/address.ts';
import { readPrivateFile, writePrivateFile } from '../platform/private-file.ts';
import { systemProgram, withoutRelativePath } from '../platform/programs.ts';

export interface LockHolder {
  readonly pid: number;
  /** ISO 8601, by the clock of that moment. */
  readonly startedAt: string;
  /** Host name: the folder may be on a network drive. */
  readonly computer: string;
  readonly program: string;
  /** Linux only: tells the process from a later one with the same number. */
  readonly startMark?: string;
  /** The agent's socket, on Windows the file that names its pipe. Absent until it listens. */
  readonly address?: string;
  /** The process that this agent ends with; absent for one that stays. */
  readonly endsWith?: number;
}

const FILE_NAME = 'agent-process.json';
const POLL_MS = 20;
/** How long a process may take to disappear after SIGKILL; one that waits for a dead network drive never does. */
const KILL_MS = 2_000;
const PS_MS = 2_000;
/** macOS reports a process's start in whole seconds. */
const START_TOLERANCE_MS = 2_000;

export function thisProcess(): LockHolder {
  const startMark = startMarkOf(process.pid);
  return {
    pid: process.pid,
    startedAt: new Date(Date.now() - process.uptime() * 1_000).toISOString(),
    computer: hostname(),
    program: process.execPath,
    ...(startMark === undefined ? {} : { startMark }),
  };
}

/** @throws AppError ERR_STATE_UNWRITABLE */
export function writeLockHolder(folder: string, holder: LockHolder): void {
  writePrivateFile(lockHolderPath(folder), `${JSON.stringify({ v: 1, ...holder })}\n`);
}

export function lockHolderPath(folder: string): string {
  return join(folder, FILE_NAME);
}

/**
 * What the last holder of the lock in `folder` wrote, also if it has ended since: see `isRunning`. Undefined if it
 * wrote nothing, or nothing that can be trusted or understood.
 */
export function readLockHolder(folder: string): LockHolder | undefined {
  try {
    return parseHolder(readPrivateFile(lockHolderPath(folder))?.toString('utf8') ?? '');
  } catch {
    return undefined;
  }
}

function parseHolder(text: string): LockHolder | undefined {
  const { pid, startedAt, computer, program, startMark, address, endsWith } = JSON.parse(text) as Record<
    string,
    unknown
  >;
  // 0 and negative numbers would signal process groups, or the whole system.
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid < 1) return undefined;
  if (typeof startedAt !== 'string' || typeof computer !== 'string' || typeof program !== 'string') return undefined;
  return {
    pid,
    startedAt,
    computer,
    program,
    ...(typeof startMark === 'string' ? { startMark } : {}),
    ...(isAddress(address) ? { address } : {}),
    ...(typeof endsWith === 'number' ? { endsWith } : {}),
  };
}

function isAddress(value: unknown): value is string {
  return typeof value === 'string' && isAbsolute(value) && (process.platform === 'win32' || fitsSocket(value));
}

/** For people. */
export function describeHolder({ pid, computer, startedAt }: LockHolder): string {
  return `process ${pid} on ${computer}, since ${localTime(startedAt)}`;
}

/**
 * Whether the holder still runs on this computer: the same process, not another one that has its number now. False for
 * a process that can't be seen from here, for example in another container.
 */
export function isRunning(holder: LockHolder, platform: NodeJS.Platform = process.platform): boolean {
  if (holder.computer !== hostname()) return false;
  try {
    process.kill(holder.pid, 0);
    switch (platform) {
      case 'linux':
        return (
          isOwnProcess(holder.pid) && holder.startMark !== undefined && startMarkOf(holder.pid) === holder.startMark
        );
      case 'win32':
        return isProgram(holder);
      default:
        return hasStartedAt(holder);
    }
  } catch {
    return false;
  }
}

function isOwnProcess(pid: number): boolean {
  return statSync(`/proc/${pid}`).uid === process.getuid?.();
}

/**
 * The boot, and the ticks from boot to the process's start: proc(5), /proc/pid/stat, field 22. Undefined for a zombie.
 */
function startMarkOf(pid: number): string | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    // Field 2 is the program's name in parentheses and may contain anything.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    const [state] = fields;
    if (state === 'Z' || state === 'X') return undefined;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${fields[19]}`;
  } catch {
    return undefined;
  }
}

/** By the process's own user and start time; zombies have no such process. */
function hasStartedAt({ pid, startedAt }: LockHolder): boolean {
  const output = outputOf('/bin/ps', ['-o', 'uid=,state=,lstart=', '-p', String(pid)]);
  const [, uid, state = '', start = ''] = /^\s*(\d+)\s+(\S+)\s+(.*?)\s*$/.exec(output) ?? [];
  const distanceMs = Math.abs(Date.parse(start) - Date.parse(startedAt));
  return Number(uid) === process.getuid?.() && !state.startsWith('Z') && distanceMs <= START_TOLERANCE_MS;
}

/**
 * By the name of its program. Windows lets no one end another user's process. If tasklist says nothing, as
 * Wine's does, the number has to do: the lock is held by someone.
 */
function isProgram({ pid, program }: LockHolder): boolean {
  const output = outputOf(systemProgram('tasklist.exe'), ['/FI', `PID eq ${pid}`, '/FO', 'CSV', '/NH']).trim();
  return output === '' || output.toLowerCase().startsWith(`"${basename(program).toLowerCase()}"`);
}

/** Not imported at the top: it loads node:net, and a helper that asks an agent elsewhere must not wait for that. */
function outputOf(file: string, args: string[]): string {
  const { execFileSync } = process.getBuiltinModule('node:child_process');
  const env = { ...withoutRelativePath(process.env), LC_ALL: 'C' };
  return execFileSync(file, args, { encoding: 'utf8', timeout: PS_MS, windowsHide: true, env });
}

/**
 * Ends the holder: asks it to leave, and after `graceMs` kills it. Windows can only kill.
 * @returns how it ended, or that it can't be ended
 */
export async function endHolder(holder: LockHolder, graceMs: number): Promise<'left' | 'killed' | 'stays'> {
  if (await endsAfter(holder, 'SIGTERM', graceMs)) return 'left';
  return (await endsAfter(holder, 'SIGKILL', KILL_MS)) ? 'killed' : 'stays';
}

async function endsAfter(holder: LockHolder, signal: NodeJS.Signals, ms: number): Promise<boolean> {
  const endsAt = performance.now() + ms;
  if (isRunning(holder)) signalHolder(holder, signal);
  while (isRunning(holder)) {
    if (performance.now() > endsAt) return false;
    await sleep(POLL_MS);
  }
  return true;
}

/** Asks an agent to leave whose address is gone. Not on Windows, where it would be killed in the middle of its work. */
export function askToLeave(holder: LockHolder): void {
  if (process.platform !== 'win32') signalHolder(holder, 'SIGTERM');
}

function signalHolder({ pid }: LockHolder, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}
