import { type ConfigurationKey, configurationKeys } from './keys.ts';

/** The known key that was probably meant by an unknown one. */
export function nearestKey(name: string): ConfigurationKey | undefined {
  if (name.length > 64) return undefined;
  const wanted = plain(name);
  const ranked = configurationKeys
    .map((key) => ({ key, distance: isStart(wanted, plain(key)) ? 1 : editDistance(wanted, plain(key)) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= Math.max(1, Math.floor(wanted.length / 3)) ? best.key : undefined;
}

/** People type `tenant_id`, `TenantID`, and `tenant-id` for the same key. */
const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

/** `minimumTokenLifetime`, `proxyUrl`: a unit or kind omitted or added. */
const isStart = (a: string, b: string): boolean =>
  Math.min(a.length, b.length) >= 4 && (a.startsWith(b) || b.startsWith(a));

/** Levenshtein distance: single characters inserted, removed, or replaced. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
