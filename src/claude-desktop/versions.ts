// Claude Desktop's versions: whole numbers with dots between them, such as 2.9939.2 or 2.2553.1.0.

/**
 * Negative if `a` is older than `b`, positive if it's newer, 0 if they're the same. Compares numbers, not text, and
 * missing numbers count as 0: 1.2 is the same as 1.2.0.
 */
export function compareVersions(a: string, b: string): number {
  const left = numbersOf(a);
  const right = numbersOf(b);
  const length = Math.max(left.length, right.length);
  const differences = Array.from({ length }, (_, index) => (left[index] ?? 0) - (right[index] ?? 0));
  return differences.find((difference) => difference !== 0) ?? 0;
}

const numbersOf = (version: string): readonly number[] => version.split('.').map(Number);
