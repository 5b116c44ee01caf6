import { AppError, errorFromRecord } from '../core/errors.ts';
import { version } from '../core/version.ts';
import type { Target } from './agent-address.ts';
import type { Connect } from './connection.ts';
import { type ExchangeOptions, exchange, type Outcome } from './exchange.ts';
import type { Request, Results } from './protocol.ts';
import { ClientHandshake } from './windows-handshake.ts';

export interface AskOptions extends Omit<ExchangeOptions, 'handshake'> {
  /** Aborting closes the connection. */
  readonly signal?: AbortSignal;
}

/** Thrown when nobody listens: no socket, or one that a dead agent left behind. */
export class NoAgentError extends Error {}

/** Thrown when the agent leaves in favour of this newer program: start that one's agent and ask again. */
export class SteppingAsideError extends Error {}

/**
 * Asks the agent one thing.
 * @throws NoAgentError, SteppingAsideError, or the AppError that the agent answered with; ERR_AGENT_UNREACHABLE at the
 * deadline or when the agent hangs up; ERR_AGENT_UNTRUSTED, ERR_AGENT_PROTOCOL, ERR_AGENT_VERSION;
 * ERR_SIGN_IN_CANCELLED when aborted.
 */
export async function askAgent<M extends Request['method']>(
  connect: Connect,
  target: Target,
  request: Extract<Request, { method: M }>,
  options: AskOptions = {},
): Promise<Results[M]> {
  return resultOf(await outcomeOf(connect, target, request, options)) as Results[M];
}

/** As `askAgent`, with every ending as a value. Never rejects. */
export function outcomeOf(
  connect: Connect,
  { path, key }: Target,
  request: Request,
  { signal, ...options }: AskOptions = {},
): Promise<Outcome> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve({ kind: 'aborted' });
      return;
    }
    const handshake = key === undefined ? undefined : new ClientHandshake(key, path);
    const giveUp = exchange(connect, path, request, { ...options, handshake }, (outcome) => {
      signal?.removeEventListener('abort', giveUp);
      resolve(outcome);
    });
    signal?.addEventListener('abort', giveUp, { once: true });
  });
}

/** @throws as `askAgent` */
export function resultOf(outcome: Outcome): unknown {
  switch (outcome.kind) {
    case 'result':
      return outcome.result;
    case 'error':
      throw errorFromRecord(outcome.record) ?? malformed('the answer is not of this protocol');
    case 'no-agent':
      throw new NoAgentError();
    case 'stepping-aside':
      throw new SteppingAsideError();
    case 'deadline':
      throw new AppError('ERR_AGENT_UNREACHABLE');
    case 'hung-up':
      throw new AppError('ERR_AGENT_UNREACHABLE', { detail: 'it hung up' });
    case 'aborted':
      throw new AppError('ERR_SIGN_IN_CANCELLED');
    case 'untrusted':
      throw new AppError('ERR_AGENT_UNTRUSTED', { detail: 'the other end of the pipe does not know the key' });
    case 'other-protocol':
      // Said plainly; where the agent is the newer one, this program is the old one.
      throw new AppError('ERR_AGENT_VERSION', { detail: `agent ${outcome.agentVersion}, this program ${version}` });
    case 'malformed':
      throw malformed(outcome.detail);
    case 'not-connected':
      throw unreachable(outcome.cause);
    case 'threw':
      throw outcome.cause;
  }
}

function malformed(detail: string): AppError {
  return new AppError('ERR_AGENT_PROTOCOL', { detail });
}

function unreachable(cause: unknown): AppError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  return new AppError('ERR_AGENT_UNREACHABLE', { detail: code, cause });
}
