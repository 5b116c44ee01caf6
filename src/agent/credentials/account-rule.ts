// Which account may be used. Microsoft: a user name is mutable and can be given to someone else, so only the object ID
// and the tenant identify a user (https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference, "Use
// claims to reliably identify a user").
import { AppError } from '../../core/errors.ts';
import { isGuid } from '../../entra/cloud.ts';
import type { AccountRecord } from '../../entra/token-source.ts';
import type { CredentialState } from '../tokens/state-file.ts';

export type Account = Pick<AccountRecord, 'username' | 'localAccountId' | 'tenantId'>;
type BoundAccount = NonNullable<CredentialState['account']>;

export interface AccountRuleOptions {
  /** A user name, an object ID, or nothing. */
  readonly accountHint?: string | undefined;
  /** A GUID, or a domain name of a tenant. */
  readonly tenantId: string;
  /** The account that signed in last; signing out forgets it. */
  readonly bound: () => BoundAccount | undefined;
  readonly bind: (account: BoundAccount) => void;
}

/**
 * `accountHint` and `tenantId` as rules for accounts. An object ID is compared with the account's. A user name is
 * compared once, without regard to case, as Entra does; from then on it means the account that had it, even if that one
 * is renamed. A domain name means the tenant that had it at the first sign-in.
 */
export class AccountRule {
  readonly #options: AccountRuleOptions;

  constructor(options: AccountRuleOptions) {
    this.#options = options;
  }

  /** @throws AppError ERR_SIGN_IN_OTHER_ACCOUNT, ERR_ACCOUNT_REASSIGNED, ERR_WRONG_TENANT */
  assertAccepted(account: Account): void {
    const { accountHint, tenantId, bound: readBound } = this.#options;
    const bound = readBound();
    if (bound !== undefined && !isGuid(tenantId) && !isSame(bound.tenantId, account.tenantId)) {
      throw new AppError('ERR_WRONG_TENANT', { detail: `${tenantId} belonged to another tenant at the last sign-in` });
    }
    if (accountHint === undefined) return;
    const { username, localAccountId } = account;
    const isNamed = isSame(accountHint, username);
    const isBound = bound?.hint !== undefined && isSame(bound.hint, accountHint);
    if (!isGuid(accountHint) && isBound && isNamed && !isSameAccount(bound, account)) {
      throw new AppError('ERR_ACCOUNT_REASSIGNED', { account: username });
    }
    const isAccepted = isGuid(accountHint)
      ? isSame(accountHint, localAccountId)
      : isBound
        ? isSameAccount(bound, account)
        : isNamed;
    if (!isAccepted)
      throw new AppError('ERR_SIGN_IN_OTHER_ACCOUNT', { account: username, expectedAccount: accountHint });
  }

  /** From now on, the settings mean this account. */
  bind({ localAccountId, tenantId }: Account): void {
    const { accountHint, bind } = this.#options;
    bind({ ...(accountHint === undefined ? {} : { hint: accountHint }), objectId: localAccountId, tenantId });
  }
}

const isSame = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

const isSameAccount = (bound: BoundAccount, { localAccountId, tenantId }: Account): boolean =>
  isSame(bound.objectId, localAccountId) && isSame(bound.tenantId, tenantId);
