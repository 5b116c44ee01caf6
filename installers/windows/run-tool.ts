import { spawnSync } from 'node:child_process';

interface ToolOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Standard input. */
  readonly input?: string;
}

/** Runs a command of the system; returns what it printed. @throws Error with what it said, without its arguments */
export function runTool(command: string, args: readonly string[], options: ToolOptions = {}): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', ...options });
  if (error !== undefined) throw new Error(`${command} can't be run: ${error.message}`);
  if (status !== 0) throw new Error(`${command} exited with ${status}: ${`${stdout}\n${stderr}`.trim()}`);
  return stdout;
}
