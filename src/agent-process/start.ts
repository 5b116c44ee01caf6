// Only when no agent answers: starts one and asks again until it does.
import { spawn } from 'node:child_process';
import { closeSync, openSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startByServiceManager } from '../autostart/system-autostart.ts';
import { inParentheses, isCode } from '../core/errno.ts';
import { AppError, type ErrorCode, errorCatalog } from '../core/errors.ts';
import { NoAgentError } from '../ipc/client.ts';
import { overwriteFreedMemory } from '../platform/freed-memory.ts';
import { ensurePrivateFolder, removeQuietly } from '../platform/private-file.ts';
import { selfCommand } from '../platform/self-command.ts';
import { boundForAgent, ENDS_WITH } from './bound.ts';
import { agentEnvironment } from './environment.ts';

/** While one program's start is under way this long, others wait for it instead of starting a process each. */
const START_PATIENCE_MS = 3_000;
const POLL_MS = 20;
const isWindows = process.platform === 'win32';
/**
 * How long the agent that the service manager starts may take until this program starts one itself. Windows' scheduler
 * only queues the start, and a virus scanner may check each program first. If it refuses, this one starts immediately.
 */
const MANAGED_START_MS = isWindows ? 10_000 : 2_000;
/** A unit whose agent is on its way out counts as running, and starting it does nothing: ask again. */
const MANAGED_RETRY_MS = isWindows ? 4_000 : 500;
/**
 * A start that ended without an error found another agent, and that one, or the start itself, may have been killed.
 * Trying again costs a process each time, so the pauses double and there are few of them.
 */
const MAX_STARTS = 5;
const FIRST_RESTART_MS = 100;
const MAX_STDERR_BYTES = 4_096;

/**
 * Starts the agent and repeats `ask` until it is answered.
 * @param folder where the instance lock is
 * @param deadlineMs milliseconds from now
 * @throws what `ask` throws; the agent's own error when it couldn't start; ERR_AGENT_START at the deadline, or if the
 * Claude Desktop that asks has ended.
 */
export async function withStartedAgent<T>(folder: string, deadlineMs: number, ask: () => Promise<T>): Promise<T> {
  ensurePrivateFolder(folder);
  const endsAt = performance.now() + deadlineMs;
  const marker = join(folder, 'agent.starting');
  let claimed = false;
  let start: AgentStart | undefined;
  let managed: ManagedStart | undefined;
  let starts = 0;
  try {
    while (performance.now() < endsAt) {
      if (start?.endedAt !== undefined && starts < MAX_STARTS) {
        if (performance.now() - start.endedAt > FIRST_RESTART_MS * 2 ** starts) start = undefined;
      } else start?.throwIfFailed();
      claimed ||= claimStart(marker);
      if (claimed) managed ??= new ManagedStart();
      if (managed !== undefined && !(await managed.isUnderWay()) && start === undefined) {
        start = new AgentStart(await boundForAgent());
        starts += 1;
      }
      await sleep(POLL_MS + Math.random() * POLL_MS);
      try {
        return await ask();
      } catch (thrown) {
        if (!(thrown instanceof NoAgentError)) throw thrown;
      }
    }
    throw new AppError('ERR_AGENT_START', { detail: "it didn't answer in time" });
  } finally {
    if (claimed) removeQuietly(marker);
    start?.letGo();
  }
}

/**
 * Whether this program is the one to start the agent. The marker only saves work: that there is one agent is the
 * instance lock's doing, so a marker that is old, or of a clock that was moved, is simply taken over.
 */
function claimStart(marker: string): boolean {
  try {
    closeSync(openSync(marker, 'wx', 0o600));
    return true;
  } catch (thrown) {
    if (!isCode(thrown, 'EEXIST')) return true;
  }
  try {
    if (Math.abs(Date.now() - statSync(marker).mtimeMs) < START_PATIENCE_MS) return false;
    rmSync(marker, { force: true });
  } catch (thrown) {
    // If it can't be removed, for example because it's a folder, waiting for it wouldn't end.
    if (!isCode(thrown, 'ENOENT')) return true;
    // Another program removed it: the next round decides.
  }
  return false;
}

/** A start by the system's service manager, where one is installed: its agent has the environment of the session. */
class ManagedStart {
  readonly #endsAt = performance.now() + MANAGED_START_MS;
  #askedAt = Number.NEGATIVE_INFINITY;
  #isOver = false;

  /** Whether an agent may still come this way. */
  async isUnderWay(): Promise<boolean> {
    if (this.#isOver || performance.now() - this.#askedAt < MANAGED_RETRY_MS) return !this.#isOver;
    this.#isOver = performance.now() > this.#endsAt || !(await startByServiceManager());
    this.#askedAt = performance.now();
    return !this.#isOver;
  }
}

/** An `agent run` process on its way up. */
class AgentStart {
  readonly #child;
  #stderr = '';
  #failure: AppError | undefined;
  /** When it ended without an error, since another agent is there, or was killed. On the clock of `performance.now`. */
  endedAt: number | undefined;

  /** @param bound the process that the agent must end with */
  constructor(bound: number | undefined) {
    const { command, args } = selfCommand(['agent', 'run']);
    const ends = bound === undefined ? {} : { [ENDS_WITH]: String(bound) };
    this.#child = spawn(command, args, {
      cwd: '/',
      env: { ...agentEnvironment(), ...overwriteFreedMemory, ...ends },
      detached: true,
      windowsHide: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child.stderr.on('data', (chunk: Buffer) => {
      if (this.#stderr.length < MAX_STDERR_BYTES) this.#stderr += chunk.toString('utf8');
    });
    this.#child.on('error', (cause) => {
      this.#failure = new AppError('ERR_AGENT_START', { detail: `${command}${inParentheses(cause)}`, cause });
    });
    this.#child.on('close', (code, signal) => {
      if (code === 0 || signal !== null) this.endedAt = performance.now();
      if (signal !== null) this.#failure = new AppError('ERR_AGENT_START', { detail: `it was ended by ${signal}` });
      else if (code !== 0) this.#failure = reportedFailure(this.#stderr, code);
    });
  }

  throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** The agent continues without us. */
  letGo(): void {
    this.#child.stderr.destroy();
    this.#child.unref();
  }
}

/** The agent's own error, from what `describeFailure` wrote: its hint says what to do. */
function reportedFailure(stderr: string, exitCode: number | null): AppError {
  const [, code = '', message = ''] = /error\[([A-Z_]+)\]: (.*)/.exec(stderr) ?? [];
  if (!isErrorCode(code) || code === 'ERR_INTERNAL') {
    const said = code === '' ? '' : `: ${code} ${message}`;
    return new AppError('ERR_AGENT_START', { detail: `it ended with exit code ${exitCode}${said}` });
  }
  const detail = message.slice(errorCatalog[code].message.length).replace(/^: /, '');
  return new AppError(code, { detail: detail === '' ? undefined : detail });
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCatalog, code);
}
