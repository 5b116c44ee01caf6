import { join } from 'node:path';
import { readFileBytes } from '../../formats/text-file.ts';
import { publicLogLine } from '../../log/public-fields.ts';

/** More than a log file's limit. */
const MAX_BYTES = 2 * 1024 * 1024;

/** The log's last lines, oldest first, with their known fields only; none if it can't be read. */
export function readLogTail(folder: string, count: number): readonly string[] {
  const lines: string[] = [];
  for (const name of ['agent.log', 'agent.log.1']) {
    if (lines.length >= count) break;
    lines.unshift(...linesOf(join(folder, name)));
  }
  return lines.flatMap((line) => publicLogLine(line) ?? []).slice(-count);
}

function linesOf(path: string): readonly string[] {
  const file = readFileBytes(path, { followLinks: true, maxBytes: MAX_BYTES });
  return file.state === 'bytes' ? file.bytes.toString('utf8').split('\n').filter(Boolean) : [];
}
