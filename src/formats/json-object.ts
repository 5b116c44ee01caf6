import { isObject } from '../core/json.ts';
import { findJsonFault } from './json-fault.ts';

export type JsonObjectReading =
  | { readonly state: 'values'; readonly values: Readonly<Record<string, unknown>> }
  | { readonly state: 'unreadable'; readonly reason: string };

/** Parses a text that must be one JSON object. The reason names line and column and repeats none of the text. */
export function parseJsonObject(text: string): JsonObjectReading {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    const fault = findJsonFault(text);
    const place = fault === undefined ? '' : `, line ${fault.line}, column ${fault.column}: ${fault.reason}`;
    return { state: 'unreadable', reason: `isn't valid JSON${place}` };
  }
  if (!isObject(parsed)) return { state: 'unreadable', reason: "isn't a JSON object" };
  return { state: 'values', values: parsed };
}

/** Settings in a file for people: editors find the JSON Schema by the member `$schema`, which isn't a setting. */
export function parseJsonSettings(text: string): JsonObjectReading {
  const parsed = parseJsonObject(text);
  if (parsed.state === 'unreadable') return parsed;
  const { $schema: _schema, ...values } = parsed.values;
  return { state: 'values', values };
}
