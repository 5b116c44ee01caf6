// Runs a program of the system that prints settings: without a shell, and never for long.
import { execFile } from 'node:child_process';
import { isAbsolute } from 'node:path';
import { withoutRelativePath } from '../programs.ts';

/** What the program printed, or for people, why there's nothing. */
export type ReaderResult = { readonly stdout: string } | { readonly failure: string };

/** Runs a program by its absolute path. Never rejects. */
export type RunReader = (file: string, args: readonly string[], env?: NodeJS.ProcessEnv) => Promise<ReaderResult>;

/** These programs take milliseconds, seconds while a computer starts. */
const TIMEOUT_MS = 5_000;
const MAX_OUTPUT_BYTES = 1024 * 1024;

export const runReader = readerWithin(TIMEOUT_MS);

/** Ends the program after `timeoutMs`. */
export function readerWithin(timeoutMs: number): RunReader {
  return (file, args, env = process.env) =>
    new Promise((resolve) => {
      if (!isAbsolute(file)) return resolve({ failure: `${file} isn't an absolute path` });
      const options = {
        env: withoutRelativePath(env),
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
        maxBuffer: MAX_OUTPUT_BYTES,
        windowsHide: true,
      } as const;
      const child = execFile(file, [...args], options, (error, stdout) => {
        resolve(error === null ? { stdout } : { failure: `${file} ${reason(error, timeoutMs)}` });
      });
      child.stdin?.end();
    });
}

interface Failure {
  readonly code?: string | number | null;
  readonly killed?: boolean;
}

function reason({ code, killed }: Failure, timeoutMs: number): string {
  if (typeof code === 'number') return `exited with ${code}`;
  if (killed === true && typeof code !== 'string') return `didn't answer within ${timeoutMs / 1000} s`;
  return `couldn't run (${code ?? 'it was ended'})`;
}
