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

/** Starts an opener with this environment, and waits for its end for 3 s. It may be the browser, and goes on. Never rejects. */
export function runOpener(command: BrowserCommand, env: NodeJS.ProcessEnv): Promise<OpenerEnd> {
  return run(command, env, 'go on');
}

/**
 * The same for a command that only has an opener started, and exits as that does. It reports on stderr if it can't. One
 * that still waits after 3 s is ended.
 */
export function runStarter(command: BrowserCommand, env: NodeJS.ProcessEnv): Promise<OpenerEnd> {
  return run(command, env, 'end');
}

async function run(command: BrowserCommand, env: NodeJS.ProcessEnv, afterwards: 'go on' | 'end'): Promise<OpenerEnd> {
  if (!isAbsolute(command.file)) return 'not-started';
  // spawn throws some errors instead of emitting them, for example for a URL that is too long for this system.
  return start(command, env, afterwards).catch(() => 'not-started');
}

function start(command: BrowserCommand, env: NodeJS.ProcessEnv, afterwards: 'go on' | 'end'): Promise<OpenerEnd> {
  const { file, args, input } = command;
  return new Promise((resolve) => {
    const stderr = afterwards === 'end' ? 'pipe' : 'ignore';
    const stdio = [input === undefined ? 'ignore' : 'pipe', 'ignore', stderr] satisfies StdioOptions;
    // It may be the browser itself, whose files and core dumps are the user's own affair.
    const child = withUsualUmask(() =>
      withUsualDumps(() => spawn(file, args, { env, detached: true, shell: false, stdio, windowsHide: true })),
    );
    // Its exit code says whether it got the address.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
    const timer = setTimeout(() => {
      resolve('stays');
      if (afterwards === 'end') child.kill();
    }, START_MS);
    const settle = (end: OpenerEnd) => {
      clearTimeout(timer);
      resolve(end);
    };
    let hasReported = false;
    child.stderr?.on('data', () => {
      hasReported = true;
    });
    child.once('error', () => settle('not-started'));
    child.once(afterwards === 'end' ? 'close' : 'exit', (code: number | null) =>
      settle(hasReported && code !== 0 ? 'not-started' : (code ?? ENDED_BY_SIGNAL)),
    );
    child.unref();
  });
}

const ENDED_BY_SIGNAL = 128;
