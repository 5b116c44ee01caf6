/** The code of a system error, such as `ENOENT`, or of one of Node's; undefined for anything else. */
export function errnoOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
}

export function isCode(thrown: unknown, ...codes: readonly string[]): boolean {
  return codes.includes(errnoOf(thrown) ?? '');
}

/** ` (ENOENT)`, to follow a path in a message; empty for an error without a code. */
export function inParentheses(thrown: unknown): string {
  const code = errnoOf(thrown);
  return code === undefined ? '' : ` (${code})`;
}
