// Whatever a peer on the session bus answers in the broker's place: a sound token, or a BrokerFailure without secrets.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeFailure } from '../../../src/core/errors.ts';
import { BrokerFailure } from '../../../src/entra/broker/broker.ts';
import { readAccounts, readToken } from '../../../src/entra/broker/linux/broker-reply.ts';
import { parseRecord, serializeRecord } from '../../../src/entra/refresh-token-record.ts';
import { check, json, jsonObject, TIMEOUT_MS, text } from './support.ts';

const CANARY = 'c4nary-access-token';
const ENVIRONMENT = 'login.microsoftonline.com';
const ACCOUNT = {
  environment: ENVIRONMENT,
  homeAccountId: 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee.11111111-2222-4333-8444-555555555555',
  localAccountId: 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee',
  tenantId: '11111111-2222-4333-8444-555555555555',
  username: 'ada@contoso.com',
};

const account = jsonObject({
  environment: fc.constant(ENVIRONMENT),
  homeAccountId: fc.oneof(fc.constant(ACCOUNT.homeAccountId), text),
  localAccountId: fc.constant(ACCOUNT.localAccountId),
  passwordExpiry: fc.oneof(fc.integer(), fc.double()),
  realm: fc.oneof(fc.constant(ACCOUNT.tenantId), text),
  username: fc.oneof(fc.constant(ACCOUNT.username), text),
});
const error = jsonObject({
  context: fc.oneof(fc.constant(`AADSTS50076: ada@contoso.com ${CANARY}`), text),
  status: fc.oneof(fc.integer({ min: -2, max: 25 }), fc.double()),
  subStatus: fc.integer(),
  tag: fc.integer(),
});
const token = jsonObject({
  accessToken: fc.oneof(fc.constant(`${CANARY}.e30.x`), text),
  account,
  expiresOn: fc.oneof(fc.integer(), fc.double(), fc.constant(4_000_000_000_000)),
  idToken: fc.oneof(fc.constant('e30.e30.e30'), text),
});
const reply = fc
  .oneof(
    jsonObject({ brokerTokenResponse: token }),
    jsonObject({ brokerTokenResponse: error.map((one) => ({ error: one })) }),
    jsonObject({ accounts: fc.array(account, { maxLength: 3 }) }),
    json,
  )
  .map((value) => JSON.stringify(value));
const anything = fc.oneof({ weight: 8, arbitrary: reply }, text, json);

/** What the answer was read as. @throws Error for a failure of another kind, or one that says too much */
function outcomeOf<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (thrown) {
    if (!(thrown instanceof BrokerFailure)) throw thrown;
    const shown = `${thrown.message} ${thrown.detail ?? ''} ${describeFailure(thrown)}`;
    expect(shown).not.toMatch(/c4nary|ada@/);
    expect(shown).toMatch(/^[\x20-\x7e\n]*$/);
    return undefined;
  }
}

describe('the replies of a broker', { timeout: TIMEOUT_MS }, () => {
  it('are a token of a usable account, or a failure', async () => {
    let tokens = 0;
    const mayDiffer = fc.boolean();
    const expected = fc.constantFrom(ACCOUNT, undefined);
    await check(
      fc.property(anything, mayDiffer, expected, (answer, differs, who) => {
        const read = outcomeOf(() => readToken(answer, { account: who, mayDiffer: differs, environment: ENVIRONMENT }));
        if (read === undefined) return;
        tokens += 1;
        expect(read.accessToken.reveal()).toMatch(/^[\w.~+/=-]+$/);
        expect(read.expiresAt).toSatisfy(Number.isFinite);
        expect(parseRecord(serializeRecord(read.account))).toMatchObject({ kind: 'active' });
        if (who !== undefined && !differs) expect(read.account.homeAccountId).toBe(who.homeAccountId);
      }),
    );
    expect(tokens).toBeGreaterThan(0);
  });

  it('are a list of usable accounts, or a failure', async () => {
    let accounts = 0;
    await check(
      fc.property(anything, (answer) => {
        for (const one of outcomeOf(() => readAccounts(answer, ENVIRONMENT)) ?? []) {
          accounts += 1;
          expect(parseRecord(serializeRecord(one))).toMatchObject({ kind: 'active' });
          if (one.passwordExpiresAt !== undefined) expect(one.passwordExpiresAt).toBeGreaterThan(1e12 - 1);
        }
      }),
    );
    expect(accounts).toBeGreaterThan(0);
  });
});
