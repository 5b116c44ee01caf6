import { readFileSync } from 'node:fs';

/**
 * Bytes of a process's memory by the kernel's own sum, proc_pid_smaps(5). `Private_Dirty`: what it alone has and no one
 * can drop, pages of files that aren't yet on the disk among them. `Anonymous`: what no file is behind. Linux only.
 */
export function memoryOf(pid: number, kind: 'Private_Dirty' | 'Anonymous'): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(new RegExp(`^${kind}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1]) * 1024;
}
