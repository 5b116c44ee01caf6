// The compiled binary, run as people, scripts and Claude Desktop run it.
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { hostTarget } from '../../installers/build/targets.ts';
import { type HelperResult, runHelper } from '../support/harness/claude-desktop.ts';
import { createWorld, type World, type WorldOptions } from '../support/harness/world.ts';

export const binary = join(import.meta.dirname, '../../dist', hostTarget().executable);
if (!existsSync(binary)) throw new Error('dist/ has no binary: run "npm run build" first');

export interface Run {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command to its end. */
export function run(env: NodeJS.ProcessEnv, ...args: string[]): Promise<Run> {
  return new Promise((resolve) => {
    execFile(binary, args, { env, timeout: 60_000 }, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ exitCode, stdout, stderr });
    });
  });
}

/** Runs any program with a whole standard input. */
export function runWithInput(
  env: NodeJS.ProcessEnv,
  input: string,
  command: readonly [string, ...string[]],
  cwd?: string,
): Promise<Run> {
  const [program, ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, cwd, timeout: 150_000 });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode: exitCode ?? -1, stdout, stderr }));
    // It may have ended before it has read anything.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

/** A command's `--json` output. */
export async function runJson(env: NodeJS.ProcessEnv, ...args: string[]): Promise<Record<string, unknown>> {
  const { stdout, stderr } = await run(env, ...args, '--json');
  if (stdout === '') throw new Error(`${args.join(' ')} printed nothing: ${stderr}`);
  return JSON.parse(stdout) as Record<string, unknown>;
}

/** Its own world for one test, gone when the test ends. */
export async function worldForTest(options?: WorldOptions): Promise<World> {
  const world = await createWorld(options);
  onTestFinished(() => world.dispose());
  return world;
}

/** Signs in as a user does who starts Claude Desktop: one interactive run, the code entered meanwhile. */
export async function signIn(world: World): Promise<HelperResult> {
  const helper = runHelper(binary, { context: 'interactive', env: world.env });
  world.entra.approve(await world.entra.waitForUserCode());
  return helper;
}

/** Process id of the running agent, or undefined. */
export async function agentPid(env: NodeJS.ProcessEnv): Promise<number | undefined> {
  const { agent } = await runJson(env, 'agent', 'status');
  return (agent as { pid: number } | undefined)?.pid;
}

export async function killAgent(env: NodeJS.ProcessEnv, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  const pid = await agentPid(env);
  if (pid === undefined) throw new Error('no agent runs');
  process.kill(pid, signal);
  while (isAlive(pid)) await sleep(5);
}

/** A zombie counts as gone: who its parent is, and when that one looks after it, isn't the agent's doing. */
export function isAlive(pid: number): boolean {
  try {
    if (process.platform !== 'linux') return process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** The running agent's process, without asking it. */
export function agentProcess(world: World): number {
  const [found] = agentProcesses(world);
  if (found === undefined) throw new Error('no agent runs');
  return found;
}

/**
 * Kills each agent that there is, on its way up or down too; one that ends on its own meanwhile is as good as killed.
 */
export function killAgentProcesses(world: World): void {
  for (const pid of agentProcesses(world)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'ESRCH') throw thrown;
    }
  }
}

/** Process ids of the world's agents, those on their way up or down too. */
export function agentProcesses(world: World): number[] {
  return world.sandbox
    .processes()
    .filter(({ command }) => /foundry-credential-helper\s+agent\s+run/.test(command))
    .map(({ pid }) => pid);
}

/** Claude Desktop's own settings, as its configuration window writes them. */
const PROFILE_ID = '0f8a6b7c-1d2e-4f30-9a4b-5c6d7e8f9a0b';

export function writeDesktopConfig(world: World, values: object): void {
  const folder = join(world.env['XDG_CONFIG_HOME'] ?? '', 'Claude-3p/configLibrary');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, '_meta.json'),
    JSON.stringify({ appliedId: PROFILE_ID, entries: [{ id: PROFILE_ID, name: 'One' }] }),
  );
  writeFileSync(join(folder, `${PROFILE_ID}.json`), JSON.stringify(values));
}
