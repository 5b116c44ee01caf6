import { type StdioOptions, spawn } from 'node:child_process';
import { isAbsolute } from 'node:path';
import { withUsualDumps } from './core-dump.ts';
import { withUsualUmask } from './umask.ts';

/** Milliseconds after which an opener that hasn't failed has opened the page. Some run as long as the browser. */
export const START_MS = 3000;

export interface BrowserCommand {
  /** Absolute, so a program in the working folder can't take its place. */
  readonly file: string;
  readonly args: readonly string[];
  /** For its standard input. Without it, there is none. */
  readonly input?: string;
}

/**
 * How an opener ended: its exit code, `stays` if it still runs after 3 s, or `not-started` if it couldn't be started. A
 * signal counts as exit code 128.
 */
export type OpenerEnd = number | 'stays' | 'not-started';

/**
 * Starts an opener with this environment, and waits for its end for 3 s. It may be the browser, and continues. Never
 * rejects.
 */
export function runOpener(command: BrowserCommand, env: NodeJS.ProcessEnv): Promise<OpenerEnd> {
  // spawn throws some errors instead of emitting them, for example for a URL that is too long for this system.
  return start(command, env, undefined).catch(() => 'not-started');
}

/**
 * The same for a command that has an opener started, says so on stderr, and then waits and exits as that does. After 3
 * s, it's ended.
 * @param started what it says as soon as the opener runs
 */
export function runStarter(command: BrowserCommand, env: NodeJS.ProcessEnv, started: string): Promise<OpenerEnd> {
  return start(command, env, started).catch(() => 'not-started');
}

function start(command: BrowserCommand, env: NodeJS.ProcessEnv, started: string | undefined): Promise<OpenerEnd> {
  const { file, args, input } = command;
  if (!isAbsolute(file)) return Promise.resolve('not-started');
  return new Promise((resolve) => {
    const stdio = [
      input === undefined ? 'ignore' : 'pipe',
      'ignore',
      started === undefined ? 'ignore' : 'pipe',
    ] satisfies StdioOptions;
    // It may be the browser itself, whose files and core dumps are the user's own affair.
    const child = withUsualUmask(() =>
      withUsualDumps(() => spawn(file, args, { env, detached: true, shell: false, stdio, windowsHide: true })),
    );
    // Its exit code says whether it got the address.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      said = `${said}${chunk.toString()}`.slice(0, MAX_SAID);
    });
    const hasStarted = () => started === undefined || said.includes(started);
    const timer = setTimeout(() => {
      if (started !== undefined) child.kill();
      resolve(hasStarted() ? 'stays' : 'not-started');
    }, START_MS);
    const settle = (end: OpenerEnd) => {
      clearTimeout(timer);
      resolve(end);
    };
    child.once('error', () => settle('not-started'));
    child.once(started === undefined ? 'exit' : 'close', (code: number | null) =>
      settle(hasStarted() ? (code ?? ENDED_BY_SIGNAL) : 'not-started'),
    );
    child.unref();
  });
}

const MAX_SAID = 4096;
const ENDED_BY_SIGNAL = 128;
