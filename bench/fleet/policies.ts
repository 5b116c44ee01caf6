// How an endpoint decides when to go to Entra: this program, using its own functions, and programs without such rules.
import {
  backOffDelay,
  MINUTE_MS,
  networkJitter,
  refreshAheadAge,
  startJitter,
  URGENT_INTERVAL_MS,
} from '../../src/agent/tokens/schedule.ts';
import { LOOK_EVERY_MS } from '../../src/platform/wake.ts';

export interface Policy {
  readonly name: string;
  /** Milliseconds from the program's start to its first refresh. */
  start(random: number): number;
  /** Age in milliseconds at which a token is refreshed ahead. */
  refreshAge(lifetimeMs: number, random: number): number;
  /** Milliseconds to the next try. @param attempt 1 after the first failure @param remainingMs of the current token */
  retry(attempt: number, random: number, remainingMs: number): number;
  /** Milliseconds from the return of the network to the next try; absent if the program doesn't notice it. */
  readonly networkBack?: (random: number) => number;
  /** A user who waits has it tried ahead of that, but not more often than this. */
  readonly urgentIntervalMs: number;
}

/** Claude Desktop's cache time that `config export` sets, and the agent's margin. */
const MINIMUM_LIFE_MS = 900_000 + 120_000;

export const ours: Policy = {
  name: 'this agent',
  start: startJitter,
  refreshAge: (lifetimeMs, random) => refreshAheadAge(lifetimeMs, MINIMUM_LIFE_MS, random),
  retry: backOffDelay,
  // It looks every half minute, at a moment that differs from computer to computer.
  networkBack: (random) => ((random * 1000) % 1) * LOOK_EVERY_MS + networkJitter(random),
  urgentIntervalMs: URGENT_INTERVAL_MS,
};

/** Refresh when it starts and five minutes before the end, try again every five seconds: no jitter, no back-off. */
export const fixed: Policy = {
  name: 'fixed 5 s retry, expiry - 5 min',
  start: () => 0,
  refreshAge: (lifetimeMs) => lifetimeMs - 5 * MINUTE_MS,
  retry: () => 5_000,
  urgentIntervalMs: 5_000,
};
