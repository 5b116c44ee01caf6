// Windows' task scheduler by its own program. Its messages are in the user's language, so only exit codes and XML
// count. https://learn.microsoft.com/windows-server/administration/windows-commands/schtasks

import { systemProgram } from '../platform/programs.ts';
import { decodeOutput, type RunProgram, runProgram } from '../platform/run-program.ts';
import { readTask, type Task } from './task-xml.ts';

/** What it said last, if it failed. */
export interface Refusal {
  readonly exitCode: number | undefined;
  readonly message: string;
}

export class Schtasks {
  readonly #run: RunProgram;
  readonly #timeoutMs: number;

  constructor({ run = runProgram, timeoutMs = 10_000 }: { run?: RunProgram; timeoutMs?: number } = {}) {
    this.#run = run;
    this.#timeoutMs = timeoutMs;
  }

  /** `undefined` if there's no task of this name, or none that this user may see. */
  async query(name: string): Promise<Task | undefined> {
    const { exitCode, stdout } = await this.#call('/query', '/tn', name, '/xml');
    const text = decodeOutput(stdout);
    return exitCode === 0 && text.includes('<Task') ? readTask(text) : undefined;
  }

  /** Creates the task from a file, or replaces it. Returns why not, if so. */
  async create(name: string, file: string): Promise<Refusal | undefined> {
    return this.#change('/create', '/tn', name, '/xml', file, '/f');
  }

  /** Returns why not, if so. */
  async delete(name: string): Promise<Refusal | undefined> {
    return this.#change('/delete', '/tn', name, '/f');
  }

  /** Asks the scheduler to start the task, which it does soon afterward. */
  async run(name: string): Promise<boolean> {
    return (await this.#change('/run', '/tn', name)) === undefined;
  }

  async #change(...args: string[]): Promise<Refusal | undefined> {
    const { exitCode, stderr } = await this.#call(...args);
    return exitCode === 0 ? undefined : { exitCode, message: decodeOutput(stderr).trim() };
  }

  #call(...args: string[]): ReturnType<RunProgram> {
    return this.#run(systemProgram('schtasks.exe'), args, this.#timeoutMs);
  }
}

/**
 * Whether the scheduler's text of a path can mean `path`: the console's code page replaces characters that it lacks,
 * and may print the others as other bytes. Windows' paths are case-insensitive.
 */
export function isSamePrinted(printed: string, path: string): boolean {
  const pattern = path
    .split(/[^\x20-\x7e]+/)
    .map((part) => part.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))
    .join('.+');
  return new RegExp(`^${pattern}$`, 'is').test(printed);
}
