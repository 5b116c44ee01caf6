import { AppError } from '../core/errors.ts';
import type { Request, Results } from '../ipc/protocol.ts';
import type { Credential } from './current-credential.ts';
import { MINUTE_MS } from './tokens/schedule.ts';

/** Clients start in bursts. All of one burst share a token. */
const YOUNG_MS = 5 * MINUTE_MS;

/**
 * A token for the endpoint of `exec`, whose clients keep it until it expires and don't ask again if it's rejected.
 * @throws AppError ERR_ENDPOINT_OFF, ERR_ENDPOINT_RESOURCE, ERR_USAGE with an API key; otherwise as
 * `TokenRefresher.get`
 */
export async function endpointToken(
  credential: Credential,
  { resource, clientId }: Extract<Request, { method: 'endpoint-token' }>,
): Promise<Results['endpoint-token']> {
  if (!credential.configuration.allowTokenEndpoint) throw new AppError('ERR_ENDPOINT_OFF');
  if (credential.kind === 'api-key') {
    throw new AppError('ERR_USAGE', { detail: '"credential" is "api-key", so there are no tokens to hand out' });
  }
  const { refresher, configuration } = credential;
  const own = resourceOf(configuration.scope);
  if (resource !== undefined && resource.replace(/\/$/, '') !== own) {
    throw new AppError('ERR_ENDPOINT_RESOURCE', { detail: `asked for ${resource}, configured is ${own}` });
  }
  if (clientId !== undefined && clientId.toLowerCase() !== configuration.clientId) {
    throw new AppError('ERR_ENDPOINT_RESOURCE', { detail: `asked for the application ${clientId}` });
  }
  refresher.noteRequest();
  const token = await refresher.issuedWithin(YOUNG_MS);
  return {
    token: token.value.reveal(),
    expiresOn: refresher.expiresOn(token),
  };
}

/**
 * A scope is its resource, a slash, and a permission's name
 * (https://learn.microsoft.com/entra/identity-platform/scopes-oidc).
 */
function resourceOf(scope: string): string {
  return scope.slice(0, scope.lastIndexOf('/')).replace(/\/$/, '');
}
