import { toAppError } from '../core/errors.ts';
import { parseObject } from '../core/json.ts';
import type { Request, Results } from '../ipc/protocol.ts';
import { type Channel, StepAside } from '../ipc/server.ts';
import type { AuditFields, AuditLog } from '../log/audit-log.ts';
import { processOrigin } from '../platform/process-origin.ts';

type Result = Results[Request['method']];
type Handle = (request: Request, channel: Channel) => Promise<Result>;

/** The same handler, which notes in the audit log who got a token or none, and who signed out. */
export function audited(handle: Handle, audit: AuditLog): Handle {
  return async (request, channel) => {
    const client = clientOf(request);
    // Now, because the process that asks ends as soon as it has its answer.
    const asker =
      client === undefined ? {} : { client, ...contextOf(request), ...askerOf(channel), ...resourceOf(request) };
    try {
      const result = await handle(request, channel);
      noteResult(audit, request, result, asker);
      return result;
    } catch (thrown) {
      if (asksForToken(request) && !(thrown instanceof StepAside)) {
        const { code, correlationId } = toAppError(thrown);
        audit.note('token-refused', { ...asker, code, correlationId });
      }
      throw thrown;
    }
  };
}

function noteResult(audit: AuditLog, request: Request, result: Result, asker: AuditFields): void {
  if (asksForToken(request)) audit.note('token-issued', { ...asker, ...factsOf(tokenIn(result)) });
  else if (request.method === 'sign-out' && 'removed' in result && result.removed) audit.note('signed-out', asker);
  else if (request.method === 'set-api-key') audit.note('api-key-kept', asker);
}

const TOKEN_METHODS = new Set<Request['method']>(['helper-output', 'access-token', 'endpoint-token', 'resource-token']);

function asksForToken({ method }: Request): boolean {
  return TOKEN_METHODS.has(method);
}

/** Undefined for requests that aren't audited. */
function clientOf(request: Request): string | undefined {
  switch (request.method) {
    case 'helper-output':
      return request.claudeCode === undefined ? 'claude-desktop' : 'claude-code';
    case 'access-token':
      return request.client ?? 'token';
    case 'endpoint-token':
      return 'exec';
    case 'resource-token':
      return request.client;
    case 'sign-out':
      return 'logout';
    case 'set-api-key':
      return 'login';
    default:
      return undefined;
  }
}

function contextOf(request: Request): AuditFields {
  const isDesktop = request.method === 'helper-output' && request.claudeCode === undefined;
  return isDesktop ? { context: request.context } : {};
}

/** What the client asked for, in its own words; Foundry's tokens don't have it. */
function resourceOf(request: Request): AuditFields {
  return request.method === 'resource-token' ? { resource: request.resource } : {};
}

/** As the client says: Node can't ask the system who is at the other end. */
function askerOf({ pid }: Channel): AuditFields {
  return pid === undefined ? {} : { pid, ...processOrigin(pid) };
}

function tokenIn(result: Result): string {
  if ('token' in result) return typeof result.token === 'string' ? result.token : '';
  if (!('output' in result)) return '';
  const token = result.output.startsWith('{') ? parseObject(result.output)?.['token'] : result.output;
  return typeof token === 'string' ? token : '';
}

/**
 * What identifies a token in Entra's sign-in logs (`uti`, there "Unique token identifier"), and its expiry. An API key
 * or an encrypted token has neither.
 */
function factsOf(token: string): AuditFields {
  const [, payload, signature] = token.split('.');
  if (payload === undefined || signature === undefined) return {};
  const { uti, exp } = parseObject(Buffer.from(payload, 'base64url').toString('utf8')) ?? {};
  const isId = typeof uti === 'string' && /^[\w-]{1,64}$/.test(uti);
  const isTime = typeof exp === 'number' && exp > 0 && exp < 1e11;
  return {
    ...(isId ? { tokenId: uti } : {}),
    ...(isTime ? { expiresOn: new Date(exp * 1000).toISOString() } : {}),
  };
}
