// One question to the agent and its outcome as a plain value. The helper's whole run is this, so nothing here loads the
// error catalogue; client.ts makes results and errors of it.
import { version } from '../core/version.ts';
import type { Target } from './agent-address.ts';
import type { Connect, Connection } from './connection.ts';
import { encodeFrame, FrameError, FrameReader } from './frame.ts';
import { PROTOCOL_VERSION, type Request, type RequestFrame, type SignInProgress } from './protocol.ts';

export interface AskOptions {
  /** Milliseconds until the answer must be there; the agent may ask for more (`waitMs`). Absent: no limit. */
  readonly deadlineMs?: number;
  onProgress?(progress: SignInProgress): void;
  /** Aborting closes the connection; the outcome is then `aborted`. */
  readonly signal?: AbortSignal;
}

export type Outcome =
  | { readonly kind: 'result'; readonly result: unknown }
  /** The agent's own error, an `ErrorRecord` if it keeps to the protocol. */
  | { readonly kind: 'error'; readonly record: unknown; readonly failure: unknown }
  /** Nobody listens: no socket, or one that a dead agent left behind. */
  | { readonly kind: 'no-agent' }
  /** The agent leaves in favour of this newer program. */
  | { readonly kind: 'stepping-aside' }
  | { readonly kind: 'deadline' | 'hung-up' | 'aborted' }
  /** The other end of the pipe did not prove the key; the request was not sent. */
  | { readonly kind: 'untrusted' }
  | { readonly kind: 'other-protocol'; readonly agentVersion: string }
  | { readonly kind: 'malformed'; readonly detail: string }
  | { readonly kind: 'not-connected'; readonly cause: unknown }
  /** What the caller's own `onProgress` threw. */
  | { readonly kind: 'threw'; readonly cause: unknown };

/** Sends one request and waits for its answer. Never rejects. */
export function exchange(
  connect: Connect,
  target: Target,
  request: Request,
  options: AskOptions = {},
): Promise<Outcome> {
  return new Promise((resolve) => {
    const conversation = new Conversation(request, options, resolve);
    void conversation.run(connect, target);
  });
}

type Handshake = { hello(): object; answer(frame: unknown): object | undefined };

class Conversation {
  readonly #request: Request;
  readonly #options: AskOptions;
  readonly #resolve: (outcome: Outcome) => void;
  readonly #reader = new FrameReader();
  readonly #startedAt = uptimeMs();
  #handshake: Handshake | undefined;
  #connection: Connection | undefined;
  #timer: NodeJS.Timeout | undefined;
  #settled = false;

  constructor(request: Request, options: AskOptions, resolve: (outcome: Outcome) => void) {
    this.#request = request;
    this.#options = options;
    this.#resolve = resolve;
  }

  async run(connect: Connect, { path, key }: Target): Promise<void> {
    try {
      if (key !== undefined) this.#handshake = new (await import('./handshake.ts')).ClientHandshake(key, path);
      const connecting = connect(path, this);
      // From here on the agent is at work: what only costs time comes now, not before.
      this.#limitTime();
      const request = this.#encodeRequest();
      const connection = await connecting;
      if (this.#settled) {
        connection.close();
        return;
      }
      this.#connection = connection;
      if (this.#handshake === undefined) connection.write(request);
      else connection.write(encodeFrame(this.#handshake.hello()));
    } catch (cause) {
      this.#settle(isNobodyThere(cause) ? { kind: 'no-agent' } : { kind: 'not-connected', cause });
    }
  }

  #limitTime(): void {
    const { deadlineMs, signal } = this.#options;
    if (deadlineMs !== undefined) this.#setDeadline(deadlineMs);
    // An abort of before says nothing any more.
    if (signal?.aborted === true) this.#abort();
    else signal?.addEventListener('abort', this.#abort, { once: true });
  }

  onData(chunk: Buffer): void {
    try {
      for (const frame of this.#reader.push(chunk)) {
        if (!this.#settled) this.#onFrame(frame);
      }
    } catch (thrown) {
      const isForeign = !(thrown instanceof FrameError);
      this.#settle(isForeign ? { kind: 'threw', cause: thrown } : { kind: 'malformed', detail: thrown.message });
    }
  }

  onEnd(): void {
    this.#settle({ kind: 'hung-up' });
  }

  #onFrame(frame: unknown): void {
    if (this.#handshake === undefined) {
      this.#onReply(frame);
      return;
    }
    const proof = this.#handshake.answer(frame);
    this.#handshake = undefined;
    if (proof === undefined) {
      this.#settle({ kind: 'untrusted' });
      return;
    }
    this.#connection?.write(encodeFrame(proof) + this.#encodeRequest());
  }

  #onReply(frame: unknown): void {
    const {
      steppingAside,
      protocol,
      version: agentVersion,
      waitMs,
      progress,
      error,
      failure,
      result,
    } = fieldsOf(frame);
    if (steppingAside === true) {
      // Understood across protocol versions, since it is what an upgrade meets.
      this.#settle({ kind: 'stepping-aside' });
    } else if (protocol === undefined || agentVersion === undefined) {
      this.#settle({ kind: 'malformed', detail: 'the answer is not of this protocol' });
    } else if (protocol !== PROTOCOL_VERSION) {
      this.#settle({ kind: 'other-protocol', agentVersion: String(agentVersion) });
    } else {
      if (typeof waitMs === 'number') this.#setDeadline(waitMs);
      if (progress !== undefined) this.#options.onProgress?.(progress as SignInProgress);
      if (error !== undefined) this.#settle({ kind: 'error', record: error, failure });
      else if (result !== undefined) this.#settle({ kind: 'result', result });
    }
  }

  #encodeRequest(): string {
    const frame: RequestFrame = { protocol: PROTOCOL_VERSION, version, request: this.#request };
    return encodeFrame(frame);
  }

  #setDeadline(fromStartMs: number): void {
    clearTimeout(this.#timer);
    const left = Math.max(0, fromStartMs - (uptimeMs() - this.#startedAt));
    this.#timer = setTimeout(() => this.#settle({ kind: 'deadline' }), left);
  }

  readonly #abort = (): void => this.#settle({ kind: 'aborted' });

  #settle(outcome: Outcome): void {
    if (this.#settled) return;
    this.#settled = true;
    clearTimeout(this.#timer);
    this.#options.signal?.removeEventListener('abort', this.#abort);
    this.#connection?.close();
    this.#resolve(outcome);
  }
}

function fieldsOf(frame: unknown): Record<string, unknown> {
  return typeof frame === 'object' && frame !== null ? (frame as Record<string, unknown>) : {};
}

function isNobodyThere(thrown: unknown): boolean {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  return code === 'ENOENT' || code === 'ECONNREFUSED';
}

/** Since the process's start: a clock that nobody sets, and at hand without another module. */
function uptimeMs(): number {
  return process.uptime() * 1000;
}
