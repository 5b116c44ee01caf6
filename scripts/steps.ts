import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { projectFolder } from './project-folder.ts';

export interface Step {
  readonly name: string;
  run(): boolean;
}

/** Runs all steps in order, each under a heading. Returns the names of those that failed. */
export function runSteps(steps: readonly Step[]): string[] {
  const failed: string[] = [];
  for (const { name, run } of steps) {
    const startedAt = performance.now();
    console.log(`\n== ${name}`);
    const succeeded = run();
    console.log(`== ${succeeded ? 'done' : 'FAILED'} in ${secondsSince(startedAt)} s`);
    if (!succeeded) failed.push(name);
  }
  return failed;
}

export interface Outcome {
  readonly succeeded: boolean;
  readonly output: string;
}

export interface Task {
  readonly name: string;
  run(): Promise<Outcome>;
}

/**
 * Runs all tasks at the same time and prints each one's output when it ends. Returns the names of those that failed.
 */
export async function runTasks(tasks: readonly Task[]): Promise<string[]> {
  const runs = tasks.map(async ({ name, run }) => {
    const startedAt = performance.now();
    const { succeeded, output } = await run();
    const text = output.trim() === '' ? '' : `${output.trimEnd()}\n`;
    console.log(`\n== ${name}\n${text}== ${succeeded ? 'done' : 'FAILED'} in ${secondsSince(startedAt)} s`);
    return succeeded ? [] : [name];
  });
  return (await Promise.all(runs)).flat();
}

/**
 * Runs a JavaScript or TypeScript file (path from the project's folder) with this Node. Returns whether it exited with
 * 0.
 * @param before words of another program, which then runs Node
 */
export function runNode(
  script: string,
  args: readonly string[],
  env = process.env,
  before: readonly string[] = [],
): boolean {
  const [command = process.execPath, ...words] = [...before, process.execPath, ...nodeArguments(script, args)];
  const { status } = spawnSync(command, words, { cwd: projectFolder, env, stdio: 'inherit' });
  return status === 0;
}

/** Like `runNode`, but collects what the script prints. `stdout` doesn't contain what it writes to stderr. */
export function collectNode(script: string, args: readonly string[]): Promise<Outcome & { readonly stdout: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, nodeArguments(script, args), { cwd: projectFolder, stdio: 'pipe' });
    child.stdin.end();
    const [stdout, output]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => {
      stdout.push(chunk);
      output.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ succeeded: code === 0, stdout: textOf(stdout), output: textOf(output) }));
  });
}

function textOf(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString('utf8');
}

function nodeArguments(script: string, args: readonly string[]): string[] {
  return [join(projectFolder, script), ...args];
}

export function secondsSince(startedAt: number): string {
  return ((performance.now() - startedAt) / 1000).toFixed(1);
}
