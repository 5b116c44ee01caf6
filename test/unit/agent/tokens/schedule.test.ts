import { describe, expect, it } from 'vitest';
import {
  backOffDelay,
  MINUTE_MS,
  refreshAheadAge,
  requiredLifetimeMs,
  startJitter,
} from '../../../../src/agent/tokens/schedule.ts';

const HOUR = 60 * MINUTE_MS;
const RANDOMS = [0, 0.25, 0.5, 0.75, 0.999];

describe('refreshAheadAge', () => {
  it('is in 70-90 % of the life if that leaves enough', () => {
    for (const random of RANDOMS) {
      const age = refreshAheadAge(HOUR, 5 * MINUTE_MS, random) / HOUR;
      expect(age).toBeGreaterThanOrEqual(0.7);
      expect(age).toBeLessThan(0.9);
    }
  });

  it.each([
    [HOUR, 17 * MINUTE_MS],
    [90 * MINUTE_MS, 62 * MINUTE_MS],
    [10 * MINUTE_MS, 62 * MINUTE_MS],
    [30_000, 17 * MINUTE_MS],
  ])('of a life of %i ms is always before less than the minimum of %i ms is left', (life, minimum) => {
    for (const random of RANDOMS) {
      const age = refreshAheadAge(life, minimum, random);
      expect(age).toBeGreaterThan(0);
      expect(life - age).toBeGreaterThanOrEqual(requiredLifetimeMs(life, minimum));
    }
  });
});

describe('requiredLifetimeMs', () => {
  it("is never more than 80 % of a token's whole life", () => {
    expect(requiredLifetimeMs(HOUR, 62 * MINUTE_MS)).toBe(48 * MINUTE_MS);
    expect(requiredLifetimeMs(HOUR, 17 * MINUTE_MS)).toBe(17 * MINUTE_MS);
  });
});

describe('backOffDelay', () => {
  it('stays between 5 s and 5 min no matter how often it failed, and spreads', () => {
    for (const attempt of [1, 2, 5, 50, 5_000]) {
      for (const random of RANDOMS) {
        const delay = backOffDelay(attempt, random);
        expect(delay).toBeGreaterThanOrEqual(5_000);
        expect(delay).toBeLessThanOrEqual(5 * MINUTE_MS);
      }
    }
    expect(backOffDelay(6, 0.9)).toBeGreaterThan(backOffDelay(1, 0.9));
    expect(backOffDelay(6, 0)).toBe(5_000);
  });

  it('takes its time while the current token outlives several tries', () => {
    for (const attempt of [1, 6]) {
      expect(backOffDelay(attempt, 0, 10 * MINUTE_MS)).toBe(MINUTE_MS);
      expect(backOffDelay(attempt, 1, 10 * MINUTE_MS)).toBe(5 * MINUTE_MS);
    }
    expect(backOffDelay(1, 1, 9 * MINUTE_MS)).toBe(10_000);
  });
});

describe('startJitter', () => {
  it('spreads a fleet over a minute', () => {
    expect(startJitter(0)).toBe(2_000);
    expect(startJitter(1)).toBe(60_000);
  });
});
