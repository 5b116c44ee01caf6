// One signed-in user on one network after another.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished } from 'vitest';
import { type HelperResult, runHelper } from '../../support/harness/claude-desktop.ts';
import { createWorld, type World, type WorldOptions } from '../../support/harness/world.ts';
import { type Squid, type SquidOptions, startSquid } from '../../support/servers/squid.ts';
import { binary, run, signIn } from '../support.ts';

export const HOST = 'login.microsoftonline.com';

export interface Network {
  /** Changes of `config.json`; `undefined` leaves a key out. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** A world in which someone has signed in, over the harness's own proxy. */
export async function signedInWorld(options?: WorldOptions): Promise<World> {
  const world = await createWorld(options);
  const { state, stderr } = await signIn(world);
  if (state !== 'ok') throw new Error(`the sign-in failed: ${stderr}`);
  return world;
}

/** Squid in front of the harness's proxy. */
export function squidFor(world: World, options: Omit<SquidOptions, 'parentPort'> = {}): Promise<Squid> {
  return startSquid({ parentPort: world.proxy.port, ...options });
}

/** What a helper run says that finds no agent, and so no token: a refresh over this network. */
export async function refreshOver(world: World, { config = {}, env = {} }: Network): Promise<HelperResult> {
  await enter(world, config);
  return runHelper(binary, { context: 'background', env: { ...world.env, ...env } });
}

/** The settings of this network, no agent, and no back-off from the network before. */
export async function enter(world: World, config: Network['config']): Promise<void> {
  await stopAgent(world);
  rmSync(join(world.sandbox.stateFolder, 'agent.json'), { force: true });
  world.sandbox.writeConfig({ ...world.config, ...config });
}

/** Back in the first network, the sign-in of the beginning still works. */
export async function expectSignInAlive(world: World): Promise<void> {
  // An agent that runs refreshes when it likes.
  await stopAgent(world);
  const refreshes = world.entra.count('refresh');
  expect(await refreshOver(world, {})).toMatchObject({ state: 'ok' });
  expect(world.entra.count('refresh')).toBe(refreshes + 1);
  expect(world.entra.count('devicecode')).toBe(1);
  expect(world.sandbox.openedUrls()).toHaveLength(1);
}

export async function stopAgent(world: World): Promise<void> {
  await run(world.env, 'agent', 'stop');
  while (agents(world).length > 0) await sleep(10);
}

/** Starts an agent by its own command line, and waits until it answers. */
export async function startAgent(world: World, env: Network['env'], command: readonly string[] = []): Promise<void> {
  const [file = binary, ...args] = [...command, binary, 'agent', 'run'];
  const child = spawn(file, args, { env: { ...world.env, ...env }, stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  while ((await run(world.env, 'agent', 'status')).exitCode !== 0) {
    if (child.exitCode !== null) throw new Error(`the agent ended with ${child.exitCode}`);
    await sleep(20);
  }
}

/** Process ids of the running agents. */
export function agents(world: World): number[] {
  const found = world.sandbox
    .processes()
    .filter(({ command }) => /^\S*foundry-credential-helper agent run/.test(command));
  return found.map(({ pid }) => pid);
}

/** How often the agents have logged the event so far. */
export function logged(world: World, event: string): number {
  const file = join(world.sandbox.stateFolder, 'agent.log');
  return existsSync(file) ? readFileSync(file, 'utf8').split(`"${event}"`).length - 1 : 0;
}

export function writeFile(world: World, name: string, text: string): string {
  const file = join(world.sandbox.root, name);
  writeFileSync(file, text);
  return file;
}
