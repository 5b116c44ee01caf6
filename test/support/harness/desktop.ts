// A desktop that shows notifications, on a virtual screen.
import { execFileSync, spawn } from 'node:child_process';
import { expect, onTestFinished } from 'vitest';
import type { World } from './world.ts';

/** Starts a screen with dunst in the world's session. Returns `dunstctl`, which throws what dunst says if it fails. */
export async function startDesktop(world: World): Promise<(...args: string[]) => string> {
  const screen = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '640x480x24'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  onTestFinished(() => void screen.kill('SIGKILL'));
  const display = await new Promise<string>((resolve) =>
    screen.stdio[3]?.once('data', (text) => resolve(`:${text}`.trim())),
  );
  const env = { ...world.env, DISPLAY: display };
  const dunst = spawn('dunst', [], { env, stdio: 'ignore' });
  onTestFinished(() => void dunst.kill('SIGKILL'));
  const dunstctl = (...args: string[]): string => execFileSync('dunstctl', args, { env, encoding: 'utf8' }).trim();
  await expect.poll(() => tryTo(() => dunstctl('count', 'displayed'))).toBe('0');
  return dunstctl;
}

function tryTo(work: () => string): string | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
