// The helper's slow path: keeps waiting for the answer, starts the agent if none is running, or says what is wrong.
// Loaded on demand.
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { isCode } from '../core/errno.ts';
import { AppError, describeFailure } from '../core/errors.ts';
import type { PipeHandle } from '../ipc/pipe-binding.ts';
import { answerIn, HungUpError, NoAgentError } from '../ipc/reply.ts';
import { assertOwnHome } from '../platform/own-home.ts';
import { productPaths } from '../platform/paths.ts';
import { whenGone } from '../platform/process-watch.ts';
import { leaveSnap } from '../platform/snap.ts';
import { STDOUT, writeDiagnostic, writeOutput } from '../platform/write-output.ts';
import { type Caller, outputIn, requestOf, timeLeftMs } from './caller.ts';

/** How far the fast path came. */
export type Beginning =
  | { readonly state: 'nothing sent' }
  /** The agent has the request and has said this much; `undefined`: it hung up. */
  | { readonly state: 'sent'; readonly handle: PipeHandle; readonly received: Buffer | undefined }
  | { readonly state: 'out of time' }
  | { readonly state: 'failed'; readonly cause: unknown }
  /** The agent has answered, but stdout hasn't taken this part of the line. */
  | { readonly state: 'answered'; readonly rest: Uint8Array };

type Unanswered = Exclude<Beginning, { state: 'answered' }>;

const QUEUE_FULL_PAUSE_MS = 50;
const STDERR_PATIENCE_MS = 1_000;
/** Most helpers have ended by then, and needn't find out what is around them. */
const LONG_WAIT_MS = 2_000;

/**
 * Continues from there and writes the line to stdout, or the reason to stderr. If the agent dies with the request, a
 * new agent is asked once more, unless the request is interactive: the user may be at its page and would be shown a
 * second.
 * @returns the exit code
 */
export async function recover(caller: Caller, beginning: Beginning): Promise<number> {
  leaveSnap();
  leaveWithDesktop();
  try {
    assertOwnHome();
    const output = beginning.state === 'answered' ? beginning.rest : `${await requestOutput(caller, beginning)}\n`;
    writeOutput(STDOUT, output, timeLeftMs(caller));
    return 0;
  } catch (thrown) {
    const { exit, text } = describeFailure(thrown);
    writeDiagnostic(text, Math.min(STDERR_PATIENCE_MS, timeLeftMs(caller)));
    return exit;
  }
}

/**
 * Windows: a helper that outlives its Claude Desktop, as one that waits for a sign-in would, prevents the next version
 * of it from starting. Between the two may be a shell that waits for the helper.
 */
function leaveWithDesktop(): void {
  if (process.platform !== 'win32') return;
  const leave = (): never => process.exit(1);
  whenGone(process.ppid, leave);
  setTimeout(async () => {
    const { leaveWithPackage } = await import('../platform/windows-origin.ts');
    await leaveWithPackage(leave);
  }, LONG_WAIT_MS).unref();
}

async function requestOutput(caller: Caller, beginning: Unanswered): Promise<string> {
  const paths = productPaths();
  const ask = async (): Promise<unknown> => {
    const { askRunningAgent } = await import('../agent-process/find-agent.ts');
    return askRunningAgent(paths, requestOf(caller), { deadlineMs: timeLeftMs(caller) });
  };
  const askStarted = async (): Promise<unknown> => {
    const { withStartedAgent } = await import('../agent-process/start.ts');
    const { lockFolder } = await import('../agent-process/instance-lock.ts');
    return withStartedAgent(lockFolder(paths), timeLeftMs(caller), ask);
  };
  let mayRepeat = caller.context !== 'interactive';
  for (let attempt = () => firstAnswer(caller, beginning, ask); ; ) {
    try {
      const output = outputIn(await attempt());
      if (output === undefined) throw new AppError('ERR_AGENT_PROTOCOL');
      return output;
    } catch (thrown) {
      if (isQueueFull(thrown) && timeLeftMs(caller) > 0) {
        await sleep(QUEUE_FULL_PAUSE_MS);
        attempt = ask;
      } else if (thrown instanceof NoAgentError || (thrown instanceof HungUpError && mayRepeat)) {
        if (thrown instanceof HungUpError) mayRepeat = false;
        attempt = askStarted;
      } else throw thrown;
    }
  }
}

async function firstAnswer(caller: Caller, beginning: Unanswered, ask: () => Promise<unknown>): Promise<unknown> {
  switch (beginning.state) {
    case 'nothing sent':
      return ask();
    case 'sent':
      if (beginning.received === undefined) throw new HungUpError();
      return answerIn(beginning.received) ?? restOfAnswer(caller, beginning.handle, beginning.received);
    case 'out of time':
      throw new AppError('ERR_AGENT_UNREACHABLE');
    case 'failed':
      throw beginning.cause;
  }
}

async function restOfAnswer(caller: Caller, handle: PipeHandle, received: Buffer): Promise<unknown> {
  const { answerOn } = await import('../ipc/client.ts');
  return answerOn(await socketOf(handle, received), { deadlineMs: timeLeftMs(caller) });
}

/** The open connection as node:net knows it, with what was read already. */
async function socketOf(handle: PipeHandle, received: Buffer): Promise<Socket> {
  const { Socket } = await import('node:net');
  // An option that node:net uses for the connections that a server accepts.
  const socket = new Socket({ handle } as object);
  socket.unshift(received);
  return socket;
}

/** The listen backlog is full. Linux reports EAGAIN instead of queueing. */
function isQueueFull(thrown: unknown): boolean {
  return thrown instanceof AppError && isCode(thrown.cause, 'EAGAIN');
}
