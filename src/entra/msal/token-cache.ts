import type { AccountInfo, ICachePlugin, TokenCacheContext } from '@azure/msal-node';
import { Secret } from '../../core/secret.ts';
import { isFilled } from '../refresh-token-record.ts';
import type { RefreshTokenRecord } from '../token-source.ts';

/** The part of MSAL's cache file that this program reads. */
interface CachedRefreshTokens {
  readonly RefreshToken?: Readonly<Record<string, { readonly secret?: unknown }>>;
}

/**
 * MSAL's cache plugin for one record in memory; it writes nothing anywhere. MSAL never finds an access token in it, on
 * purpose: the agent holds the access token.
 */
export class MinimalTokenCache implements ICachePlugin {
  readonly #clientId: string;
  readonly #loaded: RefreshTokenRecord | undefined;
  #refreshToken: Secret | undefined;

  constructor(clientId: string, record?: RefreshTokenRecord) {
    this.#clientId = clientId;
    this.#loaded = record;
    this.#refreshToken = record?.refreshToken;
  }

  async beforeCacheAccess(context: TokenCacheContext): Promise<void> {
    context.tokenCache.deserialize(JSON.stringify(this.#toMsalCache()));
  }

  async afterCacheAccess(context: TokenCacheContext): Promise<void> {
    if (!context.cacheHasChanged) return;
    const cache = JSON.parse(context.tokenCache.serialize()) as CachedRefreshTokens;
    const known = this.#loaded?.refreshToken.reveal();
    const rotated = Object.values(cache.RefreshToken ?? {}).find(({ secret }) => secret !== known);
    if (typeof rotated?.secret === 'string') this.#refreshToken = new Secret(rotated.secret);
  }

  /**
   * The record to keep: the newest refresh token with the account that MSAL names, or with the loaded account if a
   * refresh reply has no complete one. `undefined` if there's no refresh token or no account.
   */
  record(account: AccountInfo | null): RefreshTokenRecord | undefined {
    const identity = account !== null && isWhole(account) ? account : this.#loaded;
    if (this.#refreshToken === undefined || identity === undefined) return undefined;
    const { localAccountId, tenantId, environment, username } = identity;
    // A refresh can't change whose sign-in it is.
    const { homeAccountId } = this.#loaded ?? identity;
    const subject = account?.idTokenClaims?.sub ?? this.#loaded?.subject;
    const record = { refreshToken: this.#refreshToken, homeAccountId, localAccountId, tenantId, environment, username };
    return subject === undefined ? record : { ...record, subject };
  }

  #toMsalCache(): object {
    const record = this.#loaded;
    if (record === undefined || this.#refreshToken === undefined) return emptyCache({}, {});
    const { homeAccountId, environment, localAccountId, tenantId, username } = record;
    const [uid = '', homeTenant = ''] = homeAccountId.split('.');
    const owner = { home_account_id: homeAccountId, environment };
    const account = {
      ...owner,
      realm: homeTenant,
      local_account_id: localAccountId,
      username,
      authority_type: 'MSSTS',
      client_info: Buffer.from(JSON.stringify({ uid, utid: homeTenant })).toString('base64url'),
      // MSAL stores these as JSON inside JSON.
      tenantProfiles: [JSON.stringify({ tenantId, localAccountId, username, isHomeTenant: tenantId === homeTenant })],
    };
    const refreshToken = {
      ...owner,
      credential_type: 'RefreshToken',
      client_id: this.#clientId,
      secret: this.#refreshToken.reveal(),
    };
    return emptyCache(
      { [cacheKey([homeAccountId, environment, homeTenant])]: account },
      { [cacheKey([homeAccountId, environment, 'refreshtoken', this.#clientId, '', '', ''])]: refreshToken },
    );
  }
}

/** MSAL leaves a field empty if the ID token lacks it, and passes on values of another type. */
function isWhole({ homeAccountId, localAccountId, tenantId, environment, username }: AccountInfo): boolean {
  return typeof username === 'string' && [homeAccountId, localAccountId, tenantId, environment].every(isFilled);
}

function emptyCache(accounts: object, refreshTokens: object): object {
  return { Account: accounts, RefreshToken: refreshTokens, IdToken: {}, AccessToken: {}, AppMetadata: {} };
}

/** MSAL looks entries up by these lowercase keys. */
function cacheKey(parts: readonly string[]): string {
  return parts.join('-').toLowerCase();
}
