/**
 * Settles as `work` does, or rejects with `onTimeout()` after `ms` milliseconds. The work itself is not cancelled:
 * Keychain and D-Bus calls cannot be, and must not hold up whoever asked.
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
