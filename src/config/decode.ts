// Policy consoles hold every value as text (Claude Desktop's own convention); here it becomes what keys.ts expects.
import * as v from 'valibot';
import { type ConfigurationKey, definitionOf, type KeyType } from './keys.ts';

export type ParsedValue =
  | { readonly valid: true; readonly value: unknown }
  | { readonly valid: false; readonly rule: string };

/**
 * Checks one raw value, native or as text: `"true"`, `"900"`, JSON text for lists and maps, lists also separated by
 * commas. The rule of an invalid one completes `"key" in <origin> …` and never repeats the value.
 */
export function parseValue(key: ConfigurationKey, raw: unknown): ParsedValue {
  const { type, schema, rule } = definitionOf(key);
  const result = v.safeParse(schema, decode(type, raw), { abortPipeEarly: true, message: rule });
  return result.success ? { valid: true, value: result.output } : { valid: false, rule: result.issues[0].message };
}

/** What cannot be decoded is passed on as it is, for the schema to refuse. */
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

/** A REG_DWORD holds 0 or 1. */
function decodeBoolean(raw: unknown): unknown {
  const text = typeof raw === 'string' ? raw.trim().toLowerCase() : raw;
  if (text === 'true' || text === '1' || text === 1) return true;
  if (text === 'false' || text === '0' || text === 0) return false;
  return raw;
}

function decodeList(text: string): unknown {
  // NO_PROXY may begin with an IPv6 address in brackets, which is no JSON.
  if (/^\[\s*["\]]/.test(text)) return parseJson(text);
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
