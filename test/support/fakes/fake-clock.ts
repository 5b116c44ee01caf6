import type { Clock } from '../../../src/core/clock.ts';

/** A clock that tests move; `sleep` moves the wall only, as a suspended computer does. */
export class FakeClock implements Clock {
  wall = Date.UTC(2026, 10, 22, 9);
  steady = 1_000_000;

  now(): number {
    return this.wall;
  }

  monotonic(): number {
    return this.steady;
  }

  advance(ms: number): void {
    this.wall += ms;
    this.steady += ms;
  }

  sleep(ms: number): void {
    this.wall += ms;
  }

  /** An administrator or NTP moves the computer's clock. */
  set(offsetMs: number): void {
    this.wall += offsetMs;
  }
}
