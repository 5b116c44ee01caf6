// A clock that tests move, for programs that run on it: libfaketime changes what they see of the computer's clock.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from './world.ts';

const LIBRARY = [
  '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1',
  '/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1',
].find((path) => existsSync(path));

export interface MovableClock {
  /** For the programs that run on it. */
  readonly env: Readonly<Record<string, string>>;
  /** Moves it, for example by `+8h`, from the real time. The monotonic clock stays, as in a suspended computer. */
  set(offset: string): void;
}

/** @throws Error if the computer lacks libfaketime */
export function movableClock(world: World): MovableClock {
  if (LIBRARY === undefined) throw new Error('libfaketime is missing (Debian package faketime)');
  // libfaketime finds it without a variable: the agent keeps none of those that it doesn't know.
  const file = join(world.env['HOME'] ?? '', '.faketimerc');
  const set = (offset: string): void => writeFileSync(file, offset);
  set('+0');
  const env = {
    LD_PRELOAD: LIBRARY,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    DONT_FAKE_MONOTONIC: '1',
  };
  return { env, set };
}
