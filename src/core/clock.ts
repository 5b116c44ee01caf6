/** The product's source of time, injectable so that tests can move it. */
export interface Clock {
  /** Milliseconds since the epoch by the computer's clock, which an administrator or NTP may change. */
  now(): number;
  /** Milliseconds from an arbitrary start. Never jumps, but on Linux it stops while the computer sleeps. */
  monotonic(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};

/** One moment on both clocks. */
export interface Instant {
  readonly wall: number;
  readonly monotonic: number;
}

export function instant(clock: Clock): Instant {
  return { wall: clock.now(), monotonic: clock.monotonic() };
}

/**
 * Milliseconds since `start`, and hardly ever too few: the larger difference of the two clocks. The wall clock runs on
 * during sleep but can be set back; the monotonic clock can't be set back but stops during sleep.
 */
export function elapsedSince(start: Instant, clock: Clock): number {
  return Math.max(clock.now() - start.wall, clock.monotonic() - start.monotonic, 0);
}
