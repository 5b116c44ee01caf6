import { type ErrorCode, toAppError } from '../core/errors.ts';
import type { Request, Results } from '../ipc/protocol.ts';
import { type Channel, StepAside } from '../ipc/server.ts';
import type { AgentState, Attempt } from './tokens/agent-state.ts';

type Handle = (request: Request, channel: Channel) => Promise<Results[Request['method']]>;

/**
 * The same handler, which remembers the last request for a token or a sign-in that failed. A failure that was noted
 * while the request ran, such as that of a refresh, becomes the request's.
 */
export function withLastFailure(handle: Handle, state: AgentState): Handle {
  return async (request, channel) => {
    const attempt = attemptOf(request);
    const before = state.lastFailure;
    try {
      const result = await handle(request, channel);
      // The current token says nothing about the refresh that failed.
      if (attempt !== undefined && state.lastFailure?.client !== 'refresh-ahead') state.noteRecovery(Date.now());
      return result;
    } catch (thrown) {
      if (attempt !== undefined && !(thrown instanceof StepAside)) noteFailure(state, attempt, thrown, before);
      throw thrown;
    }
  };
}

function noteFailure(state: AgentState, attempt: Attempt, thrown: unknown, before: AgentState['lastFailure']): void {
  // Doctor repeats what failed for someone else, which is what its reader wants to know.
  if (attempt.client === 'doctor' && before !== undefined && before.recoveredAt === undefined) {
    state.restoreFailure(before);
    return;
  }
  const error = toAppError(thrown);
  const { lastFailure } = state;
  if (lastFailure !== before && lastFailure?.error.code === error.code) state.attributeFailure(attempt);
  else if (!STATES.has(error.code)) state.noteFailure(attempt, error, Date.now());
}

/** These say how things are since an earlier attempt, which tells more. */
const STATES = new Set<ErrorCode>([
  'ERR_SIGN_IN_REQUIRED',
  'ERR_SIGN_IN_ENDED',
  'ERR_DEVICE_CODE_BLOCKED',
  'ERR_SIGN_IN_PENDING',
  'ERR_API_KEY_MISSING',
]);

/** Undefined for a request that's neither for a token nor for a sign-in. */
function attemptOf(request: Request): Attempt | undefined {
  switch (request.method) {
    case 'helper-output':
      return request.claudeCode === undefined
        ? { client: 'claude-desktop', context: request.context }
        : { client: 'claude-code' };
    case 'access-token':
      return { client: request.client ?? 'token' };
    case 'endpoint-token':
      return { client: 'exec' };
    case 'sign-in':
      return { client: 'login' };
    default:
      return undefined;
  }
}
