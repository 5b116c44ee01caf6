import { availableParallelism, loadavg } from 'node:os';

/** How often the time is taken, in milliseconds. */
const TICK_MS = 50;
/** More of a tick than this was spent waiting for the processor, or asleep. */
const COUNTED_MS = 2 * TICK_MS;

/**
 * Calls `onEnd` once when this process has had `ms` milliseconds to do something else. Time in which it couldn't run
 * doesn't count: on a busy computer, the process that it waits for couldn't run either.
 * @returns stops the count
 */
export function countDown(ms: number, onEnd: () => void): () => void {
  let leftMs = ms;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    leftMs -= Math.min(now - last, COUNTED_MS);
    last = now;
    if (leftMs > 0) return;
    clearInterval(timer);
    onEnd();
  }, TICK_MS);
  return () => clearInterval(timer);
}

/** On a computer that never comes to rest, people still want an answer. */
const LARGEST_FACTOR = 5;

/**
 * How long to wait for what takes `ms` milliseconds at most on a computer that isn't overloaded.
 * @param load programs that want to run, as `loadavg` says; 0 on Windows, which doesn't say
 */
export function underLoad(ms: number, load = loadavg()[0] ?? 0, processors = availableParallelism()): number {
  return ms * Math.min(Math.max(1, load / processors), LARGEST_FACTOR);
}
