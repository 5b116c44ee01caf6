// How long Claude Desktop keeps a token, and how long it waits for one.
// https://claude.com/docs/third-party/claude-desktop/credential-helper
import { DesktopValues } from './document.ts';
import type { DesktopReading } from './read.ts';

export interface DesktopTimes {
  /** Milliseconds that Claude Desktop uses a token before it asks again. */
  readonly cacheMs: number;
  /** Milliseconds after which it ends a helper, as configured; `undefined` if no one set it. */
  readonly timeoutMs: number | undefined;
}

/** Claude Desktop's documented default of `inferenceCredentialHelperTtlSec`. */
export const DEFAULT_TTL_SECONDS = 3600;
/** What exported profiles set, and so the best guess if there are no settings to read. */
const ASSUMED_TTL_SECONDS = 900;
/** Longer than any token lives. */
const MAX_TTL_SECONDS = 86_400;
const MAX_TIMEOUT_SECONDS = 600;

/**
 * The times in force: Claude Desktop's own settings, its default if its settings are readable and don't hold one, or
 * otherwise what this program's exports set.
 */
export function desktopTimes(reading: DesktopReading): DesktopTimes {
  if (reading.state !== 'values') return { cacheMs: ASSUMED_TTL_SECONDS * 1000, timeoutMs: undefined };
  const values = new DesktopValues(reading.document);
  const seconds = (key: 'inferenceCredentialHelperTtlSec' | 'inferenceCredentialHelperTimeoutSec', maximum: number) => {
    const value = values.integer(key);
    return value !== undefined && value >= 1 && value <= maximum ? value : undefined;
  };
  const timeout = seconds('inferenceCredentialHelperTimeoutSec', MAX_TIMEOUT_SECONDS);
  return {
    cacheMs: (seconds('inferenceCredentialHelperTtlSec', MAX_TTL_SECONDS) ?? DEFAULT_TTL_SECONDS) * 1000,
    timeoutMs: timeout === undefined ? undefined : timeout * 1000,
  };
}

/** The part of `cacheMs` that an admin decides: as if there were no local settings. */
export function managedCacheMs(reading: DesktopReading): number {
  const isLocal = reading.state !== 'absent' && !reading.managed;
  return desktopTimes(isLocal ? { state: 'absent' } : reading).cacheMs;
}
