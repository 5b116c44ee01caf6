import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { countDown, underLoad } from '../../../src/ipc/patience.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] }));
afterEach(() => void vi.useRealTimers());

it('ends once, after its time', () => {
  const onEnd = vi.fn();
  countDown(2_000, onEnd);
  vi.advanceTimersByTime(1_900);
  expect(onEnd).not.toHaveBeenCalled();
  vi.advanceTimersByTime(60_000);
  expect(onEnd).toHaveBeenCalledTimes(1);
});

it("doesn't count the time in which this process couldn't run", () => {
  const onEnd = vi.fn();
  let lateMs = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => Date.now() + lateMs);
  countDown(2_000, onEnd);
  vi.advanceTimersByTime(500);
  // Asleep, or waiting for the processor.
  lateMs = 3_600_000;
  vi.advanceTimersByTime(1_000);
  expect(onEnd).not.toHaveBeenCalled();
  vi.restoreAllMocks();
});

it('is stopped', () => {
  const onEnd = vi.fn();
  countDown(2_000, onEnd)();
  vi.advanceTimersByTime(60_000);
  expect(onEnd).not.toHaveBeenCalled();
});

it.each([
  [0, 8, 2_000],
  [7.9, 8, 2_000],
  [16, 8, 4_000],
  [500, 2, 10_000],
])('with %d programs that want to run on %d processors, two seconds are %d ms', (load, processors, ms) => {
  expect(underLoad(2_000, load, processors)).toBe(ms);
});
