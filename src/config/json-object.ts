import { findJsonFault } from './json-fault.ts';

export type JsonObjectReading =
  | { readonly state: 'object'; readonly object: Readonly<Record<string, unknown>> }
  | { readonly state: 'fault'; readonly reason: string };

/** Parses a text that must be one JSON object. The reason names line and column and repeats nothing of the text. */
export function parseJsonObject(text: string): JsonObjectReading {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    const fault = findJsonFault(text);
    const place = fault === undefined ? '' : `, line ${fault.line}, column ${fault.column}: ${fault.reason}`;
    return { state: 'fault', reason: `is not valid JSON${place}` };
  }
  return isObject(parsed) ? { state: 'object', object: parsed } : { state: 'fault', reason: 'is not a JSON object' };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
