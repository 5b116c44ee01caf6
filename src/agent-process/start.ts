// Only when no agent answers: starts one and asks again until it does.
import { spawn } from 'node:child_process';
import { closeSync, openSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startByServiceManager } from '../autostart/system-autostart.ts';
import { AppError } from '../core/errors.ts';
import { NoAgentError } from '../ipc/client.ts';
import type { Endpoint } from '../ipc/endpoint.ts';
import { ensurePrivateFolder, isCode } from '../platform/private-file.ts';
import { selfCommand } from '../platform/self-command.ts';
import { agentEnvironment } from './environment.ts';

/** While one program's start is under way this long, others wait for it instead of starting a process each. */
const START_PATIENCE_MS = 3_000;
const POLL_MS = 20;
/** How long the agent that the service manager starts may take until this program starts one itself. */
const MANAGED_START_MS = 2_000;
/** A unit whose agent is on its way out counts as running, and starting it does nothing: ask again. */
const MANAGED_RETRY_MS = 500;
/** An agent may be killed on its way up; one that always is has a reason that somebody must look into. */
const MAX_STARTS_KILLED = 3;
const MAX_STDERR_BYTES = 4_096;

/**
 * Starts the agent and repeats `ask` until it is answered.
 * @param deadlineMs milliseconds from now
 * @throws what `ask` throws; the agent's own error when it could not start; ERR_AGENT_START at the deadline.
 */
export async function withStartedAgent<T>(endpoint: Endpoint, deadlineMs: number, ask: () => Promise<T>): Promise<T> {
  ensurePrivateFolder(endpoint.folder);
  const endsAt = performance.now() + deadlineMs;
  const marker = join(endpoint.folder, 'agent.starting');
  let claimed = false;
  let start: AgentStart | undefined;
  let managed: ManagedStart | undefined;
  let killed = 0;
  try {
    while (performance.now() < endsAt) {
      // An agent that found another one there and left: that other one is on its way out, so try again.
      if (start?.left === true) start = undefined;
      else if (start?.killed === true && ++killed < MAX_STARTS_KILLED) start = undefined;
      claimed ||= claimStart(marker);
      if (claimed) managed ??= new ManagedStart();
      if (managed !== undefined && !(await managed.isUnderWay())) start ??= new AgentStart();
      start?.throwIfFailed();
      await sleep(POLL_MS + Math.random() * POLL_MS);
      try {
        return await ask();
      } catch (thrown) {
        if (!(thrown instanceof NoAgentError)) throw thrown;
      }
    }
    throw new AppError('ERR_AGENT_START', { detail: 'it did not answer in time' });
  } finally {
    if (claimed) rmSync(marker, { force: true });
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
  } catch {
    // Somebody else removed it: the next round decides.
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
  /** It has ended without an error: another agent held the lock. */
  left = false;
  /** It was ended by a signal. */
  killed = false;

  constructor() {
    const { command, args } = selfCommand(['agent', 'run']);
    this.#child = spawn(command, args, {
      cwd: '/',
      env: agentEnvironment(),
      detached: true,
      windowsHide: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child.stderr.on('data', (chunk: Buffer) => {
      if (this.#stderr.length < MAX_STDERR_BYTES) this.#stderr += chunk.toString('utf8');
    });
    this.#child.on('error', (cause) => {
      this.#failure = new AppError('ERR_AGENT_START', { cause });
    });
    this.#child.on('close', (code, signal) => {
      this.left = code === 0;
      this.killed = signal !== null;
      if (signal !== null) this.#failure = new AppError('ERR_AGENT_START', { detail: `it was ended by ${signal}` });
      else if (code !== 0) this.#failure = reportedFailure(this.#stderr);
    });
  }

  throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** The agent goes on without us. */
  letGo(): void {
    this.#child.stderr.destroy();
    this.#child.unref();
  }
}

/** The agent's own words, as `describeFailure` wrote them. */
function reportedFailure(stderr: string): AppError {
  const line = /error\[(?<code>[A-Z_]+)\]: (?<message>.*)/.exec(stderr);
  const { code = '', message = '' } = line?.groups ?? {};
  return new AppError('ERR_AGENT_START', { detail: code === '' ? undefined : `${code} ${message}` });
}
