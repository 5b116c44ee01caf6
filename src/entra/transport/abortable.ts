/** Begins the work. What it returns is called once the promise has settled. */
type Begin<T> = (resolve: (value: T) => void, reject: (reason: unknown) => void) => () => void;

/** A promise for work that ends in a callback. @throws what `begin` rejects with, or the signal's reason */
export async function abortable<T>(signal: AbortSignal, begin: Begin<T>): Promise<T> {
  signal.throwIfAborted();
  let end: (() => void) | undefined;
  let onAbort: () => void = () => undefined;
  try {
    return await new Promise((resolve, reject) => {
      onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      end = begin(resolve, reject);
    });
  } finally {
    signal.removeEventListener('abort', onAbort);
    end?.();
  }
}
