// The refresher's own timer, on fake timers that move together with its clock.
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../../../src/core/errors.ts';
import { type Bench, createBench, MINUTE, signedIn } from '../support.ts';

const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => vi.useRealTimers());

/** Time passes in steps, as it does for a real process. */
async function pass(bench: Bench, ms: number, stepMs = MINUTE): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) {
    bench.clock.advance(stepMs);
    await vi.advanceTimersByTimeAsync(stepMs);
  }
}

const grants = ({ source }: Bench): number => source.sent.length;

describe('the timer', () => {
  it('keeps a token with enough life ready while someone asks now and then', async () => {
    const bench = await signedIn(createBench());
    for (let quarter = 0; quarter < 40; quarter += 1) {
      bench.refresher.noteRequest();
      const before = grants(bench);
      await bench.refresher.get({ urgent: true });
      // Only the first one has to wait.
      expect(grants(bench) - before).toBe(quarter === 0 ? 1 : 0);
      await pass(bench, 15 * MINUTE);
    }
  });

  it('sleeps when no one has asked for two hours, and refreshes once a week', async () => {
    const bench = await signedIn(createBench());
    bench.refresher.noteRequest();
    await bench.refresher.get({ urgent: true });
    await pass(bench, 4 * HOUR);
    const awake = grants(bench);
    expect(awake).toBeGreaterThanOrEqual(3);
    await pass(bench, 6 * DAY, HOUR);
    expect(grants(bench)).toBe(awake);
    await pass(bench, 2 * DAY, HOUR);
    expect(grants(bench)).toBe(awake + 1);
  });

  it('after a start prepares a token only if someone used one lately, and after a pause', async () => {
    const idle = await signedIn(createBench());
    idle.state.update('tid-1/client-1', { lastGrantAt: idle.clock.now() });
    idle.refresher.start();
    await pass(idle, 10 * MINUTE);
    expect(grants(idle)).toBe(0);
    const busy = await signedIn(createBench());
    busy.refresher.noteRequest();
    await setImmediate();
    busy.restart();
    busy.refresher.start();
    await pass(busy, 1_000, 1_000);
    expect(grants(busy)).toBe(0);
    await pass(busy, 10 * MINUTE);
    expect(grants(busy)).toBe(1);
  });

  it("refreshes at the time that Entra advises, if that is before the agent's own", async () => {
    const bench = await signedIn(createBench());
    bench.refresher.noteRequest();
    bench.source.refreshInMs = 20 * MINUTE;
    await bench.refresher.get({ urgent: true });
    await pass(bench, 19 * MINUTE);
    expect(grants(bench)).toBe(1);
    await pass(bench, 2 * MINUTE);
    expect(grants(bench)).toBe(2);
  });

  it('tries again after a failure by the back-off, not by its own beat', async () => {
    const bench = await signedIn(createBench());
    bench.refresher.noteRequest();
    await bench.refresher.get({ urgent: true });
    bench.source.script.push(...Array.from({ length: 100 }, () => new AppError('ERR_NETWORK')));
    await pass(bench, 100 * MINUTE);
    // Doubling up to 5 min: far fewer than one a minute, and never none.
    expect(grants(bench)).toBeGreaterThan(8);
    expect(grants(bench)).toBeLessThan(40);
    bench.source.script.length = 0;
    bench.refresher.noteRequest();
    await pass(bench, 6 * MINUTE);
    expect(bench.refresher.current()).toBeDefined();
  });

  it('tries again each time that the server has named, not only the first time', async () => {
    const bench = await signedIn(createBench());
    bench.refresher.noteRequest();
    const busy = () => new AppError('ERR_THROTTLED', { retryAfterMs: MINUTE });
    bench.source.script.push(busy(), busy(), busy());
    await expect(bench.refresher.get({ urgent: true })).rejects.toMatchObject({ code: 'ERR_THROTTLED' });
    await pass(bench, 4 * MINUTE);
    expect(grants(bench)).toBe(4);
    expect(bench.refresher.current()).toBeDefined();
  });

  it('leaves a sign-in that is over alone', async () => {
    const bench = await signedIn(createBench());
    bench.refresher.noteRequest();
    await bench.refresher.get({ urgent: true });
    bench.source.script.push(new AppError('ERR_SIGN_IN_ENDED'));
    await pass(bench, 5 * HOUR, 5 * MINUTE);
    expect(grants(bench)).toBe(2);
  });
});
