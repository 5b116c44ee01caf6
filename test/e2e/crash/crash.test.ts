// The agent is killed (SIGKILL) at every moment that matters. What matters is seen from outside: a request that reached
// Entra, an answer that left it, a process that has just started. From each of these the kill comes after every delay
// of a fine sweep, so that it falls on every write and every await in between. The long form sweeps finely, with a
// random seed, and prints a table.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runHelper } from '../../support/harness/claude-desktop.ts';
import { isLong } from '../../support/harness/long.ts';
import { randomDelays } from '../../support/harness/seed.ts';
import { createWorld, type World } from '../../support/harness/world.ts';
import { agentProcesses, binary, killAgentProcesses, run, runJson, signIn } from '../support.ts';

const RANDOM_KILLS = isLong ? 200 : 8;

/** Delays in milliseconds from the event to the kill. */
function sweep(toMs: number, fine: number, coarse: number): number[] {
  const step = isLong ? fine : coarse;
  return Array.from({ length: Math.floor(toMs / step) + 1 }, (_, index) => index * step);
}

const table: { readonly moment: string; readonly kills: number; readonly survived: number; readonly lost: number }[] =
  [];
afterAll(() => {
  if (isLong) console.table(table);
});

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.dispose());

const killAgents = (): void => killAgentProcesses(world);

/** One that is being killed may still take a request with it, and a helper asks again once only. */
async function withoutAgent(): Promise<void> {
  do {
    killAgents();
    await sleep(2);
  } while (agentProcesses(world).length > 0);
}

/** Milliseconds are too coarse for `setTimeout` alone: the rest is spun away. */
async function pause(ms: number): Promise<void> {
  const end = performance.now() + ms;
  if (ms > 3) await sleep(ms - 2);
  while (performance.now() < end);
}

async function background() {
  return runHelper(binary, { context: 'background', env: world.env });
}

/** What must hold after any kill: state and socket don't block, and there is one agent. */
async function assertSound(): Promise<void> {
  const text = readFileSync(join(world.sandbox.stateFolder, 'agent.json'), 'utf8');
  expect(() => JSON.parse(text)).not.toThrow();
  expect(await runJson(world.env, 'status')).toMatchObject({ running: true });
  await expect
    .poll(() => world.sandbox.processes().filter(({ command }) => /agent.*run/s.test(command)).length)
    .toBe(1);
}

describe('with a sign-in in the keystore, no kill loses it or asks anyone again', () => {
  beforeEach(async () => {
    expect(await signIn(world)).toMatchObject({ state: 'ok' });
  });

  async function survive(moment: string, delays: readonly number[], provoke: (delayMs: number) => Promise<void>) {
    let survived = 0;
    for (const delay of delays) {
      await provoke(delay);
      if ((await background()).state === 'ok') survived += 1;
    }
    table.push({ moment, kills: delays.length, survived, lost: delays.length - survived });
    expect(survived).toBe(delays.length);
    expect(world.entra.count('devicecode')).toBe(1);
    expect(world.sandbox.openedUrls()).toHaveLength(1);
    await assertSound();
  }

  it('while the agent starts', async () => {
    await survive('start of the agent', sweep(180, 3, 60), async (delay) => {
      await withoutAgent();
      const helper = background();
      await pause(delay);
      killAgents();
      // It starts another one.
      expect(await helper).toMatchObject({ state: 'ok', stderr: '' });
    });
  });

  it('while a refresh is on its way to Entra', async () => {
    await survive('refresh sent, not answered', sweep(60, 5, 30), async (delay) => {
      await withoutAgent();
      const seen = world.entra.count('refresh');
      world.entra.failNext('refresh', { kind: 'delay', ms: 80 });
      const helper = background();
      while (world.entra.count('refresh') === seen) await sleep(1);
      await pause(delay);
      killAgents();
      // Its request died with the agent; it asks the next one.
      expect(await helper).toMatchObject({ state: 'ok', stderr: '' });
    });
  });

  it('between the answer to a refresh and the last write that follows it', async () => {
    await survive('refresh answered', sweep(40, 0.5, 10), async (delay) => {
      await withoutAgent();
      const answered = world.entra.issued.accessTokens.length;
      const helper = background();
      while (world.entra.issued.accessTokens.length === answered) await sleep(1);
      await pause(delay);
      killAgents();
      await helper;
    });
  });

  it('while it stops', async () => {
    await survive('stop', sweep(40, 1, 20), async (delay) => {
      const stop = run(world.env, 'agent', 'stop');
      await pause(20 + delay);
      killAgents();
      await stop;
    });
  });

  it(`${RANDOM_KILLS} times at random under load`, async () => {
    let stop = false;
    const load = Array.from({ length: 4 }, async () => {
      while (!stop) await background();
    });
    for (const delay of randomDelays(RANDOM_KILLS, 250)) {
      await sleep(delay);
      killAgents();
    }
    stop = true;
    await Promise.all(load);
    expect(await background()).toMatchObject({ state: 'ok' });
    table.push({ moment: 'random, under load', kills: RANDOM_KILLS, survived: RANDOM_KILLS, lost: 0 });
    expect(world.entra.count('devicecode')).toBe(1);
    await assertSound();
  });
});

describe('in the middle of a sign-in', () => {
  it('the next run shows one new prompt and the sign-in can be finished', async () => {
    const helper = runHelper(binary, { context: 'interactive', env: world.env });
    const lost = await world.entra.waitForUserCode();
    killAgents();
    world.entra.expire(lost);
    expect(await helper).toMatchObject({ state: 'failed', exitCode: 6, stdout: '' });
    expect(await signIn(world)).toMatchObject({ state: 'ok' });
    expect(world.sandbox.openedUrls()).toHaveLength(2);
    await assertSound();
  });

  it('between the tokens of a sign-in and the keystore: signed in or cleanly signed out, never in between', async () => {
    const delays = sweep(40, 1, 20);
    let kept = 0;
    for (const delay of delays) {
      await run(world.env, 'logout');
      const issued = world.entra.issued.accessTokens.length;
      const helper = runHelper(binary, { context: 'interactive', env: world.env });
      world.entra.approve(await world.entra.waitForUserCode());
      while (world.entra.issued.accessTokens.length === issued) await sleep(1);
      await pause(delay);
      killAgents();
      const told = await helper;
      const after = await background();
      // Anyone who was given a token must find the sign-in kept.
      if (told.state === 'ok') expect(after).toMatchObject({ state: 'ok' });
      else expect([0, 4]).toContain(after.exitCode);
      if (after.state === 'ok') kept += 1;
    }
    table.push({ moment: 'tokens of a sign-in arrived', kills: delays.length, survived: kept, lost: 0 });
    await assertSound();
  });
});
