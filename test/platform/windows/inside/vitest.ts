// What the contract suite of the secret stores uses of vitest, on Node's own runner: vitest's native parts don't come
// along to Windows.
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { afterEach, describe, it as nodeIt } from 'node:test';

type Row = readonly unknown[];

export { afterEach, describe };

export const it = Object.assign((title: string, body: () => Promise<void>) => void nodeIt(title, body), {
  each: (rows: readonly (Row | string)[]) => (title: string, body: (...values: never[]) => Promise<void>) => {
    for (const row of rows) {
      const values = typeof row === 'string' ? [row] : row;
      void nodeIt(title.replace('%s', String(values[0])), () => body(...(values as never[])));
    }
  },
});

export function expect(actual: unknown) {
  const matchers = (value: unknown) => ({
    toBe: (expected: unknown) => strictEqual(value, expected),
    toBeUndefined: () => strictEqual(value, undefined),
    toEqual: (expected: unknown) => deepStrictEqual(value, expected),
    toHaveLength: (expected: number) => strictEqual((value as { length: number }).length, expected),
  });
  return {
    ...matchers(actual),
    resolves: { toBeUndefined: async () => matchers(await actual).toBeUndefined() },
  };
}
