import { isGuid } from '../cloud.ts';
import { type BrokerAccount, BrokerFailure } from './broker.ts';

/** The hosts that mean the same cloud, as MSAL has them built in. */
const CLOUD_HOSTS = [
  ['login.microsoftonline.com', 'login.windows.net', 'login.microsoft.com', 'sts.windows.net'],
  ['login.microsoftonline.us', 'login.usgovcloudapi.net'],
  ['login.partner.microsoftonline.cn', 'login.chinacloudapi.cn'],
];

/**
 * The accounts of the authority's cloud, those of its tenant first. Accounts of other tenants may be guests there.
 * @param authority `https://<host>/<tenant>`
 */
export function usableAccounts(accounts: readonly BrokerAccount[], authority: string): readonly BrokerAccount[] {
  const { host, pathname } = new URL(authority);
  const hosts = CLOUD_HOSTS.find((names) => names.includes(host)) ?? [host];
  const usable = accounts.filter(({ environment }) => hosts.includes(environment.toLowerCase()));
  const isMember = isMemberOf(pathname.slice(1));
  return [...usable.filter(isMember), ...usable.filter((account) => !isMember(account))];
}

/**
 * The account to sign in with, without asking. If there's a user name, it's the account with that name. Otherwise, it's the
 * only member of the tenant, or the only account if the tenant has no member.
 * @param accounts as `usableAccounts` returned them
 * @throws BrokerFailure AccountNotFound; InteractionRequired if the user must choose
 */
export function chooseAccount(
  accounts: readonly BrokerAccount[],
  { authority, loginHint }: { readonly authority: string; readonly loginHint: string | undefined },
): BrokerAccount {
  if (loginHint !== undefined) {
    const named = accounts.find(({ username }) => username.toLowerCase() === loginHint.toLowerCase());
    if (named === undefined)
      throw new BrokerFailure('AccountNotFound', { detail: 'not the account that was asked for' });
    return named;
  }
  const members = accounts.filter(isMemberOf(new URL(authority).pathname.slice(1)));
  const [account, ...others] = members.length > 0 ? members : accounts;
  if (account === undefined)
    throw new BrokerFailure('AccountNotFound', { detail: 'no account is signed in to this computer' });
  // The broker doesn't say which one is the computer's own, and to guess could sign in the wrong one for good.
  if (others.length > 0)
    throw new BrokerFailure('InteractionRequired', { detail: 'this computer has several accounts' });
  return account;
}

/** The tenant may be named by its domain, which the broker doesn't tell. */
function isMemberOf(tenant: string): (account: BrokerAccount) => boolean {
  return ({ tenantId }) => !isGuid(tenant) || tenantId.toLowerCase() === tenant.toLowerCase();
}
