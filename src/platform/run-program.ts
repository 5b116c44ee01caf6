import { execFile } from 'node:child_process';
import { isAbsolute } from 'node:path';
import { withoutRelativePath } from './programs.ts';

export interface ProgramResult {
  /** `undefined` if the program couldn't be run or didn't end in time. */
  readonly exitCode: number | undefined;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/**
 * Runs a program of Windows by its absolute path, without a shell or a window. Never rejects. A relative path isn't run:
 * it would lead to the working folder.
 */
export type RunProgram = (file: string, args: readonly string[], timeoutMs: number) => Promise<ProgramResult>;

export const runProgram: RunProgram = (file, args, timeoutMs) =>
  new Promise((resolve) => {
    if (!isAbsolute(file)) {
      resolve({ exitCode: undefined, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) });
      return;
    }
    const env = withoutRelativePath(process.env);
    const options = { encoding: 'buffer', timeout: timeoutMs, windowsHide: true, env } as const;
    execFile(file, [...args], options, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : undefined;
      resolve({ exitCode, stdout, stderr });
    });
  });

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
