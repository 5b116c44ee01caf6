import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { parse } from 'yaml';
import { AUDIENCES } from './fragment.ts';

const Texts = v.union([v.string(), v.array(v.string())]);

const Entry = v.strictObject({
  avoid: v.string(),
  use: v.string(),
  why: v.optional(v.string()),
  /** Who the rule is for. Everyone if absent. */
  in: v.optional(v.array(v.picklist(AUDIENCES))),
  /** Whether upper and lower case differ. */
  exact: v.optional(v.boolean(), false),
  bad: Texts,
  good: Texts,
});

export type Word = ReturnType<typeof wordOf>;

/** The project's rules for words, from words.yml. */
export function readWords(): readonly Word[] {
  const text = readFileSync(join(import.meta.dirname, 'words.yml'), 'utf8');
  return v.parse(v.array(Entry), parse(text)).map(wordOf);
}

function wordOf(entry: v.InferOutput<typeof Entry>) {
  return {
    ...entry,
    bad: [entry.bad].flat(),
    good: [entry.good].flat(),
    in: entry.in ?? AUDIENCES,
    // A text may break its lines anywhere.
    pattern: new RegExp(entry.avoid.replaceAll(' ', '\\s+'), entry.exact ? 'g' : 'gi'),
  };
}
