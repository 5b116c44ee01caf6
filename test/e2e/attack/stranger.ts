// A program of another user's that keeps a port of 127.0.0.1 busy.
import { type ChildProcess, spawn } from 'node:child_process';
import { onTestFinished } from 'vitest';
import { NOBODY, publicCopy } from './support.ts';

/** This project's Node, which the other user may run. */
const attacker = publicCopy(process.execPath);

/** `send` runs over and over, many at a time. Whatever comes back is written to stdout. */
const attack = (port: string, atOnce: number, send: string): string => `
import { connect } from 'node:net';
let tries = 0;
const again = () => {
  const socket = connect(${port}, '127.0.0.1');
  socket.on('data', (chunk) => process.stdout.write(chunk));
  socket.on('error', () => undefined);
  socket.on('close', () => setTimeout(again, 5));
  socket.on('connect', () => { ${send} });
  tries += 1;
  if (tries === ${2 * atOnce}) process.stderr.write('under way');
};
for (let index = 0; index < ${atOnce}; index += 1) again();
// Those that are held open don't come again by themselves.
setTimeout(() => process.stderr.write('under way'), 1_000);
`;

/** Resolves once the attack is under way; it ends with the test. */
export function startAttack(
  port: string,
  atOnce: number,
  send: string,
): Promise<{ readonly received: () => string; readonly process: ChildProcess }> {
  const child = spawn(attacker, ['--input-type=module', '--eval', attack(port, atOnce, send)], {
    uid: NOBODY,
    gid: NOBODY,
    cwd: '/',
    env: {},
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let received = '';
  child.stdout.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1');
  });
  return new Promise((resolve) =>
    child.stderr.once('data', () => resolve({ received: () => received, process: child })),
  );
}
