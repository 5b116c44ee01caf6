// Runs measure.c, which it compiles first.
import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectFolder } from '../installers/build/bundle.ts';

const execute = promisify(execFile);

/** What one run of a program cost, its children that it waited for included. */
export interface Cost {
  readonly wallMs: number;
  /** User and system time. */
  readonly cpuMs: number;
  readonly peakMb: number;
}

export interface Program {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  /** The whole environment, not an addition to this process's. */
  readonly env: NodeJS.ProcessEnv;
  /** A file; default /dev/null. */
  readonly input?: string;
  /** Default 0: what fails fast must not count as fast. */
  readonly exitCode?: number;
}

export interface Measure {
  /** @throws Error when the program ends otherwise than it should */
  run(program: Program): Promise<Cost>;
  /** Microseconds of each request to a Unix socket, from connect to answer. `end`: where an answer ends. */
  ask(socket: string, request: string, end: 'line' | 'eof', count: number, threads: number): Promise<readonly number[]>;
}

/** @param folder where the compiled program goes */
export function buildMeasure(folder: string): Measure {
  const tool = join(folder, 'measure');
  execFileSync('cc', ['-O2', '-pthread', '-o', tool, join(projectFolder, 'bench/measure.c')]);
  return {
    async run({ name, file, args, env, input = '/dev/null', exitCode = 0 }) {
      const { stdout } = await execute(tool, ['run', input, file, ...args], { env });
      const [wall = 0, user = 0, system = 0, peak = 0, code] = stdout.split(' ').map(Number);
      if (code !== exitCode) throw new Error(`${name} exited with ${code}`);
      return { wallMs: wall / 1000, cpuMs: (user + system) / 1000, peakMb: peak / 1024 };
    },
    async ask(socket, request, end, count, threads) {
      const { stdout } = await execute(tool, ['ask', socket, request, end, String(count), String(threads)]);
      return stdout.trim().split('\n').map(Number);
    },
  };
}
