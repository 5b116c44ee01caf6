// What the refresher does after a wake and on a new network, on fake timers that move together with its clock.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RETURN_WINDOW_MS } from '../../../../src/agent/tokens/schedule.ts';
import { AppError } from '../../../../src/core/errors.ts';
import { type Bench, createBench, KEY, MINUTE, signedIn } from '../support.ts';

const HOUR = 60 * MINUTE;
const SECOND = 1_000;

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => vi.useRealTimers());

async function pass(bench: Bench, ms: number, stepMs = SECOND): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) {
    bench.clock.advance(stepMs);
    await vi.advanceTimersByTimeAsync(stepMs);
  }
}

const tries = ({ source }: Bench): number => source.sent.length;
const offline = () => new AppError('ERR_NETWORK');

/** Someone has just got a token. */
async function used(): Promise<Bench> {
  const bench = await signedIn(createBench());
  bench.refresher.noteRequest();
  await bench.refresher.get({ urgent: true });
  return bench;
}

describe('after a wake', () => {
  it("a fresh token is there within seconds, although no one has asked since Friday, and it isn't kept fresh", async () => {
    const bench = await used();
    bench.clock.sleep(63 * HOUR);
    bench.refresher.returned('wake');
    await pass(bench, 5 * SECOND);
    expect(tries(bench)).toBe(2);
    expect(bench.refresher.usable()).toBeDefined();
    await pass(bench, 20 * HOUR, 5 * MINUTE);
    expect(tries(bench)).toBe(2);
  });

  it('nothing happens if the token is good or no one has used one for days', async () => {
    const bench = await used();
    bench.clock.sleep(10 * MINUTE);
    bench.refresher.returned('wake');
    await pass(bench, MINUTE);
    expect(tries(bench)).toBe(1);
    bench.clock.sleep(RETURN_WINDOW_MS);
    bench.refresher.returned('wake');
    await pass(bench, 5 * MINUTE);
    expect(tries(bench)).toBe(1);
  });

  it('a network that needs a moment gets several tries, soon after one another', async () => {
    const bench = await used();
    bench.clock.sleep(63 * HOUR);
    bench.source.script.push(offline(), offline(), offline());
    bench.refresher.returned('wake');
    await pass(bench, MINUTE);
    expect(tries(bench)).toBeGreaterThanOrEqual(5);
    expect(bench.refresher.usable()).toBeDefined();
  });

  it('a network that stays away is left alone after ten minutes', async () => {
    const bench = await used();
    bench.clock.sleep(63 * HOUR);
    bench.source.script.push(...Array.from({ length: 100 }, offline));
    bench.refresher.returned('wake');
    await pass(bench, 20 * MINUTE);
    const before = tries(bench);
    expect(before).toBeGreaterThan(2);
    await pass(bench, 5 * HOUR, MINUTE);
    expect(tries(bench)).toBe(before);
  });

  it("an ended sign-in isn't tried repeatedly", async () => {
    const bench = await used();
    bench.clock.sleep(63 * HOUR);
    bench.source.script.push(new AppError('ERR_SIGN_IN_ENDED'));
    bench.refresher.returned('wake');
    await pass(bench, 10 * MINUTE);
    bench.refresher.returned('wake');
    await pass(bench, 10 * MINUTE);
    expect(tries(bench)).toBe(2);
  });
});

describe('on a new network', () => {
  it('a long back-off because of the network ends within two minutes', async () => {
    const bench = await used();
    bench.source.script.push(...Array.from({ length: 20 }, offline));
    await pass(bench, 3 * HOUR, 10 * SECOND);
    bench.source.script.length = 0;
    bench.state.update(KEY, {
      backOff: {
        attempt: 20,
        since: bench.clock.now(),
        delayMs: 5 * MINUTE,
        serverAsked: false,
        error: { code: 'ERR_NETWORK' },
      },
      lastAskedAt: bench.clock.now(),
    });
    const before = tries(bench);
    bench.refresher.returned('network');
    expect(bench.refresher.backOff).toBeUndefined();
    expect(bench.refresher.lastProblem).toMatchObject({ code: 'ERR_NETWORK' });
    await pass(bench, 2 * MINUTE);
    expect(tries(bench)).toBe(before + 1);
    expect(bench.refresher.usable()).toBeDefined();
  });

  it('a Retry-After is honored to its end', async () => {
    const bench = await signedIn(createBench());
    bench.refresher.noteRequest();
    bench.source.script.push(new AppError('ERR_THROTTLED', { retryAfterMs: 20 * MINUTE }));
    await expect(bench.refresher.get({ urgent: true })).rejects.toMatchObject({ code: 'ERR_THROTTLED' });
    bench.refresher.returned('network');
    bench.refresher.returned('wake');
    await pass(bench, 19 * MINUTE, 10 * SECOND);
    expect(tries(bench)).toBe(1);
    await pass(bench, 2 * MINUTE);
    expect(tries(bench)).toBe(2);
  });

  it('a try that comes sooner anyway stays', async () => {
    const bench = await signedIn(createBench());
    bench.refresher.noteRequest();
    bench.source.script.push(offline());
    await expect(bench.refresher.get({ urgent: true })).rejects.toThrow();
    bench.refresher.returned('network');
    // The first back-off is 5 to 10 seconds; a new network alone would take up to two minutes.
    await pass(bench, 11 * SECOND);
    expect(tries(bench)).toBe(2);
  });

  it('a refusal by Entra keeps its back-off', async () => {
    const bench = await signedIn(createBench());
    bench.refresher.noteRequest();
    bench.source.script.push(...Array.from({ length: 9 }, () => new AppError('ERR_POLICY_BLOCKED')));
    await expect(bench.refresher.get({ urgent: true })).rejects.toThrow();
    const { until } = bench.refresher.backOff ?? {};
    bench.refresher.returned('wake');
    expect(bench.refresher.backOff).toMatchObject({ until });
  });
});
