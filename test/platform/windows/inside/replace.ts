// Runs in Windows' Node: replaces a file that another process has open for a while.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeSync } from 'node:fs';
import { writePrivateFile } from '../../../../src/platform/private-file.ts';

const [, , path = '', holdMs = '0'] = process.argv;
writePrivateFile(path, 'old');
const holder = spawn(
  process.execPath,
  [
    '-e',
    `require('fs').openSync(process.argv[1], 'r'); console.log('open'); setTimeout(() => {}, ${Number(holdMs)})`,
    path,
  ],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
await once(holder.stdout, 'data');
const startedAt = performance.now();
let failure = '';
try {
  writePrivateFile(path, 'new');
} catch (thrown) {
  failure = thrown instanceof Error ? String((thrown as { code?: string }).code) : String(thrown);
}
const durationMs = performance.now() - startedAt;
writeSync(1, JSON.stringify({ content: readFileSync(path, 'utf8'), failure, durationMs }));
holder.kill();
