// Claude Desktop's side of the credential-helper contract
// (claude.com/docs/third-party/claude-desktop/credential-helper).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { isAbsolute } from 'node:path';
import type { Readable } from 'node:stream';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { type ParsedOutput, parseHelperOutput } from './helper-output.ts';

export type HelperContext = 'interactive' | 'mid-session-refresh' | 'scheduled-task' | 'background' | 'setup-test';

/** Desktop's default of `inferenceCredentialHelperTimeoutSec`. */
const DEFAULT_TIMEOUT_MS = 60_000;
/** A user waits for this one, so Desktop cuts it shorter whatever the setting says. */
const MID_SESSION_LIMIT_MS = 20_000;
/** How long output may still come when the process has ended. */
const SETTLE_MS = 2000;

export interface RunHelperOptions {
  /** `undefined` leaves the variable out, as builds before it do; any text is passed on. */
  readonly context?: HelperContext | (string & {}) | undefined;
  /** The whole environment of the helper, but for CLAUDE_HELPER_CONTEXT. */
  readonly env: Readonly<Record<string, string>>;
  /** `inferenceCredentialHelperTimeoutSec` in milliseconds; `mid-session-refresh` has at most 20 s. */
  readonly timeoutMs?: number;
}

export interface HelperResult extends ParsedOutput {
  /** `null` when it didn't start or was killed. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Wall time from the spawn until Desktop had its answer. */
  readonly durationMs: number;
  /** Another process kept the output open: Desktop waits for that. */
  readonly outputHeldOpen: boolean;
}

/**
 * Runs the helper as Claude Desktop does: no arguments, no shell, no stdin, killed at the limit. Never rejects. Reasons
 * of a failure: `bad-path`, `spawn-failed`, `timed-out`, `non-zero-exit`, and those of parseHelperOutput. A success
 * with something on stderr has state `warning`.
 */
export async function runHelper(binary: string, options: RunHelperOptions): Promise<HelperResult> {
  const startedAt = performance.now();
  const failed = (reason: string, extra: Partial<HelperResult> = {}): HelperResult => ({
    state: 'failed',
    reason,
    exitCode: null,
    stdout: '',
    stderr: '',
    outputHeldOpen: false,
    ...extra,
    durationMs: performance.now() - startedAt,
  });
  if (!isAbsolute(binary) || /^[\\/]{2}/.test(binary)) return failed('bad-path');

  const child = spawn(binary, [], {
    env: environmentOf(options),
    shell: false,
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const closed = once(child, 'close');
  closed.catch(() => undefined);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill('SIGKILL');
  }, limitOf(options));
  try {
    await once(child, 'exit');
  } catch {
    return failed('spawn-failed');
  } finally {
    clearTimeout(timer);
  }
  const outputHeldOpen = await Promise.race([closed.then(() => false), settled()]);
  child.stdout.destroy();
  child.stderr.destroy();

  const output = { exitCode: child.exitCode, stdout: stdout.text(), stderr: stderr.text(), outputHeldOpen };
  if (isLate) return failed('timed-out', output);
  if (child.exitCode !== 0) return failed('non-zero-exit', output);
  const parsed = parseHelperOutput(output.stdout);
  const state = parsed.state === 'ok' && output.stderr.trim() !== '' ? 'warning' : parsed.state;
  return { ...parsed, ...output, state, durationMs: performance.now() - startedAt };
}

/** A process that was itself kept from running must not take what came meanwhile for what never came. */
async function settled(): Promise<true> {
  await sleep(SETTLE_MS, undefined, { ref: false });
  for (let turn = 0; turn < 3; turn += 1) await nextTurn();
  return true;
}

function limitOf({ context, timeoutMs = DEFAULT_TIMEOUT_MS }: RunHelperOptions): number {
  return context === 'mid-session-refresh' ? Math.min(timeoutMs, MID_SESSION_LIMIT_MS) : timeoutMs;
}

function environmentOf({ context, env }: RunHelperOptions): Record<string, string> {
  const { CLAUDE_HELPER_CONTEXT: _, ...rest } = env;
  if (context === undefined) return rest;
  // The older variable still goes with the connection test.
  const legacy = context === 'setup-test' ? { CLAUDE_HELPER_MANUAL_RUN: '1' } : {};
  return { ...rest, ...legacy, CLAUDE_HELPER_CONTEXT: context };
}

function collect(stream: Readable): { text(): string } {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('error', () => undefined);
  return { text: () => Buffer.concat(chunks).toString('utf8') };
}
