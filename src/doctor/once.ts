/** Does the work at the first call. Every call returns that result, or that promise even if it was rejected. */
export function once<T>(work: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: work() };
    return made.value;
  };
}
