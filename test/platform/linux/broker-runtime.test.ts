// A second opinion on the Linux broker: Microsoft's own runtime sends the same requests, and reads the same from the
// answers.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BrokerToken } from '../../../src/entra/broker/broker.ts';
import { brokerRedirectUri } from '../../../src/entra/broker/redirect-uri.ts';
import { type BrokerSession, failureOf, SCOPE, startBrokerSession } from '../../integration/broker/broker-session.ts';
import { callMsalRuntime, hasMsalRuntime } from '../../support/harness/msal-runtime.ts';
import type { RuntimeAnswer, RuntimeCall } from '../../support/harness/msal-runtime-program.ts';
import type { ReceivedCall } from '../../support/servers/identity-broker.ts';

const ADA = 'ada@contoso.com';
const CLAIMS = '{"access_token":{"nbf":{"essential":true,"value":"1700000000"}}}';

describe.runIf(hasMsalRuntime)("Microsoft's runtime and this program", () => {
  let session: BrokerSession;
  beforeEach(async () => {
    session = await startBrokerSession({ withKeyring: true });
  });
  afterEach(() => session.dispose());

  function runtime(...calls: readonly RuntimeCall[]): Promise<readonly RuntimeAnswer[]> {
    const { authority, clientId } = session.request();
    const redirectUri = brokerRedirectUri('linux', clientId);
    return callMsalRuntime(session.env, { authority, clientId, redirectUri, scope: SCOPE }, calls);
  }

  /** What the broker received since the last time, without what may differ. */
  function received(): readonly object[] {
    return session.service.calls.splice(0).map(comparable);
  }

  it('send the same requests without a dialog', async () => {
    const [, first] = await runtime(
      { kind: 'accounts' },
      { kind: 'sign-in-silently' },
      { kind: 'acquire-silently', renew: true },
      { kind: 'acquire-silently', claims: CLAIMS },
    );
    const theirs = received();
    session.service.forgetTokens();

    const request = session.request();
    await session.broker.accounts(request);
    const { account, accessToken } = await session.broker.signInSilently(request);
    await session.broker.acquireSilently(request, account, accessToken);
    await session.broker.acquireSilently({ ...request, claims: CLAIMS }, account);
    expect(first?.status).toBe('ok');
    expect(received()).toEqual(theirs);
    expect(theirs).toHaveLength(5);
  });

  it('send the same requests for a dialog', async () => {
    await runtime({ kind: 'accounts' }, { kind: 'acquire-interactively' });
    expect(received().slice(1)).toEqual(await ourDialog(() => session.broker.signInInteractively(session.request())));

    session.service.accounts = [];
    session.service.chosen = { username: ADA };
    await runtime({ kind: 'sign-in-interactively', loginHint: ADA });
    expect(received()).toEqual(await ourDialog(() => session.broker.signInInteractively(session.request(), ADA)));
  });

  /** The dialog's request, after the list of accounts, which the runtime keeps. */
  async function ourDialog(signIn: () => Promise<BrokerToken>): Promise<readonly object[]> {
    await signIn();
    return received().slice(1);
  }

  it('read the same token, expiry, and account', async () => {
    const [theirs] = await runtime({ kind: 'sign-in-silently' });
    const ours = await session.broker.signInSilently(session.request());
    expect(theirs).toEqual({
      status: 'ok',
      accessToken: ours.accessToken.reveal(),
      expiresOn: Math.floor(ours.expiresAt / 1000),
      usernames: [ours.account.username],
    });
  });

  it('find the same accounts', async () => {
    session.service.accounts = [{ username: ADA }, { username: 'grace@contoso.com' }];
    const [theirs] = await runtime({ kind: 'accounts' });
    const ours = await session.broker.accounts(session.request());
    expect([...(theirs?.usernames ?? [])].sort()).toEqual(ours.map(({ username }) => username).sort());
  });

  it('get a token that is due again, and another one if they say which one they have', async () => {
    const answers = await runtime(
      { kind: 'sign-in-silently' },
      { kind: 'acquire-silently' },
      { kind: 'acquire-silently', renew: true },
    );
    const [first, again, renewed] = answers.map(({ accessToken }) => accessToken);
    expect(again).toBe(first);
    expect(renewed).not.toBe(first);
  });

  it('understand the same of each status', async () => {
    const statuses = Array.from({ length: 21 }, (_, status) => status);
    const ours: string[] = [];
    for (const status of statuses) {
      session.service.silently = { status };
      ours.push((await failureOf(session.broker.signInSilently(session.request()))).fault);
    }
    let next = 0;
    session.service.silently = () => ({ status: statuses[next++] ?? 0 });
    const theirs = await runtime(...statuses.map(() => ({ kind: 'sign-in-silently' }) as const));
    expect(theirs.map(({ status }) => status)).toEqual(ours);
    expect(new Set(ours).size).toBe(statuses.length);
  });

  it('see that the broker is missing', async () => {
    session.service.stop();
    expect(await runtime({ kind: 'accounts' })).toEqual([{ status: 'no broker' }]);
    expect(await failureOf(session.broker.accounts(session.request()))).toMatchObject({ fault: 'Missing' });
  });
});

/**
 * The runtime also says which version it is, what window is in front, and the person's names, which it keeps. What it
 * renews is another token than this program's.
 */
function comparable({ method, protocolVersion, request }: ReceivedCall): object {
  const text = JSON.stringify(request, (key, value: unknown) => {
    if (['parentWindow', 'parentWindowHandle', 'onboardingBlob', 'givenName', 'name'].includes(key)) return undefined;
    if (key === 'additionalQueryParametersForAuthorization') return {};
    return key === 'accessTokenToRenew' && value !== '' ? 'a token' : value;
  });
  return { method, protocolVersion, request: JSON.parse(text) as object };
}
