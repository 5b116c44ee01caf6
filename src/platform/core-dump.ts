// What a core dump of this process contains (core(5), "Controlling which mappings are written to the core dump").
import { readFileSync, writeFileSync } from 'node:fs';

const FILTER = '/proc/self/coredump_filter';
const NOTHING = '0';
/** Linux's default: anonymous memory, ELF headers, and private huge pages. */
const USUAL = '0x33';

/**
 * Leaves this process's memory, and with it tokens, out of core dumps on Linux. Children inherit it, so what this
 * process starts has no memory in its dumps either, unless `withUsualDumps` starts it. If the system doesn't let it, see
 * `hasMemoryInDumps`.
 */
export function leaveMemoryOutOfDumps(): void {
  write(NOTHING);
}

/** Runs `start`, which starts another program, so that the program's own core dumps are what they usually are. */
export function withUsualDumps<T>(start: () => T): T {
  write(USUAL);
  try {
    return start();
  } finally {
    write(NOTHING);
  }
}

/** Whether a core dump of this process would contain its memory. Unknown, and false, on other systems than Linux. */
export function hasMemoryInDumps(): boolean {
  if (process.platform !== 'linux') return false;
  try {
    return Number.parseInt(readFileSync(FILTER, 'latin1'), 16) !== 0;
  } catch {
    // A kernel without the file makes no core dumps.
    return false;
  }
}

function write(filter: string): void {
  if (process.platform !== 'linux') return;
  try {
    writeFileSync(FILTER, filter);
  } catch {
    // A read-only /proc, as in some containers. Tokens matter more.
  }
}
