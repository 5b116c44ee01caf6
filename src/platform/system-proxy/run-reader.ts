// Runs a program of the system that prints settings: without a shell, and never for long.
import { execFile } from 'node:child_process';
import { withoutRelativePath } from '../programs.ts';

/** What the program printed, or for people, why there's nothing. */
export type ReaderResult = { readonly stdout: string } | { readonly failure: string };

/** Runs a program by its absolute path. Never rejects. */
export type RunReader = (file: string, args: readonly string[], env?: NodeJS.ProcessEnv) => Promise<ReaderResult>;

/** These programs take milliseconds, seconds while a computer starts. */
const TIMEOUT_MS = 5_000;
const MAX_OUTPUT_BYTES = 1024 * 1024;

export const runReader: RunReader = (file, args, env = process.env) =>
  new Promise((resolve) => {
    const options = {
      env: withoutRelativePath(env),
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
      maxBuffer: MAX_OUTPUT_BYTES,
      windowsHide: true,
    } as const;
    const child = execFile(file, [...args], options, (error, stdout) => {
      resolve(error === null ? { stdout } : { failure: `${file} ${reason(error)}` });
    });
    child.stdin?.end();
  });

function reason(error: { readonly code?: string | number | null; readonly killed?: boolean }): string {
  if (typeof error.code === 'number') return `exited with ${error.code}`;
  if (error.killed === true && error.code === null) return `didn't answer within ${TIMEOUT_MS / 1000} s`;
  return `couldn't run (${error.code ?? 'it was ended'})`;
}
