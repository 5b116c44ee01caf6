// launchctl for tests without a Mac: see launchctl.sh, which says what it does and where that is known from. Needs a
// POSIX shell.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunCommand } from '../../../src/autostart/autostart.ts';

export const LAUNCHCTL = join(import.meta.dirname, 'launchctl.sh');

/** The files of the stand-in's state folder. */
export type LaunchdList =
  | 'sessions'
  | 'loaded'
  | 'ending'
  | 'disabled'
  | 'enabled'
  | 'unlisted'
  | 'refused'
  | 'transient'
  | 'stuck'
  | 'no-domain'
  | 'wording'
  | 'calls'
  | 'changes';

export interface FakeLaunchd {
  run: RunCommand;
  lines(list: LaunchdList): readonly string[];
  set(list: LaunchdList, lines: readonly string[]): void;
  /** Runs launchctl as a person does. */
  launchctl(...args: string[]): number | null;
  /** How long the service's process has been running, as ps(1) prints it. */
  elapsed: string;
}

/** A Mac whose user 501 is logged in at the screen. `folder` keeps its state. */
export function createFakeLaunchd(folder: string): FakeLaunchd {
  mkdirSync(folder, { recursive: true });
  const file = (list: LaunchdList): string => join(folder, list);
  const call = (args: readonly string[]) =>
    spawnSync('sh', [LAUNCHCTL, ...args], { encoding: 'utf8', env: { ...process.env, FAKE_LAUNCHD: folder } });
  const launchd: FakeLaunchd = {
    elapsed: '00:00',
    lines: (list) => (existsSync(file(list)) ? readFileSync(file(list), 'utf8').split('\n').filter(Boolean) : []),
    set: (list, lines) => writeFileSync(file(list), lines.map((line) => `${line}\n`).join('')),
    launchctl: (...args) => call(args).status,
    run(command, args) {
      if (command === '/bin/ps') return Promise.resolve({ exitCode: 0, stdout: ` ${launchd.elapsed}\n`, stderr: '' });
      if (command !== '/bin/launchctl') throw new Error(`a Mac has no ${command}`);
      const { status, stdout, stderr } = call(args);
      return Promise.resolve({ exitCode: status ?? undefined, stdout, stderr: stderr.trim() });
    },
  };
  launchd.set('sessions', ['gui/501']);
  return launchd;
}
