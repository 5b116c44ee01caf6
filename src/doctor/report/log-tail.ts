import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { publicLogLine } from '../../log/public-fields.ts';

/** Far more than the lines need; the rotated files may be of any age. */
const MAX_BYTES = 256 * 1024;

/** The log's last lines, oldest first, with their known fields only; none where it cannot be read. */
export function readLogTail(folder: string, count: number): readonly string[] {
  const lines: string[] = [];
  for (const name of ['agent.log', 'agent.log.1']) {
    if (lines.length >= count) break;
    lines.unshift(...linesAtEnd(join(folder, name)));
  }
  return lines.flatMap((line) => publicLogLine(line) ?? []).slice(-count);
}

function linesAtEnd(path: string): readonly string[] {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch {
    return [];
  }
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) return [];
    const from = Math.max(0, stats.size - MAX_BYTES);
    const bytes = Buffer.alloc(stats.size - from);
    const length = readSync(descriptor, bytes, 0, bytes.length, from);
    // A line that is cut at the front is no JSON any more, and so left out.
    return bytes.toString('utf8', 0, length).split('\n').filter(Boolean);
  } catch {
    return [];
  } finally {
    closeSync(descriptor);
  }
}
