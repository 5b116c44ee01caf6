import type { JsonKeyPlace } from '../formats/json-layout.ts';
import { type Finding, finding } from './finding.ts';

/** Keys that a JSON file holds more than once. JSON.parse takes the last, so a parsed object doesn't show it. */
export function repeatedKeys(file: string, places: readonly JsonKeyPlace[]): readonly Finding[] {
  const firstLines = new Map<string, number>();
  const repeated = new Map<string, string>();
  for (const { path, line } of places) {
    const first = firstLines.get(path);
    if (first === undefined) firstLines.set(path, line);
    else repeated.set(path, `lines ${first} and ${line}`);
  }
  return [...repeated].map(([path, element]) => finding('key-twice', file, { key: path.slice(0, 60), element }));
}
