import { execFile } from 'node:child_process';
import { isAbsolute } from 'node:path';
import { withoutRelativePath } from './programs.ts';

export interface ProgramResult {
  /** `undefined` if the program couldn't be run or didn't end in time. */
  readonly exitCode: number | undefined;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** Why there's no exit code, for people: `didn't answer within 5 s`. */
  readonly failure?: string;
}

/**
 * Runs a program by its absolute path, without a shell, a window, or anything to read. Never rejects. A relative path
 * isn't run: it would lead to the working folder.
 */
export type RunProgram = (
  file: string,
  args: readonly string[],
  timeoutMs: number,
  env?: NodeJS.ProcessEnv,
) => Promise<ProgramResult>;

export const runProgram: RunProgram = (file, args, timeout, env = process.env) =>
  new Promise((resolve) => {
    const nothing = { exitCode: undefined, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
    if (!isAbsolute(file)) {
      resolve({ ...nothing, failure: "isn't an absolute path" });
      return;
    }
    const variables = { env: withoutRelativePath(env) };
    const options = { ...variables, encoding: 'buffer', timeout, killSignal: 'SIGKILL', windowsHide: true } as const;
    try {
      const child = execFile(file, [...args], options, (error, stdout, stderr) => {
        // Without a code, a signal ended it.
        const code = error === null ? 0 : (error.code ?? null);
        if (typeof code === 'number') resolve({ exitCode: code, stdout, stderr });
        else resolve({ exitCode: undefined, stdout, stderr, failure: reason(code, error?.killed === true, timeout) });
      });
      child.stdin?.end();
    } catch (thrown) {
      // Node throws some of the system's errors instead of reporting them, such as that a policy blocks the program.
      resolve({ ...nothing, failure: reason(errnoOf(thrown), false, timeout) });
    }
  });

function errnoOf(thrown: unknown): string {
  return (thrown as NodeJS.ErrnoException).code ?? 'an unknown error';
}

function reason(code: string | null, killed: boolean, timeoutMs: number): string {
  if (code === null && killed) return `didn't answer within ${timeoutMs / 1000} s`;
  return `couldn't run (${code ?? 'it was ended'})`;
}

/**
 * The text that a program of Windows printed. Consoles have a code page that the reader can't know: characters outside
 * ASCII are right only in UTF-16 and UTF-8.
 */
export function decodeOutput(bytes: Buffer): string {
  if (bytes.includes(0)) return bytes.toString('utf16le').replace(/^\ufeff/, '');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}
