import { describe, expect, it } from 'vitest';
import { AutomaticRetry, mayPass } from '../../../../src/agent/sign-in/automatic-retry.ts';
import { AppError, type ErrorCode, errorCatalog } from '../../../../src/core/errors.ts';
import { FakeClock } from '../../../support/fakes/fake-clock.ts';

/** Milliseconds until the next try is due. */
function pauseOf(retry: AutomaticRetry, clock: FakeClock): number {
  let ms = 0;
  for (; !retry.isDue; ms += 100) clock.advance(100);
  return ms;
}

describe('the pauses', () => {
  it.each([
    [0, [1_500, 3_000, 6_000, 11_300, 11_300]],
    [0.999, [2_500, 5_000, 10_000, 18_800, 18_800]],
  ])("vary, so that computers don't come back in step: random %d", (random, expected) => {
    const clock = new FakeClock();
    const retry = new AutomaticRetry(clock, () => random);
    const pauses = expected.map(() => {
      retry.failed(new AppError('ERR_NETWORK'));
      return pauseOf(retry, clock);
    });
    expect(pauses).toEqual(expected);
  });

  it('begin anew after someone has started the sign-in', () => {
    const clock = new FakeClock();
    const retry = new AutomaticRetry(clock, () => 0.5);
    for (let failures = 0; failures < 5; failures += 1) retry.failed(new AppError('ERR_NETWORK'));
    retry.stop();
    expect(retry.isOn).toBe(false);
    retry.failed(new AppError('ERR_NETWORK'));
    expect(pauseOf(retry, clock)).toBe(2_000);
  });

  it('end while the computer sleeps, too', () => {
    const clock = new FakeClock();
    const retry = new AutomaticRetry(clock, () => 0.5);
    retry.failed(new AppError('ERR_NETWORK'));
    clock.sleep(60 * 60_000);
    expect({ isOn: retry.isOn, isDue: retry.isDue }).toEqual({ isOn: false, isDue: false });
  });
});

it('only failures of the network may pass, and not the one that can lock an account', () => {
  const codes = Object.keys(errorCatalog) as ErrorCode[];
  expect(codes.filter((code) => mayPass(new AppError(code)))).toEqual([
    'ERR_NETWORK',
    'ERR_NETWORK_DNS',
    'ERR_NETWORK_TIMEOUT',
    'ERR_NETWORK_TLS',
    'ERR_NETWORK_PROXY',
    'ERR_NETWORK_REPLY',
    'ERR_THROTTLED',
  ]);
});
