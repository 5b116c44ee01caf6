import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { projectFolder } from './bundle.ts';

export interface Step {
  readonly name: string;
  run(): boolean;
}

/** Runs all steps in order under headings; returns the names of those that failed. */
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

/** Runs a JavaScript or TypeScript file (path from the project's folder) with this Node; whether it exited with 0. */
export function runNode(script: string, args: readonly string[]): boolean {
  const { status } = spawnSync(process.execPath, nodeArguments(script, args), { cwd: projectFolder, stdio: 'inherit' });
  return status === 0;
}

/** As `runNode`, but returns what the script printed, and prints only its errors. */
export function captureNode(script: string, args: readonly string[]): string {
  return spawnSync(process.execPath, nodeArguments(script, args), {
    cwd: projectFolder,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  }).stdout;
}

function nodeArguments(script: string, args: readonly string[]): string[] {
  return ['--disable-warning=ExperimentalWarning', join(projectFolder, script), ...args];
}

export function secondsSince(startedAt: number): string {
  return ((performance.now() - startedAt) / 1000).toFixed(1);
}
