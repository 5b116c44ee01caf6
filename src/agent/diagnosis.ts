// `doctor` asks how things look from where the agent is. No part of doctor is loaded here: a child process with the
// agent's environment looks, and the agent passes on what it reports.
import { type ChildProcess, spawn } from 'node:child_process';
import { AppError } from '../core/errors.ts';
import { encodeFrame, FrameReader } from '../ipc/frame.ts';
import type { Request, Results } from '../ipc/protocol.ts';
import type { Channel } from '../ipc/server.ts';
import { selfCommand } from '../platform/self-command.ts';

/** All checks together, in milliseconds. */
const DEADLINE_MS = 300_000;
/** How long the child may take to end when it's no longer wanted. */
const END_MS = 2_000;

/** More than people start by hand. */
const MOST_AT_ONCE = 4;

type DiagnoseRequest = Extract<Request, { method: 'diagnose' }>;
type Asker = Pick<Channel, 'closed' | 'send' | 'session'>;

/** Owns the child processes that diagnose: a few at a time, so that requests can't fill the computer with them. */
export class Diagnoses {
  #running = 0;

  /** @throws AppError ERR_AGENT_DIAGNOSIS if it can't start, ends early, or if too many run */
  readonly run = async (request: DiagnoseRequest, asker: Asker): Promise<Results['diagnose']> => {
    if (this.#running >= MOST_AT_ONCE) throw new AppError('ERR_AGENT_DIAGNOSIS', { detail: 'too many run already' });
    this.#running += 1;
    try {
      return await diagnose(request, asker);
    } finally {
      this.#running -= 1;
    }
  };
}

/**
 * Runs the checks in a child process and sends each thing that it reports as a part. The child never prompts. It ends
 * with the agent, with the connection, and at its deadline.
 */
async function diagnose({ key, live }: DiagnoseRequest, channel: Asker): Promise<Results['diagnose']> {
  channel.send({ waitMs: DEADLINE_MS });
  const { command, args } = selfCommand(['diagnose']);
  const child = spawn(command, args, { cwd: '/', stdio: ['pipe', 'pipe', 'ignore'], windowsHide: true });
  const unwanted = AbortSignal.any([channel.closed, AbortSignal.timeout(DEADLINE_MS)]);
  const end = (): void => endChild(child);
  unwanted.addEventListener('abort', end, { once: true });
  // If it has ended already, its exit code says so.
  child.stdin.on('error', () => undefined);
  // This stays open: the child ends when it closes, which it also does when this process ends.
  child.stdin.write(encodeFrame({ key, live, session: channel.session }));
  const reader = new FrameReader();
  child.stdout.on('data', (chunk: Buffer) => {
    try {
      for (const part of reader.push(chunk)) channel.send({ part });
    } catch {
      child.kill('SIGKILL');
    }
  });
  try {
    await success(child);
    return { complete: true };
  } finally {
    unwanted.removeEventListener('abort', end);
  }
}

function endChild(child: ChildProcess): void {
  child.stdin?.destroy();
  const timer = setTimeout(() => child.kill('SIGKILL'), END_MS);
  child.once('close', () => clearTimeout(timer));
}

function success(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.on('error', (cause) => reject(new AppError('ERR_AGENT_DIAGNOSIS', { cause })));
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new AppError('ERR_AGENT_DIAGNOSIS', { detail: `they ended with ${signal ?? `exit code ${code}`}` }));
    });
  });
}
