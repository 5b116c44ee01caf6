import { HELPER_DEADLINES_MS, type HelperContext } from '../core/helper-context.ts';
import { isTokenText } from '../core/token-text.ts';
import type { ClaudeCodeSession, HelperOutput, Request } from '../ipc/protocol.ts';

/** For whom a helper runs. */
export interface Caller {
  readonly context: HelperContext;
  readonly claudeCode?: ClaudeCodeSession;
}

/** The question for the line to print. */
export function requestOf(caller: Caller): Request {
  return { method: 'helper-output', ...caller, elapsedMs: processAgeMs() };
}

/** One line, as `helperOutput` writes it. */
const JSON_LINE = /^\{[\x20-\x7e]+\}$/;

/**
 * The line in an agent's result: a token, or JSON only if the agent says that JSON is configured. Undefined for anything
 * else, so that no token, key, or record can make this program print JSON, headers, or an empty line.
 */
export function outputIn(result: unknown): string | undefined {
  const { output, format } = (result ?? {}) as { readonly [Name in keyof HelperOutput]?: unknown };
  if (isTokenText(output)) return output;
  return format === 'json' && typeof output === 'string' && JSON_LINE.test(output) ? output : undefined;
}

/** What is left of the time that the context allows. */
export function timeLeftMs({ context }: Caller): number {
  return Math.max(0, HELPER_DEADLINES_MS[context] - processAgeMs());
}

/** Deadlines count from when the operating system started this process. */
function processAgeMs(): number {
  return process.uptime() * 1000;
}
