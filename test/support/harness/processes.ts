import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A running process that has the sandbox's environment, so was started from it. */
export interface SandboxProcess {
  readonly pid: number;
  readonly command: string;
}

/**
 * Processes with this very entry (`NAME=value`, a value without spaces) in their environment; those of other users may
 * be missing. Windows keeps environments to itself: none there.
 */
export function processesWith(entry: string): SandboxProcess[] {
  switch (process.platform) {
    case 'linux':
      return fromProc(entry);
    case 'darwin':
      return fromPs(execFileSync('/bin/ps', ['-axww', '-E', '-o', 'pid=,command='], { encoding: 'utf8' }), entry);
    default:
      return [];
  }
}

/** By proc(5); processes that end meanwhile are left out. */
function fromProc(entry: string): SandboxProcess[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const environment = readFileSync(`/proc/${name}/environ`, 'utf8').split('\0');
      if (!environment.includes(entry)) return [];
      return [
        { pid: Number(name), command: readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() },
      ];
    } catch {
      return [];
    }
  });
}

/** Reads what macOS's `ps -E` prints: process id, command, and environment, with only spaces between them. */
export function fromPs(output: string, entry: string): SandboxProcess[] {
  return output.split('\n').flatMap((line) => {
    const [, pid = '', words = ''] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? [];
    if (!` ${words} `.includes(` ${entry} `)) return [];
    const [command = ''] = words.split(/ (?=[A-Za-z_]\w*=)/, 1);
    return [{ pid: Number(pid), command }];
  });
}

/** Kills what `list` returns until it returns nothing. */
export async function killAll(list: () => SandboxProcess[]): Promise<void> {
  // Again, for what a killed one had just started.
  for (let round = 0; round < 50; round += 1) {
    const alive = list();
    if (alive.length === 0) return;
    for (const { pid } of alive) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended on its own.
      }
    }
    await sleep(20);
  }
}
