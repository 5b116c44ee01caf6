// Runs in Windows' Node: writes a log through several rotations while a reader, as `doctor report` is one, has it open.
import { openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { openLog } from '../../../../src/log/log-file.ts';

const [, , folder = '', lines = '0'] = process.argv;
const log = openLog({ folder, level: 'info' });
for (let index = 0; index < Number(lines); index += 1) {
  log.info('filler', { attempt: index, detail: 'x'.repeat(500), reason: 'y'.repeat(300) });
  if (index === 300) openSync(join(folder, 'agent.log'), 'r');
}
const kept = readdirSync(folder)
  .sort()
  .reverse()
  .flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n'))
  .map((line) => (JSON.parse(line) as { attempt?: number }).attempt);
writeSync(1, JSON.stringify({ files: readdirSync(folder).sort(), kept }));
process.exit(0);
