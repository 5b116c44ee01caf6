// When to refresh and how long to back off: pure functions, so that tests and the fleet simulation run the real ones.

export const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Refresh ahead only if someone has asked within this time. Otherwise sleep. */
export const ACTIVE_WINDOW_MS = 2 * HOUR_MS;
/** After a wake or on a new network, prepare a token if someone has asked within this time: a long weekend. */
export const RETURN_WINDOW_MS = 4 * 24 * HOUR_MS;
/** An unused refresh token expires (Entra: after 90 days). One refresh a week keeps it alive. */
export const KEEP_ALIVE_MS = 7 * 24 * HOUR_MS;
/** The longest Retry-After that's honored. */
export const RETRY_AFTER_CAP_MS = 60 * MINUTE_MS;
/** A waiting user may try ahead of the back-off, but not more often than this. */
export const URGENT_INTERVAL_MS = 5_000;

const BACK_OFF_BASE_MS = 5_000;
const BACK_OFF_CAP_MS = 5 * MINUTE_MS;
/** While the current token outlives several tries, no one waits for any of them. */
const CALM_BASE_MS = MINUTE_MS;
const CALM_REMAINING_MS = 2 * BACK_OFF_CAP_MS;

/** How much life a token must have left when it's handed out: the minimum, but never more than 80% of its lifetime. */
export function requiredLifetimeMs(lifetimeMs: number, minimumMs: number): number {
  return Math.min(minimumMs, 0.8 * lifetimeMs);
}

/**
 * Age in milliseconds at which to refresh ahead: a random 70-90 % of the token's life, but always before it has less
 * left than may be handed out, so that no one has to wait for the refresh.
 * @param random uniform in [0, 1)
 */
export function refreshAheadAge(lifetimeMs: number, minimumMs: number, random: number): number {
  const latest = lifetimeMs - requiredLifetimeMs(lifetimeMs, minimumMs);
  const to = Math.min(0.9 * lifetimeMs, latest);
  const from = Math.min(0.7 * lifetimeMs, 0.9 * to);
  return from + random * (to - from);
}

/**
 * Milliseconds until the next try after the given number of consecutive failures: full jitter between 5 s and a bound
 * that doubles from 10 s to 5 min, so that a fleet doesn't come back in step. With a current token that has ten
 * minutes left, between 1 and 5 min: after an outage Entra then sees less than five times its usual load (`npm run
 * bench:fleet`).
 * @param attempt 1 after the first failure
 * @param random uniform in [0, 1)
 * @param remainingMs how long the current token is still valid
 */
export function backOffDelay(attempt: number, random: number, remainingMs = 0): number {
  if (remainingMs >= CALM_REMAINING_MS) return CALM_BASE_MS + random * (BACK_OFF_CAP_MS - CALM_BASE_MS);
  const bound = Math.min(BACK_OFF_CAP_MS, BACK_OFF_BASE_MS * 2 ** Math.min(attempt, 20));
  return BACK_OFF_BASE_MS + random * (bound - BACK_OFF_BASE_MS);
}

/** A random delay before work that a whole fleet would otherwise do at the same moment: 2-60 s. */
export function startJitter(random: number): number {
  return 2_000 + random * 58_000;
}

/**
 * A random delay before the refresh after a wake: 1-4 s, because someone has probably just opened this computer, and
 * people don't open theirs in the same second. The network needs a moment too.
 */
export function wakeJitter(random: number): number {
  return 1_000 + random * 3_000;
}

/**
 * A random delay before the refresh on a new network: 2 s to 2 min, because a VPN or an office network comes back for
 * everyone at the same time. Users who ask meanwhile don't wait for it (`npm run bench:fleet`).
 */
export function networkJitter(random: number): number {
  return 2_000 + random * 118_000;
}
