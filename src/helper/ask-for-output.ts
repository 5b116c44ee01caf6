import type { Target } from '../ipc/agent-address.ts';
import type { Connect } from '../ipc/connection.ts';
import { exchange, type Outcome } from '../ipc/exchange.ts';
import { type ClaudeCodeSession, HELPER_DEADLINES_MS, type HelperContext } from '../ipc/protocol.ts';

/** For whom a helper runs. */
export interface Caller {
  readonly context: HelperContext;
  readonly claudeCode?: ClaudeCodeSession;
}

/** Asks the agent once for the line to print, for as long as the context leaves. */
export function askForOutput(connect: Connect, target: Target, caller: Caller): Promise<Outcome> {
  const elapsedMs = processAgeMs();
  const deadlineMs = Math.max(0, HELPER_DEADLINES_MS[caller.context] - elapsedMs);
  return exchange(connect, target, { method: 'helper-output', ...caller, elapsedMs }, { deadlineMs });
}

/** The line in an agent's result; undefined when there is none: an empty line must not become a success. */
export function outputIn(result: unknown): string | undefined {
  const output = typeof result === 'object' && result !== null && 'output' in result ? result.output : undefined;
  return typeof output === 'string' && output !== '' ? output : undefined;
}

/** What the agent says to write to stderr, and how to exit; undefined where it says nothing of the kind. */
export function failureIn(outcome: Outcome): { readonly text: string; readonly exit: number } | undefined {
  if (outcome.kind !== 'error') return undefined;
  const { failure } = outcome;
  if (typeof failure !== 'object' || failure === null || !('text' in failure) || !('exit' in failure)) return undefined;
  const { text, exit } = failure;
  // Exit code 0 would make the error a success.
  if (typeof text !== 'string' || typeof exit !== 'number' || !Number.isInteger(exit) || exit < 1 || exit > 125)
    return undefined;
  return { text, exit };
}

/** Deadlines count from when the operating system started this process. */
export function processAgeMs(): number {
  return process.uptime() * 1000;
}
