/** `CLAUDE_HELPER_CONTEXT`, as Claude Desktop documents it for `inferenceCredentialHelper`. */
export const HELPER_CONTEXTS = [
  'interactive',
  'mid-session-refresh',
  'scheduled-task',
  'setup-test',
  'background',
] as const;
export type HelperContext = (typeof HELPER_CONTEXTS)[number];

/** Milliseconds that a whole helper run may take, unless Claude Desktop's own settings say otherwise. */
export const HELPER_DEADLINES_MS: Readonly<Record<HelperContext, number>> = {
  // Claude Desktop kills the helper at its timeout (default 60 s) and, in the middle of a turn, after 20 s.
  interactive: 55_000,
  'mid-session-refresh': 15_000,
  'scheduled-task': 30_000,
  'setup-test': 30_000,
  background: 30_000,
};

/** An unknown or missing value counts as unattended, because a new context must never open a sign-in prompt. */
export function parseHelperContext(raw: string | undefined): HelperContext {
  return raw !== undefined && Object.hasOwn(HELPER_DEADLINES_MS, raw) ? (raw as HelperContext) : 'background';
}
