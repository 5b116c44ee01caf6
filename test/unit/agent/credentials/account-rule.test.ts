import { describe, expect, it } from 'vitest';
import { type Account, AccountRule, type AccountRuleOptions } from '../../../../src/agent/credentials/account-rule.ts';

const TENANT = '11111111-0000-4000-8000-00000000000a';
const ADA = '22222222-0000-4000-8000-00000000000b';
const OTHER = '33333333-0000-4000-8000-00000000000c';
const ada: Account = { username: 'ada@contoso.com', localAccountId: ADA, tenantId: TENANT };
const grace: Account = { username: 'grace@contoso.com', localAccountId: OTHER, tenantId: TENANT };

type Bound = ReturnType<AccountRuleOptions['bound']>;

/** The rule's verdict on each of these in turn; an accepted account is bound, as the agent does. */
function verdicts(settings: { accountHint?: string; tenantId?: string }, accounts: readonly Account[], before?: Bound) {
  let bound = before;
  const rule = new AccountRule({
    tenantId: TENANT,
    ...settings,
    bound: () => bound,
    bind: (account) => {
      bound = account;
    },
  });
  return accounts.map((account) => {
    try {
      rule.assertAccepted(account);
      rule.bind(account);
      return 'accepted';
    } catch (thrown) {
      return (thrown as { code?: unknown }).code;
    }
  });
}

describe('accountHint', () => {
  it("accepts any account if it isn't set", () => {
    expect(verdicts({}, [ada, grace, ada])).toEqual(['accepted', 'accepted', 'accepted']);
  });

  it.each(['ada@contoso.com', 'ADA@Contoso.com'])('accepts the account that is called %s', (accountHint) => {
    expect(verdicts({ accountHint }, [grace, ada, grace, ada])).toEqual([
      'ERR_SIGN_IN_OTHER_ACCOUNT',
      'accepted',
      'ERR_SIGN_IN_OTHER_ACCOUNT',
      'accepted',
    ]);
  });

  it('still means an account that was renamed, and not another one that got its name', () => {
    const renamed = { ...ada, username: 'ada.lovelace@contoso.com' };
    const successor = { ...grace, username: 'ada@contoso.com' };
    expect(verdicts({ accountHint: 'ada@contoso.com' }, [ada, renamed, successor])).toEqual([
      'accepted',
      'accepted',
      'ERR_ACCOUNT_REASSIGNED',
    ]);
  });

  it('means a new account once it is changed, or after a sign-out', () => {
    const bound = { hint: 'grace@contoso.com', objectId: OTHER, tenantId: TENANT };
    expect(verdicts({ accountHint: 'ada@contoso.com' }, [ada], bound)).toEqual(['accepted']);
    expect(verdicts({ accountHint: 'ada@contoso.com' }, [{ ...grace, username: ada.username }])).toEqual(['accepted']);
  });

  it.each([ADA, ADA.toUpperCase()])('compares the object ID %s only with object IDs', (accountHint) => {
    const namesake = { ...grace, username: ADA };
    expect(verdicts({ accountHint }, [{ ...ada, username: 'x' }, namesake, grace])).toEqual([
      'accepted',
      'ERR_SIGN_IN_OTHER_ACCOUNT',
      'ERR_SIGN_IN_OTHER_ACCOUNT',
    ]);
  });
});

describe('a tenant that is configured by a domain name', () => {
  it('is the one of the first sign-in', () => {
    const elsewhere = { ...ada, tenantId: OTHER };
    expect(verdicts({ tenantId: 'contoso.com' }, [ada, elsewhere, ada])).toEqual([
      'accepted',
      'ERR_WRONG_TENANT',
      'accepted',
    ]);
  });
});
