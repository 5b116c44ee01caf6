import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { isAlive, whenGone } from '../../../src/platform/process-watch.ts';

it('calls back once after the process has ended, and not before', async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
  const { pid = 0 } = child;
  let isGone = false;
  const gone = new Promise<void>((resolve) => {
    whenGone(pid, () => {
      isGone = true;
      resolve();
    });
  });
  expect(isAlive(pid)).toBe(true);
  expect(isGone).toBe(false);
  const exited = once(child, 'exit');
  child.stdin.end();
  await exited;
  await gone;
  expect(isAlive(pid)).toBe(false);
});
