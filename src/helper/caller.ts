import { HELPER_DEADLINES_MS, type HelperContext } from '../core/helper-context.ts';
import type { ClaudeCodeSession, Request } from '../ipc/protocol.ts';

/** For whom a helper runs. */
export interface Caller {
  readonly context: HelperContext;
  readonly claudeCode?: ClaudeCodeSession;
}

/** The question for the line to print. */
export function requestOf(caller: Caller): Request {
  return { method: 'helper-output', ...caller, elapsedMs: processAgeMs() };
}

/** The line in an agent's result; undefined when there is none: an empty line must not become a success. */
export function outputIn(result: unknown): string | undefined {
  const output = typeof result === 'object' && result !== null && 'output' in result ? result.output : undefined;
  return typeof output === 'string' && output !== '' ? output : undefined;
}

/** What is left of the time that the context allows. */
export function timeLeftMs({ context }: Caller): number {
  return Math.max(0, HELPER_DEADLINES_MS[context] - processAgeMs());
}

/** Deadlines count from when the operating system started this process. */
function processAgeMs(): number {
  return process.uptime() * 1000;
}
