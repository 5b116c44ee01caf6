// The build sets both (installers/build/bundle.ts). Neither is defined when run from source.
declare const BUILD_VERSION: string | undefined;
declare const BUILD_COMMIT: string | undefined;

/** `x.y.z` of package.json. */
export const version: string = typeof BUILD_VERSION === 'string' ? BUILD_VERSION : '0.0.0';
/** Short git commit the binary was built from, or `source`. */
export const commit: string = typeof BUILD_COMMIT === 'string' ? BUILD_COMMIT : 'source';

/** Negative when `a` is older than `b`, positive when newer, 0 when equal; only the numbers of `x.y.z` count. */
export function compareVersions(a: string, b: string): number {
  const left = a.split('.').map((part) => Number.parseInt(part, 10) || 0);
  const right = b.split('.').map((part) => Number.parseInt(part, 10) || 0);
  for (let index = 0; index < 3; index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
