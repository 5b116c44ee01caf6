/** The code of a system error or a Node error, such as `ENOENT`; undefined for anything else. */
export function errnoOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
}

/** Whether the error has one of these codes. */
export function isCode(thrown: unknown, ...codes: readonly string[]): boolean {
  return codes.includes(errnoOf(thrown) ?? '');
}

/** ` (ENOENT)`, to put after a path in a message; empty if the error has no code. */
export function inParentheses(thrown: unknown): string {
  const code = errnoOf(thrown);
  return code === undefined ? '' : ` (${code})`;
}
