/**
 * A settings value as text: JSON for a structure, JavaScript's own text for anything else. Unlike `String`, it accepts
 * every JSON value: `String` throws for `{"toString": null}`.
 */
export function textOf(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
