import { describe, expect, it } from 'vitest';
import { TokenIssuance } from '../../../../src/agent/tokens/token-issuance.ts';
import { AppError } from '../../../../src/core/errors.ts';
import type { HelperContext } from '../../../../src/core/helper-context.ts';
import { type Bench, createBench, MINUTE, signedIn } from '../support.ts';

const TTL = 15 * MINUTE;

async function ready(desktopTtlMs: number = TTL) {
  const bench = await signedIn(createBench());
  const { refresher, clock, log } = bench;
  const issuance = new TokenIssuance({ refresher, clock, log, desktopTtlMs: () => desktopTtlMs });
  const next = async (context: HelperContext): Promise<string> => (await issuance.next(context, 5_000)).value.reveal();
  return { bench, next };
}

const grants = (bench: Bench): number => bench.source.sent.length;

it("doesn't make anyone wait for a refresh while the current token lives long enough", async () => {
  const { bench, next } = await ready();
  expect(await next('background')).toBe('access-1');
  let answer: () => void = () => undefined;
  bench.source.script.push(() => new Promise<void>((resolve) => (answer = resolve)));
  const refresh = bench.refresher.refresh({ urgent: false });
  await expect.poll(() => grants(bench)).toBe(2);
  expect(await Promise.all(Array.from({ length: 32 }, () => next('background')))).toEqual(Array(32).fill('access-1'));
  expect(bench.refresher.refreshing).toBe(true);
  answer();
  await refresh;
  expect(await next('background')).toBe('access-2');
  expect(grants(bench)).toBe(2);
});

it('treats an expired token as absent', async () => {
  const { bench, next } = await ready();
  bench.source.lifetimeMs = 0;
  await next('background');
  expect(bench.refresher.usable()).toBeUndefined();
  await next('background');
  expect(grants(bench)).toBe(2);
});

describe('mid-session-refresh', () => {
  it("is an ordinary request when Desktop's cache ran out", async () => {
    const { bench, next } = await ready();
    expect(await next('interactive')).toBe('access-1');
    bench.clock.advance(TTL);
    expect(await next('mid-session-refresh')).toBe('access-1');
    expect(grants(bench)).toBe(1);
  });

  it('means a rejected token when it comes sooner: another one, from one forced refresh', async () => {
    const { bench, next } = await ready();
    expect(await next('background')).toBe('access-1');
    bench.clock.advance(2 * MINUTE);
    expect(await next('mid-session-refresh')).toBe('access-2');
    expect(grants(bench)).toBe(2);
  });

  it('hands out again what was minted within the last 60 s', async () => {
    const { bench, next } = await ready();
    await next('background');
    bench.clock.advance(2 * MINUTE);
    expect(await next('mid-session-refresh')).toBe('access-2');
    bench.clock.advance(30_000);
    expect(await next('mid-session-refresh')).toBe('access-2');
    expect(grants(bench)).toBe(2);
  });

  it('hands out what was minted since, without asking Entra again', async () => {
    const { bench, next } = await ready();
    await next('background');
    bench.clock.advance(2 * MINUTE);
    await bench.refresher.refresh({ urgent: false });
    bench.clock.advance(2 * MINUTE);
    expect(await next('mid-session-refresh')).toBe('access-2');
    expect(grants(bench)).toBe(2);
  });

  it('has all who come while a refresh is forced wait for its token', async () => {
    const { bench, next } = await ready();
    await next('background');
    bench.clock.advance(2 * MINUTE);
    const all = await Promise.all(Array.from({ length: 3 }, () => next('mid-session-refresh')));
    expect(all).toEqual(['access-2', 'access-2', 'access-2']);
    expect(grants(bench)).toBe(2);
  });

  it('hands out a token once more if the network fails, and says so to anyone who brings it back immediately', async () => {
    const { bench, next } = await ready();
    await next('background');
    bench.clock.advance(2 * MINUTE);
    bench.source.script.push(...Array.from({ length: 5 }, () => new AppError('ERR_NETWORK_DNS')));
    expect(await next('mid-session-refresh')).toBe('access-1');
    bench.clock.advance(10_000);
    await expect(next('mid-session-refresh')).rejects.toMatchObject({ category: 'network' });
    expect(grants(bench)).toBe(2);
    bench.clock.advance(2 * MINUTE);
    expect(await next('mid-session-refresh')).toBe('access-1');
    bench.source.script.length = 0;
    bench.clock.advance(6 * MINUTE);
    expect(await next('mid-session-refresh')).toBe('access-2');
  });

  it("doesn't withhold a token from anyone else because of a guess", async () => {
    const { bench, next } = await ready();
    await next('background');
    bench.clock.advance(63_000);
    bench.source.script.push(
      ...Array.from({ length: 9 }, () => new AppError('ERR_THROTTLED', { retryAfterMs: 60_000 })),
    );
    expect(await next('mid-session-refresh')).toBe('access-1');
    await expect(next('mid-session-refresh')).rejects.toMatchObject({ category: 'network' });
    for (const context of ['background', 'scheduled-task', 'interactive'] as const)
      expect(await next(context)).toBe('access-1');
  });

  it('repeats nothing after a sign-out', async () => {
    const { bench, next } = await ready();
    await next('background');
    bench.clock.advance(2 * MINUTE);
    await bench.refresher.forget();
    for (let times = 0; times < 3; times += 1)
      await expect(next('mid-session-refresh')).rejects.toMatchObject({ code: 'ERR_SIGN_IN_REQUIRED' });
  });

  it('repeats nothing when someone signs out while the network fails', async () => {
    const { bench, next } = await ready();
    await next('background');
    bench.clock.advance(2 * MINUTE);
    bench.source.script.push(async () => {
      await bench.refresher.forget();
      throw new AppError('ERR_NETWORK');
    });
    await expect(next('mid-session-refresh')).rejects.toMatchObject({ code: 'ERR_SIGN_IN_REQUIRED' });
  });

  it('repeats nothing when Entra says that the sign-in is over', async () => {
    const { bench, next } = await ready();
    await next('background');
    bench.clock.advance(2 * MINUTE);
    bench.source.script.push(new AppError('ERR_SIGN_IN_ENDED'));
    await expect(next('mid-session-refresh')).rejects.toMatchObject({ code: 'ERR_SIGN_IN_ENDED' });
  });

  it("doesn't repeat an expired token", async () => {
    const { bench, next } = await ready(120 * MINUTE);
    await next('background');
    bench.clock.advance(61 * MINUTE);
    bench.source.script.push(new AppError('ERR_NETWORK'));
    await expect(next('mid-session-refresh')).rejects.toMatchObject({ category: 'network' });
  });

  it('ends at its deadline when Entra hangs, and repeats the token then too', async () => {
    const { bench, next } = await ready();
    await next('background');
    bench.clock.advance(2 * MINUTE);
    bench.source.script.push(() => new Promise(() => undefined));
    const issuance = new TokenIssuance({ ...bench, desktopTtlMs: () => TTL });
    await issuance.next('background', 5_000);
    expect((await issuance.next('mid-session-refresh', 300)).value.reveal()).toBe('access-1');
  });
});

describe('any hand-out', () => {
  it('has at least the minimum life left, over a whole day of calls every 15 minutes', async () => {
    const { bench, next } = await ready();
    for (let minutes = 0; minutes < 24 * 60; minutes += 15) {
      await next('background');
      const current = bench.refresher.current();
      expect(current && bench.refresher.remainingMs(current)).toBeGreaterThanOrEqual(bench.minimumLifetimeMs);
      bench.clock.advance(15 * MINUTE);
    }
    expect(grants(bench)).toBeLessThanOrEqual(34);
  });
});
