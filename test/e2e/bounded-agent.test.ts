// An agent that ends with the app that it was started in. Only Windows has such apps; the agent's part is the same
// everywhere (test/platform/windows/package-container.test.ts has the rest).
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { ENDS_WITH } from '../../src/agent-process/bound.ts';
import { runHelper } from '../support/harness/claude-desktop.ts';
import type { World } from '../support/harness/world.ts';
import { agentProcesses, binary, run, signIn, worldForTest } from './support.ts';

function startApp(): ChildProcess {
  const app = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
  onTestFinished(() => void app.kill('SIGKILL'));
  return app;
}

/** Starts an agent, by default one that stays. @returns its exit code, once it has ended */
function startAgent(world: World, app?: ChildProcess): Promise<number | null> {
  const env = { ...world.env, ...(app === undefined ? {} : { [ENDS_WITH]: String(app.pid) }) };
  const agent = spawn(binary, ['agent', 'run'], { env, stdio: 'ignore' });
  return once(agent, 'exit').then(([code]) => code as number | null);
}

const holder = (world: World): string => readFileSync(join(world.sandbox.stateFolder, 'agent-process.json'), 'utf8');
const isRunning = async (world: World): Promise<boolean> => (await run(world.env, 'agent', 'status')).exitCode === 0;

it('stops cleanly when the app has ended, and the sign-in stays', async () => {
  const world = await worldForTest();
  const app = startApp();
  const ended = startAgent(world, app);
  await expect.poll(() => isRunning(world)).toBe(true);
  await signIn(world);
  expect(JSON.parse((await run(world.env, 'agent', 'status', '--json')).stdout)).toMatchObject({ endsWith: app.pid });
  expect((await run(world.env, 'agent', 'status')).stdout).toContain(`ends with the app that it was started in`);
  app.stdin?.end();
  expect(await ended).toBe(0);
  expect(readFileSync(join(world.sandbox.stateFolder, 'agent.log'), 'utf8')).toContain('"reason":"starter-gone"');
  // The next one belongs to no app, has the sign-in, and doesn't know that number.
  const helper = await runHelper(binary, { context: 'background', env: world.env });
  expect(helper).toMatchObject({ state: 'ok' });
  expect(holder(world)).not.toContain('endsWith');
});

it('is replaced by an agent that stays, but not while someone signs in, and not by one of another app', async () => {
  const world = await worldForTest();
  const app = startApp();
  const ended = startAgent(world, app);
  await expect.poll(() => isRunning(world)).toBe(true);
  const [pid] = agentProcesses(world);

  const helper = runHelper(binary, { context: 'interactive', env: world.env });
  const code = await world.entra.waitForUserCode();
  expect(await startAgent(world)).toBe(0);
  expect(agentProcesses(world)).toEqual([pid]);
  world.entra.approve(code);
  expect(await helper).toMatchObject({ state: 'ok' });

  expect(await startAgent(world, startApp())).toBe(0);
  expect(agentProcesses(world)).toEqual([pid]);

  const stays = startAgent(world);
  expect(await ended).toBe(0);
  await expect.poll(() => isRunning(world)).toBe(true);
  expect(holder(world)).not.toContain('endsWith');
  expect(await runHelper(binary, { context: 'background', env: world.env })).toMatchObject({ state: 'ok' });
  await run(world.env, 'agent', 'stop');
  expect(await stays).toBe(0);
});
