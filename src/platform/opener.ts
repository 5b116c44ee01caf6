import { spawn } from 'node:child_process';
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

/** How an opener ended: its exit code, `stays` if it still runs after 3 s, or `failed` if a signal or the system ended it. */
export type OpenerEnd = number | 'stays' | 'failed';

/**
 * Starts an opener with this environment, and waits for its end for 3 s. Never rejects.
 * @param then what happens to one that still runs: it may be the browser, and goes on; one that only waits must end
 */
export async function runOpener(
  command: BrowserCommand,
  env: NodeJS.ProcessEnv,
  then: 'go on' | 'end' = 'go on',
): Promise<OpenerEnd> {
  if (!isAbsolute(command.file)) return 'failed';
  // spawn throws some errors instead of emitting them, for example for a URL that is too long for this system.
  return start(command, env, then).catch(() => 'failed');
}

function start(command: BrowserCommand, env: NodeJS.ProcessEnv, then: 'go on' | 'end'): Promise<OpenerEnd> {
  const { file, args, input } = command;
  const stdio = [input === undefined ? 'ignore' : 'pipe', 'ignore', 'ignore'] as const;
  return new Promise((resolve) => {
    // It may be the browser itself, whose files and core dumps are the user's own affair.
    const child = withUsualUmask(() =>
      withUsualDumps(() =>
        spawn(file, args, { env, detached: true, shell: false, stdio: [...stdio], windowsHide: true }),
      ),
    );
    // Its exit code says whether it got the address.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
    const timer = setTimeout(() => {
      resolve('stays');
      if (then === 'end') child.kill();
    }, START_MS);
    const settle = (end: OpenerEnd) => {
      clearTimeout(timer);
      resolve(end);
    };
    child.once('error', () => settle('failed'));
    child.once('exit', (code) => settle(code ?? 'failed'));
    child.unref();
  });
}
