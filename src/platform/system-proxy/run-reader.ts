// Runs a program of the system that prints settings.
import { runProgram } from '../run-program.ts';

/** What the program printed, or for people, why there's nothing. */
export type ReaderResult = { readonly stdout: string } | { readonly failure: string };

/** Runs a program by its absolute path. Never rejects. */
export type RunReader = (file: string, args: readonly string[], env?: NodeJS.ProcessEnv) => Promise<ReaderResult>;

/** These programs take milliseconds, seconds while a computer starts. */
const TIMEOUT_MS = 5_000;

export const runReader = readerWithin(TIMEOUT_MS);

/** Ends the program after `timeoutMs`. */
export function readerWithin(timeoutMs: number): RunReader {
  return async (file, args, env) => {
    const { exitCode, stdout, failure } = await runProgram(file, args, timeoutMs, env);
    if (exitCode === 0) return { stdout: stdout.toString('utf8') };
    return { failure: `${file} ${failure ?? `exited with ${exitCode}`}` };
  };
}
