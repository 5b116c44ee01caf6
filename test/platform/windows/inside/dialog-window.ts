// Runs in Windows' Node: opens the window for a dialog, has the probe read its properties, closes it, and asks again.
import { execFileSync } from 'node:child_process';
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDialogWindow } from '../../../../src/platform/dialog-window.ts';

const [, , launcher = '', probe = '', end = ''] = process.argv;
const window = await openDialogWindow(launcher);
const handle = String(window.handle.readBigUInt64LE());
const look = () => execFileSync(probe, [handle], { encoding: 'utf8' }).trim().split(/\r?\n/);
const open = look();
let closed: string[] = [];
if (end === 'close') {
  window.close();
  for (const until = Date.now() + 20_000; closed[0] !== 'gone' && Date.now() < until; await sleep(100)) closed = look();
}
writeSync(1, JSON.stringify({ handle, open, closed }));
// Someone else ends the window.
if (end === 'wait') await sleep(60_000);
// Without `close`, the window must not outlive this process.
process.exit(0);
