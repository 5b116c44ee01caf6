/** Time as the product sees it, injectable so that tests can move it. */
export interface Clock {
  /** Milliseconds since the epoch by the computer's clock, which an administrator or NTP may move. */
  now(): number;
  /** Milliseconds from an arbitrary start that never jump, but which Linux stops while it sleeps. */
  monotonic(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};

/** One instant on both clocks. */
export interface Instant {
  readonly wall: number;
  readonly monotonic: number;
}

export function instant(clock: Clock): Instant {
  return { wall: clock.now(), monotonic: clock.monotonic() };
}

/**
 * Milliseconds since `start`, never less than the truth by much: the wall clock counts through sleep but can be set
 * back, the monotonic clock cannot be set back but stops in sleep, so the larger of the two is believed.
 */
export function elapsedSince(start: Instant, clock: Clock): number {
  return Math.max(clock.now() - start.wall, clock.monotonic() - start.monotonic, 0);
}
