import { AppError } from '../core/errors.ts';
import type { BearerToken, ResourceClient } from '../ipc/protocol.ts';
import { ask, askForToken } from './agent-client.ts';

/** Claude Code ends a `headersHelper` after 10 s. An agent that was slower answers the next run. */
const LIMIT_MS = 8_000;

/**
 * The agent's token for a resource, or an error within the time that a program waits for its helper.
 * @throws AppError as `askForToken`; ERR_NETWORK_TIMEOUT after that time
 */
export async function askInTime(
  client: ResourceClient,
  resource: string | undefined,
  connection?: string,
): Promise<BearerToken> {
  const limit = AbortSignal.timeout(LIMIT_MS);
  const request = {
    method: 'resource-token',
    client,
    ...(resource === undefined ? {} : { resource }),
    ...(connection === undefined ? {} : { connection }),
  } as const;
  try {
    return await askForToken(request, (one) => ask(one, { signal: limit }));
  } catch (thrown) {
    if (!limit.aborted) throw thrown;
    throw new AppError('ERR_NETWORK_TIMEOUT', { detail: `no token within ${LIMIT_MS / 1000} s`, cause: thrown });
  }
}
