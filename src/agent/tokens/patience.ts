// How long a caller waits for work that continues without it.

/** For a refresh, if the current token still works. */
const REFRESH_MS = 5_000;
/** For the keystore to take a new record. */
const KEYSTORE_MS = 2_000;

/** Resolves when the refresh has ended, or the caller has waited long enough. Never rejects. */
export async function waitForRefresh(refresh: Promise<unknown>): Promise<void> {
  await Promise.race([refresh.catch(() => undefined), sleep(REFRESH_MS)]);
}

/** Resolves with what the keystore answered, or with undefined if it hangs. */
export function waitForKeystore(write: Promise<boolean>): Promise<boolean | undefined> {
  return Promise.race([write, sleep(KEYSTORE_MS)]);
}

function sleep(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, ms, undefined).unref());
}
