// Policy consoles store every value as text, as Claude Desktop does. This turns text into what keys.ts expects.
import * as v from 'valibot';
import { parseJson } from '../core/json.ts';
import { type ConfigurationKey, definitionOf, type KeyType } from './keys.ts';

export type ParsedValue =
  | { readonly valid: true; readonly value: unknown }
  | { readonly valid: false; readonly rule: string };

/**
 * Checks one raw value, native or as text: `"true"`, `"900"`, JSON for lists and maps, and commas between the entries
 * of lists. If the value is invalid, `rule` completes `"key" in <origin> …` and never repeats the value.
 */
export function parseValue(key: ConfigurationKey, raw: unknown): ParsedValue {
  const { type, schema, rule } = definitionOf(key);
  const result = v.safeParse(schema, decode(type, raw), { abortPipeEarly: true, message: rule });
  return result.success ? { valid: true, value: result.output } : { valid: false, rule: result.issues[0].message };
}

/** Passes on unchanged what it can't decode, so that the schema rejects it. */
function decode(type: KeyType, raw: unknown): unknown {
  if (type === 'boolean') return decodeBoolean(raw);
  if (typeof raw !== 'string') return raw;
  const text = raw.trim();
  switch (type) {
    case 'string':
      return text;
    case 'integer':
      return /^\d{1,9}$/.test(text) ? Number(text) : text;
    case 'list':
      return decodeList(text);
    case 'map':
      return parseJson(text);
  }
}

/** REG_DWORD stores 0 or 1. */
function decodeBoolean(raw: unknown): unknown {
  const text = typeof raw === 'string' ? raw.trim().toLowerCase() : raw;
  if (text === 'true' || text === '1' || text === 1) return true;
  if (text === 'false' || text === '0' || text === 0) return false;
  return raw;
}

function decodeList(text: string): unknown {
  // NO_PROXY may start with an IPv6 address in brackets, which isn't JSON.
  if (/^\[\s*["{\]]/.test(text)) return parseJson(text);
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}
