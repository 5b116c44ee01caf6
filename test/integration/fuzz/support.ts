// Properties: 200 runs each with a fixed seed; in the long form 20,000 with a random one. FUZZ_SEED repeats a run.
import fc from 'fast-check';
import { onTestFinished } from 'vitest';
import { isLong } from '../../support/harness/long.ts';
import { seed } from '../../support/harness/seed.ts';

/** Single properties take minutes in the long form. */
export const TIMEOUT_MS = isLong ? 1_800_000 : 60_000;

export interface CheckOptions {
  /** Divides the number of runs where one run costs milliseconds. */
  readonly costly?: number;
}

/** @throws Error with the smallest counterexample, the seed and the path to it. */
export async function check<T>(
  property: fc.IProperty<T> | fc.IAsyncProperty<T>,
  { costly = 1 }: CheckOptions = {},
): Promise<void> {
  const numRuns = Math.ceil((isLong ? 20_000 : 200) / costly);
  onTestFinished(({ task }) => console.log(`${task.name}: seed ${seed}, ${numRuns} runs, ${task.result?.state}`));
  await fc.assert(property as fc.IAsyncProperty<T>, { seed, numRuns });
}

/** Names that JavaScript objects have without anyone's doing, and others that parsers trip over. */
export const trickyText = fc.constantFrom(
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'valueOf',
  'then',
  '',
  ' ',
  '\0',
  '\n',
  '\r\n',
  '\u2028',
  '\u202e',
  '\ufeff',
  '\ud800',
  '💥',
  '%00',
  '%zz',
  '../../etc/passwd',
  '<script>',
  '"',
  "'",
  '`',
  '&amp;',
  '$&',
  'null',
  'undefined',
  'NaN',
  'true',
  '0',
  '-1',
  '1e308',
  '1e999',
  '0x10',
  '9'.repeat(400),
);

export const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), trickyText);

/** Any JSON value, with tricky names and values among it. */
export const json: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    text,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.array(fc.tuple(text, tie('value')), { maxLength: 5 }).map((entries) => asParsed(entries)),
  ),
})).value;

/** A JSON object whose named members are mostly there with such values, sometimes with any, and sometimes missing. */
export function jsonObject(
  members: Readonly<Record<string, fc.Arbitrary<unknown>>>,
): fc.Arbitrary<Record<string, unknown>> {
  const likely = Object.fromEntries(
    Object.entries(members).map(([name, value]) => [
      name,
      fc.oneof(
        { weight: 10, arbitrary: value },
        { weight: 1, arbitrary: json },
        { weight: 1, arbitrary: fc.constant(undefined) },
      ),
    ]),
  );
  return fc
    .tuple(fc.record(likely), fc.array(fc.tuple(text, json), { maxLength: 2 }))
    .map(([known, others]) => asParsed([...others, ...Object.entries(known)]));
}

/** As JSON.parse makes it: `__proto__` is a name like any other. */
function asParsed(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  const members = entries
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  return JSON.parse(`{${members.join(',')}}`) as Record<string, unknown>;
}

/** Cuts bytes at arbitrary places. */
export function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...ends, bytes.length].map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end));
}
