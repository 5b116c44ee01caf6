import { readFileSync, readlinkSync, statSync } from 'node:fs';

/** Which program runs as a process, and which one started it. What can't be read is left out. */
export interface ProcessOrigin {
  /** Absolute path of the executable. */
  readonly program?: string;
  readonly parentPid?: number;
  readonly parent?: string;
}

/** Linux only (proc_pid_exe(5)); empty elsewhere, for another user's process, and for one that has ended. */
export function processOrigin(pid: number): ProcessOrigin {
  if (process.platform !== 'linux') return {};
  try {
    if (statSync(`/proc/${pid}`).uid !== process.getuid?.()) return {};
    const program = executableOf(pid);
    // The name in parentheses may contain anything, so count from its end.
    const [, parentPid = ''] = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? [];
    const parent = executableOf(Number(parentPid));
    return {
      ...(program === undefined ? {} : { program }),
      parentPid: Number(parentPid),
      ...(parent === undefined ? {} : { parent }),
    };
  } catch {
    return {};
  }
}

function executableOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return undefined;
  }
}
