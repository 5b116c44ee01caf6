// What the agent says, and what it means to the caller. Doesn't load node:net, for which a helper that only has to
// report an error would wait.
import { AppError, errorFromRecord } from '../core/errors.ts';
import { version } from '../core/version.ts';
import { FrameReader } from './frame.ts';
import { PROTOCOL_VERSION } from './protocol.ts';

/**
 * Thrown when no one answers: there's no socket, or one that a dead agent left, or an agent that leaves in favor of
 * this newer program. Start an agent and ask again.
 */
export class NoAgentError extends Error {}

/** Thrown when the agent closes the connection without an answer. */
export class HungUpError extends AppError {
  constructor() {
    super('ERR_AGENT_UNREACHABLE', { detail: 'it hung up' });
  }
}

/**
 * The result in these bytes, if they are one reply with an answer. Undefined if more must be read, or for anything that
 * isn't one reply.
 * @throws as `resultIn`
 */
export function answerIn(received: Buffer): unknown {
  const frames = framesIn(received);
  return frames?.length === 1 ? resultIn(fieldsOf(frames[0])) : undefined;
}

function framesIn(received: Buffer): readonly unknown[] | undefined {
  try {
    return new FrameReader().push(received);
  } catch {
    return undefined;
  }
}

/** Undefined for a reply that comes before the answer. @throws NoAgentError, or the AppError in it */
export function resultIn({
  protocol,
  version: agentVersion,
  steppingAside,
  error,
  result,
}: Record<string, unknown>): unknown {
  // Understood across protocol versions, since it is what an upgrade meets.
  if (steppingAside === true) throw new NoAgentError();
  if (protocol === undefined || agentVersion === undefined) throw malformed("the answer isn't of this protocol");
  if (protocol !== PROTOCOL_VERSION) {
    throw new AppError('ERR_AGENT_VERSION', { detail: `agent ${String(agentVersion)}, this program ${version}` });
  }
  if (error !== undefined) throw errorFromRecord(error) ?? malformed("the answer isn't of this protocol");
  return result;
}

export function fieldsOf(frame: unknown): Record<string, unknown> {
  return typeof frame === 'object' && frame !== null ? (frame as Record<string, unknown>) : {};
}

export function malformed(detail: string): AppError {
  return new AppError('ERR_AGENT_PROTOCOL', { detail });
}
