// The build sets both (installers/build/bundle.ts). Neither is defined when run from source.
declare const BUILD_VERSION: string | undefined;
declare const BUILD_COMMIT: string | undefined;

/** `x.y.z` of package.json. */
export const version: string = typeof BUILD_VERSION === 'string' ? BUILD_VERSION : '0.0.0';
/** Short git commit the binary was built from, or `source`. */
export const commit: string = typeof BUILD_COMMIT === 'string' ? BUILD_COMMIT : 'source';

/**
 * Negative if `a` is older than `b`, positive if it's newer, 0 if they're the same. Compares numbers, not text: missing
 * ones count as 0, so 1.2 is the same as 1.2.0, and what follows the last number doesn't count.
 */
export function compareVersions(a: string, b: string): number {
  const left = numbersOf(a);
  const right = numbersOf(b);
  const length = Math.max(left.length, right.length);
  const differences = Array.from({ length }, (_, index) => (left[index] ?? 0) - (right[index] ?? 0));
  return differences.find((difference) => difference !== 0) ?? 0;
}

const numbersOf = (version: string): readonly number[] => (/^[\d.]*/.exec(version)?.[0] ?? '').split('.').map(Number);
