import { AppError, errorFromRecord } from '../core/errors.ts';
import { version } from '../core/version.ts';
import type { Connect, Connection } from './connection.ts';
import type { Target } from './endpoint.ts';
import { encodeFrame, FrameReader } from './frame.ts';
import {
  PROTOCOL_VERSION,
  type ReplyFrame,
  type Request,
  type RequestFrame,
  type Results,
  type SignInProgress,
} from './protocol.ts';

export interface AskOptions {
  /** Milliseconds until the answer must be there; the agent may ask for more (`waitMs`). Absent: no limit. */
  readonly deadlineMs?: number;
  onProgress?(progress: SignInProgress): void;
  /** Aborting closes the connection; the promise then rejects with ERR_SIGN_IN_CANCELLED. */
  readonly signal?: AbortSignal;
}

/** Thrown when nobody listens: no socket, or one that a dead agent left behind. */
export class NoAgentError extends Error {}

/** Thrown when the agent leaves in favour of this newer program: start that one's agent and ask again. */
export class SteppingAsideError extends Error {}

/**
 * Asks the agent one thing.
 * @throws NoAgentError, SteppingAsideError, or the AppError that the agent answered with; ERR_AGENT_UNREACHABLE at the
 * deadline or when the agent hangs up; ERR_AGENT_UNTRUSTED, ERR_AGENT_PROTOCOL, ERR_AGENT_VERSION.
 */
export async function askAgent<M extends Request['method']>(
  connect: Connect,
  target: Target,
  request: Extract<Request, { method: M }>,
  options: AskOptions = {},
): Promise<Results[M]> {
  const handshake =
    target.key === undefined
      ? undefined
      : new (await import('./handshake.ts')).ClientHandshake(target.key, target.path);
  const call = new Call(request, options, handshake);
  try {
    const connection = await connect(target.path, call);
    call.opened(connection);
  } catch (thrown) {
    call.abandon();
    throw isNobodyThere(thrown) ? new NoAgentError() : asUnreachable(thrown);
  }
  return (await call.result) as Results[M];
}

type Handshake = { hello(): object; answer(frame: unknown): object };

class Call {
  readonly result: Promise<unknown>;
  readonly #request: Request;
  readonly #options: AskOptions;
  readonly #reader = new FrameReader();
  readonly #startedAt = process.uptime() * 1000;
  #handshake: Handshake | undefined;
  #connection: Connection | undefined;
  #timer: NodeJS.Timeout | undefined;
  #resolve: (value: unknown) => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;

  constructor(request: Request, options: AskOptions, handshake: Handshake | undefined) {
    this.#request = request;
    this.#options = options;
    this.#handshake = handshake;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // `abandon` may leave it rejected with nobody waiting.
    this.result.catch(() => undefined);
    if (options.deadlineMs !== undefined) this.#setDeadline(options.deadlineMs);
    options.signal?.addEventListener('abort', this.#cancelled, { once: true });
  }

  opened(connection: Connection): void {
    this.#connection = connection;
    if (this.#handshake === undefined) this.#sendRequest();
    else connection.write(encodeFrame(this.#handshake.hello()));
  }

  abandon(): void {
    this.#finish(() => undefined);
  }

  onData(chunk: Uint8Array): void {
    try {
      for (const frame of this.#reader.push(chunk)) this.#onFrame(frame);
    } catch (thrown) {
      this.#fail(thrown as Error);
    }
  }

  onEnd(): void {
    this.#fail(new AppError('ERR_AGENT_UNREACHABLE', { detail: 'it hung up' }));
  }

  #onFrame(frame: unknown): void {
    if (this.#handshake !== undefined) {
      this.#connection?.write(encodeFrame(this.#handshake.answer(frame)));
      this.#handshake = undefined;
      this.#sendRequest();
      return;
    }
    if (isSteppingAside(frame)) {
      this.#fail(new SteppingAsideError());
      return;
    }
    const reply = parseReply(frame);
    if (reply.waitMs !== undefined) this.#setDeadline(reply.waitMs);
    if (reply.progress !== undefined) this.#options.onProgress?.(reply.progress);
    if (reply.error !== undefined) this.#fail(errorFromRecord(reply.error) ?? malformed());
    else if (reply.result !== undefined) this.#finish(() => this.#resolve(reply.result));
  }

  #sendRequest(): void {
    const frame: RequestFrame = { protocol: PROTOCOL_VERSION, version, request: this.#request };
    this.#connection?.write(encodeFrame(frame));
  }

  #setDeadline(fromStartMs: number): void {
    clearTimeout(this.#timer);
    const left = Math.max(0, fromStartMs - (process.uptime() * 1000 - this.#startedAt));
    this.#timer = setTimeout(() => this.#fail(new AppError('ERR_AGENT_UNREACHABLE')), left);
  }

  readonly #cancelled = (): void => this.#fail(new AppError('ERR_SIGN_IN_CANCELLED'));

  #fail(error: Error): void {
    this.#finish(() => this.#reject(error));
  }

  #finish(settle: () => void): void {
    clearTimeout(this.#timer);
    this.#options.signal?.removeEventListener('abort', this.#cancelled);
    this.#connection?.close();
    settle();
  }
}

/** Understood across protocol versions, since it is what an upgrade meets. */
function isSteppingAside(frame: unknown): boolean {
  return typeof frame === 'object' && frame !== null && 'steppingAside' in frame && frame.steppingAside === true;
}

/** Of another protocol: said plainly. Newer agent: this program is the old one. */
function parseReply(frame: unknown): ReplyFrame {
  if (typeof frame !== 'object' || frame === null || !('protocol' in frame) || !('version' in frame)) throw malformed();
  if (frame.protocol !== PROTOCOL_VERSION) {
    throw new AppError('ERR_AGENT_VERSION', { detail: `agent ${String(frame.version)}, this program ${version}` });
  }
  return frame as ReplyFrame;
}

function malformed(): AppError {
  return new AppError('ERR_AGENT_PROTOCOL', { detail: 'the answer is not of this protocol' });
}

function isNobodyThere(thrown: unknown): boolean {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  return code === 'ENOENT' || code === 'ECONNREFUSED';
}

function asUnreachable(thrown: unknown): Error {
  if (thrown instanceof AppError) return thrown;
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : undefined;
  return new AppError('ERR_AGENT_UNREACHABLE', { detail: code, cause: thrown });
}
