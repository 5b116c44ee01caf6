import { parseObject } from '../core/json.ts';
import { printable } from '../core/printable.ts';

const TEXTS = [
  'event',
  'code',
  'detail',
  'correlationId',
  'context',
  'version',
  'platform',
  'reason',
  /** The scope that a token is for. */
  'resource',
  /** A setting's name, never its value. */
  'key',
  /** The file, registry key, or variable with a setting. */
  'location',
  /** Class and code of a foreign error, never its message. */
  'cause',
] as const;

const NUMBERS = ['durationMs', 'delayMs', 'attempt', 'pid', 'lifetimeMs'] as const;

const MAX_TEXT = 500;

type Texts = { readonly [Name in Exclude<(typeof TEXTS)[number], 'event'>]?: string | undefined };
type Numbers = { readonly [Name in (typeof NUMBERS)[number]]?: number | undefined };

/** All fields of a line: public facts only. There's none for an account name, a header, a body, a token, or argv. */
export type LogFields = Texts & Numbers;

/**
 * Keeps only the known fields, and only values of the right type: TypeScript's types keep nothing out at run time. Numbers
 * are whole.
 */
export function publicFields(fields: Readonly<Record<string, unknown>>): Record<string, string | number> {
  const texts = TEXTS.flatMap((name) => {
    const value = fields[name];
    return typeof value === 'string' ? [[name, printable(value, MAX_TEXT)]] : [];
  });
  const numbers = NUMBERS.flatMap((name) => {
    const value = fields[name];
    return typeof value === 'number' && Number.isFinite(value) ? [[name, Math.round(value)]] : [];
  });
  return Object.fromEntries([...texts, ...numbers]);
}

/** A line of the log with its time, level, and known fields only; undefined if the agent didn't write it. */
export function publicLogLine(line: string): string | undefined {
  const parsed = parseObject(line);
  if (parsed === undefined) return undefined;
  const { time, level, event } = parsed;
  if (![time, level, event].every((value) => typeof value === 'string' && /^[\w:.-]{1,64}$/.test(value)))
    return undefined;
  return JSON.stringify({ time, level, ...publicFields(parsed) });
}
