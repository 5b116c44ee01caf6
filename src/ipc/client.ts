// Asks the agent over node:net. The helper's fast path (src/helper/run-helper.ts) doesn't use this module.
import { connect, type Socket } from 'node:net';
import { AppError } from '../core/errors.ts';
import { version } from '../core/version.ts';
import { callerSession } from '../platform/caller-session.ts';
import type { Target } from './address.ts';
import { encodeFrame, FrameError, FrameReader } from './frame.ts';
import { countDown } from './patience.ts';
import { PROTOCOL_VERSION, type Request, type RequestFrame, type Results, type SignInProgress } from './protocol.ts';
import { fieldsOf, HungUpError, malformed, NoAgentError, resultIn } from './reply.ts';

export { HungUpError, NoAgentError };

/** A person signs in: longer than any code is valid. */
const PROGRESS_MS = 60 * 60_000;

export interface AskOptions {
  /**
   * Milliseconds until the answer must be there; the agent may ask for more (`waitMs`), and progress gives it an hour.
   * Absent: no limit.
   */
  readonly deadlineMs?: number;
  /** For requests that an agent answers, or says to wait for, immediately: one that says nothing for so long hangs. */
  readonly silenceMs?: number;
  readonly onProgress?: (progress: SignInProgress) => void;
  /** A piece of the answer that comes ahead of the result. */
  readonly onPart?: (part: unknown) => void;
  /** Aborting closes the connection. */
  readonly signal?: AbortSignal;
}

/**
 * Asks the agent one thing.
 * @throws NoAgentError, HungUpError, or the AppError that the agent answered with; ERR_AGENT_UNREACHABLE at the
 * deadline; ERR_AGENT_UNTRUSTED, ERR_AGENT_PROTOCOL, ERR_AGENT_VERSION; ERR_SIGN_IN_CANCELLED when aborted; what
 * `onProgress` and `onPart` throw.
 */
export async function askAgent<M extends Request['method']>(
  { path, key }: Target,
  request: Extract<Request, { method: M }>,
  options: AskOptions = {},
): Promise<Results[M]> {
  if (options.signal?.aborted === true) throw new AppError('ERR_SIGN_IN_CANCELLED');
  const socket = connect(path);
  const answer = await answerOn(socket, options, async (frames) => {
    if (key !== undefined) await proveKey(socket, frames, key, path);
    socket.write(
      encodeFrame({
        protocol: PROTOCOL_VERSION,
        version,
        session: callerSession(),
        pid: process.pid,
        request,
      } satisfies RequestFrame),
    );
  });
  return answer as Results[M];
}

/**
 * Waits for the answer to the request that `send` sends, or that was sent already, and closes the socket.
 * @throws as `askAgent`
 */
export async function answerOn(
  socket: Socket,
  { deadlineMs, silenceMs, onProgress, onPart, signal }: AskOptions,
  send?: (frames: Frames) => Promise<void>,
): Promise<unknown> {
  const startedAt = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const giveUp = (): void => void socket.destroy(new AppError('ERR_AGENT_UNREACHABLE'));
  const endSilence = silenceMs === undefined ? () => undefined : countDown(silenceMs, giveUp);
  const limitTime = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(giveUp, Math.max(0, ms - (performance.now() - startedAt)));
  };
  const abort = (): void => void socket.destroy(new AppError('ERR_SIGN_IN_CANCELLED'));
  signal?.addEventListener('abort', abort, { once: true });
  if (deadlineMs !== undefined) limitTime(deadlineMs);
  try {
    const frames = framesOf(socket);
    await send?.(frames);
    for await (const frame of frames) {
      endSilence();
      const reply = fieldsOf(frame);
      const result = resultIn(reply);
      if (result !== undefined) return result;
      if (typeof reply['waitMs'] === 'number') limitTime(reply['waitMs']);
      if (reply['part'] !== undefined) onPart?.(reply['part']);
      if (reply['progress'] === undefined) continue;
      limitTime(PROGRESS_MS);
      onProgress?.(reply['progress'] as SignInProgress);
    }
    throw new HungUpError();
  } finally {
    clearTimeout(timer);
    endSilence();
    signal?.removeEventListener('abort', abort);
    socket.destroy();
  }
}

async function proveKey(socket: Socket, frames: Frames, key: Buffer, path: string): Promise<void> {
  // Only Windows needs it, and it loads OpenSSL.
  const { ClientHandshake } = await import('./windows-handshake.ts');
  const handshake = new ClientHandshake(key, path);
  socket.write(encodeFrame(handshake.hello()));
  const challenge = await frames.next();
  if (challenge.done === true) throw new HungUpError();
  const proof = handshake.answer(challenge.value);
  if (proof === undefined)
    throw new AppError('ERR_AGENT_UNTRUSTED', { detail: "the other end of the pipe doesn't know the key" });
  socket.write(encodeFrame(proof));
}

type Frames = AsyncGenerator<unknown, void>;

/** What the agent says until it closes the connection. @throws as `askAgent` */
async function* framesOf(socket: Socket): Frames {
  const reader = new FrameReader();
  try {
    for await (const chunk of socket) yield* reader.push(chunk as Buffer);
  } catch (thrown) {
    throw failureOf(thrown);
  }
}

function failureOf(thrown: unknown): Error {
  if (thrown instanceof AppError) return thrown;
  if (thrown instanceof FrameError) return malformed(thrown.message);
  const { code, syscall } = thrown as NodeJS.ErrnoException;
  if (syscall !== 'connect') return new HungUpError();
  if (code === 'ENOENT' || code === 'ECONNREFUSED') return new NoAgentError();
  return new AppError('ERR_AGENT_UNREACHABLE', { detail: code, cause: thrown });
}
