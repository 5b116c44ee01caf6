// A computer that sleeps: the agent is stopped (SIGSTOP) and its clock moved by libfaketime before it continues.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { runHelper } from '../../support/harness/claude-desktop.ts';
import { binary } from '../support.ts';
import { agents, enter, expectSignInAlive, signedInWorld, startAgent } from './support.ts';

const LIBRARY = [
  '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1',
  '/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1',
].find((path) => existsSync(path));

/** A signed-in user, and an agent with a token whose clock moves as told while it sleeps. */
async function sleeper() {
  if (LIBRARY === undefined) throw new Error('libfaketime is missing (Debian package faketime)');
  const world = await signedInWorld();
  onTestFinished(() => world.dispose());
  await enter(world, {});
  // libfaketime finds it without a variable: the agent keeps none of those that it doesn't know.
  const offset = join(world.env['HOME'] ?? '', '.faketimerc');
  writeFileSync(offset, '+0');
  await startAgent(world, {
    LD_PRELOAD: LIBRARY,
    FAKETIME_NO_CACHE: '1',
    // As in a suspended computer: the wall clock continues, the monotonic one doesn't.
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    DONT_FAKE_MONOTONIC: '1',
  });
  const helper = () => runHelper(binary, { context: 'background', env: world.env });
  const first = await helper();
  expect(first).toMatchObject({ state: 'ok' });
  const [pid] = agents(world);
  // Process 0 would be this test and all its processes.
  if (pid === undefined) throw new Error('no agent runs');
  return {
    world,
    first,
    helper,
    async sleepAndWake(moved: string) {
      process.kill(pid, 'SIGSTOP');
      writeFileSync(offset, moved);
      await new Promise((resolve) => setTimeout(resolve, 300));
      process.kill(pid, 'SIGCONT');
    },
    isSameAgent: () => agents(world).includes(pid),
  };
}

it('asleep past the end of the token: the next helper gets a fresh one, without a prompt', async () => {
  const { world, first, helper, sleepAndWake, isSameAgent } = await sleeper();
  await sleepAndWake('+8h');
  const second = await helper();
  expect(second).toMatchObject({ state: 'ok' });
  expect(second.token).not.toBe(first.token);
  expect(isSameAgent()).toBe(true);
  await expectSignInAlive(world);
});

it('awake in a network without a way out: a network error, and the sign-in works when it is back', async () => {
  const { world, helper, sleepAndWake } = await sleeper();
  world.proxy.mode = { refuse: 503 };
  await sleepAndWake('+8h');
  expect(await helper()).toMatchObject({ exitCode: 7, stdout: '' });
  world.proxy.mode = 'open';
  await expect
    .poll(async () => (await runHelper(binary, { context: 'interactive', env: world.env })).state, {
      timeout: 60_000,
      interval: 1_000,
    })
    .toBe('ok');
  await expectSignInAlive(world);
});

it("a short sleep or a clock set back doesn't matter: the current token is good", async () => {
  const { world, first, helper, sleepAndWake } = await sleeper();
  await sleepAndWake('+10m');
  expect(await helper()).toMatchObject({ state: 'ok', token: first.token });
  await sleepAndWake('-20m');
  expect(await helper()).toMatchObject({ state: 'ok' });
  await expectSignInAlive(world);
});
