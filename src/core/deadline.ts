/**
 * Settles like `work`, or rejects with `onTimeout()` after `ms` milliseconds. The work itself isn't canceled: Keychain
 * and D-Bus calls can't be, and their caller must not have to wait for them.
 */
export async function withDeadline<T>(work: Promise<T>, ms: number, onTimeout: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(onTimeout()), ms);
  });
  // A late rejection of the abandoned work must not end the process as an unhandled one.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, expired]);
  } finally {
    clearTimeout(timer);
  }
}
