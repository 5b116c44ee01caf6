// A computer that sleeps: the agent is stopped (SIGSTOP) and its clock moved by libfaketime before it continues.
import { expect, it, onTestFinished } from 'vitest';
import { runHelper } from '../../support/harness/claude-desktop.ts';
import { movableClock } from '../../support/harness/movable-clock.ts';
import { binary } from '../support.ts';
import { agents, enter, expectSignInAlive, logged, signedInWorld, startAgent } from './support.ts';

/** A signed-in user, and an agent with a token whose clock moves as told while it sleeps. */
async function sleeper() {
  const world = await signedInWorld();
  onTestFinished(() => world.dispose());
  await enter(world, {});
  const clock = movableClock(world);
  await startAgent(world, clock.env);
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
      clock.set(moved);
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

it('a fresh token is there before anyone asks, half a minute after the computer wakes up', async () => {
  const { world, first, helper, sleepAndWake } = await sleeper();
  const refreshes = world.entra.count('refresh');
  await sleepAndWake('+63h');
  await expect.poll(() => world.entra.count('refresh'), { timeout: 90_000, interval: 500 }).toBe(refreshes + 1);
  const second = await helper();
  expect(second).toMatchObject({ state: 'ok' });
  expect(second.token).not.toBe(first.token);
  expect(world.entra.count('refresh')).toBe(refreshes + 1);
  await expectSignInAlive(world);
});

it('the network comes back a while after the wake: the token is renewed before anyone asks', async () => {
  const { world, first, helper, sleepAndWake } = await sleeper();
  const refreshes = world.entra.count('refresh');
  world.proxy.mode = { refuse: 503 };
  await sleepAndWake('+63h');
  await expect.poll(() => logged(world, 'refresh-failed'), { timeout: 90_000, interval: 500 }).toBeGreaterThan(0);
  expect(world.entra.count('refresh')).toBe(refreshes);
  world.proxy.mode = 'open';
  await expect.poll(() => world.entra.count('refresh'), { timeout: 90_000, interval: 500 }).toBe(refreshes + 1);
  const second = await helper();
  expect(second).toMatchObject({ state: 'ok' });
  expect(second.token).not.toBe(first.token);
  expect(world.entra.count('refresh')).toBe(refreshes + 1);
  await expectSignInAlive(world);
});
