// One question to the agent and its outcome as a plain value. The helper's whole run is this, so nothing here loads the
// error catalogue; client.ts makes promises and errors of it.
import { version } from '../core/version.ts';
import { callerSession } from '../platform/caller-session.ts';
import type { Connect, Connection } from './connection.ts';
import { encodeFrame, FrameError, FrameReader } from './frame.ts';
import { PROTOCOL_VERSION, type Request, type RequestFrame, type SignInProgress } from './protocol.ts';

export interface ExchangeOptions {
  /** Milliseconds until the answer must be there; the agent may ask for more (`waitMs`). Absent: no limit. */
  readonly deadlineMs?: number;
  /** Absent: the request is sent at once. */
  readonly handshake?: Handshake | undefined;
  readonly onProgress?: ((progress: SignInProgress) => void) | undefined;
}

export type Outcome =
  | { readonly kind: 'result'; readonly result: unknown }
  /** The agent's own error, an `ErrorRecord` if it keeps to the protocol. */
  | { readonly kind: 'error'; readonly record: unknown }
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

/** The client's half of the proof that a Windows pipe wants (handshake.ts), before the request is sent. */
export interface Handshake {
  hello(): object;
  /** Undefined when the other end does not prove the key. */
  answer(frame: unknown): object | undefined;
}

/**
 * Sends one request and waits for its answer.
 * @param done called once, never before this returns; must not throw
 * @returns gives up, with the outcome `aborted`
 */
export function exchange(
  connect: Connect,
  path: string,
  request: Request,
  { deadlineMs, handshake, onProgress }: ExchangeOptions,
  done: (outcome: Outcome) => void,
): () => void {
  const startedAt = uptimeMs();
  const frames = new FrameReader();
  let proving = handshake;
  let connection: Connection | undefined;
  let timer: NodeJS.Timeout | undefined;
  let settled = false;

  const settle = (outcome: Outcome): void => {
    if (settled) return;
    settled = true;
    clearTimeout(timer);
    connection?.close();
    done(outcome);
  };
  const limitTime = (fromStartMs: number): void => {
    clearTimeout(timer);
    const leftMs = Math.max(0, fromStartMs - (uptimeMs() - startedAt));
    timer = setTimeout(settle, leftMs, { kind: 'deadline' });
  };
  const requestLine = (): string =>
    encodeFrame({ protocol: PROTOCOL_VERSION, version, session: callerSession(), request } satisfies RequestFrame);
  const onFrame = (frame: unknown): void => {
    if (settled) return;
    if (proving !== undefined) {
      const proof = proving.answer(frame);
      proving = undefined;
      if (proof === undefined) settle({ kind: 'untrusted' });
      else connection?.write(encodeFrame(proof) + requestLine());
      return;
    }
    const reply = fieldsOf(frame);
    const outcome = outcomeIn(reply);
    if (outcome !== undefined) settle(outcome);
    else {
      if (typeof reply['waitMs'] === 'number') limitTime(reply['waitMs']);
      if (reply['progress'] !== undefined) onProgress?.(reply['progress'] as SignInProgress);
    }
  };

  connect(path, {
    onConnected: (connected) => {
      if (settled) {
        connected.close();
        return;
      }
      connection = connected;
      connected.write(proving === undefined ? requestLine() : encodeFrame(proving.hello()));
      // The agent is at work: what only costs time comes now, not before.
      if (deadlineMs !== undefined && timer === undefined) limitTime(deadlineMs);
    },
    onFailed: (cause) => settle(notConnected(cause)),
    onData: (chunk) => {
      try {
        frames.push(chunk).forEach(onFrame);
      } catch (thrown) {
        const isForeign = !(thrown instanceof FrameError);
        settle(isForeign ? { kind: 'threw', cause: thrown } : { kind: 'malformed', detail: thrown.message });
      }
    },
    onEnd: () => settle({ kind: 'hung-up' }),
  });
  // A Unix socket connects at once or not at all; a Windows pipe may keep us waiting.
  if (deadlineMs !== undefined && handshake !== undefined) limitTime(deadlineMs);
  return () => settle({ kind: 'aborted' });
}

/** Undefined for a reply that only says something on the way to the answer. */
function outcomeIn(reply: Record<string, unknown>): Outcome | undefined {
  const { protocol, version: agentVersion, error, result } = reply;
  // Understood across protocol versions, since it is what an upgrade meets.
  if (reply['steppingAside'] === true) return { kind: 'stepping-aside' };
  if (protocol === undefined || agentVersion === undefined)
    return { kind: 'malformed', detail: 'the answer is not of this protocol' };
  if (protocol !== PROTOCOL_VERSION) return { kind: 'other-protocol', agentVersion: String(agentVersion) };
  if (error !== undefined) return { kind: 'error', record: error };
  return result === undefined ? undefined : { kind: 'result', result };
}

function fieldsOf(frame: unknown): Record<string, unknown> {
  return typeof frame === 'object' && frame !== null ? (frame as Record<string, unknown>) : {};
}

/** What it means that the system did not connect. */
export function notConnected(cause: unknown): Outcome {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return code === 'ENOENT' || code === 'ECONNREFUSED' ? { kind: 'no-agent' } : { kind: 'not-connected', cause };
}

/** Since the process's start: a clock that nobody sets, and at hand without another module. */
function uptimeMs(): number {
  return process.uptime() * 1000;
}
