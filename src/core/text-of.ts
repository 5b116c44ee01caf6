/**
 * A value of somebody's file as text: a structure as JSON, anything else as JavaScript writes it. Unlike `String`, it takes
 * every value that JSON has: `{"toString": null}` has no text of its own.
 */
export function textOf(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
