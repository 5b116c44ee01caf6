import { allowedScope } from '../config/resource-scope.ts';
import { AppError, toAppError } from '../core/errors.ts';
import type { BearerToken, Request } from '../ipc/protocol.ts';
import type { Credential } from './current-credential.ts';
import type { AccessToken } from './tokens/held-token.ts';
import { MINUTE_MS } from './tokens/schedule.ts';
import type { TokenRefresher } from './tokens/token-refresher.ts';

/** As with other resources: what runs the command keeps the token for up to half an hour, and Entra's live an hour. */
const YOUNG_MS = 25 * MINUTE_MS;

/**
 * A token for a resource that the configuration allows.
 * @throws AppError ERR_RESOURCE_NOT_ALLOWED; ERR_USAGE with an API key; otherwise as `TokenRefresher.get` and
 * `ResourceToken.get`
 */
export async function resourceToken(
  credential: Credential,
  { resource, connection }: Extract<Request, { method: 'resource-token' }>,
): Promise<BearerToken> {
  if (credential.kind === 'api-key') {
    throw new AppError('ERR_USAGE', { detail: '"credential" is "api-key", so there are no tokens to hand out' });
  }
  const { configuration, refresher } = credential;
  const scope = allowedScope(resource, configuration);
  if (scope === configuration.scope) {
    refresher.noteRequest();
    return bearerToken(await refresher.issuedWithin(YOUNG_MS), refresher);
  }
  const source = (await credential.resources()).of(scope);
  try {
    return bearerToken(await source.get(connection), source);
  } catch (thrown) {
    if (toAppError(thrown).code !== 'ERR_SIGN_IN_REQUIRED' || !credential.signsInSilently) throw thrown;
    // The computer's account may not have been used yet.
    refresher.noteRequest();
    await refresher.get({ urgent: true });
    return bearerToken(await source.get(connection), source);
  }
}

/** The token as a command gets it. */
export function bearerToken(token: AccessToken, holder: Pick<TokenRefresher, 'expiresOn'>): BearerToken {
  return {
    token: token.value.reveal(),
    tokenType: 'Bearer',
    expiresOn: holder.expiresOn(token),
    account: { username: token.username },
  };
}
