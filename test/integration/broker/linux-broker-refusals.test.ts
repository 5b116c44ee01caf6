// Every way in which the Linux broker can refuse, be missing, or break, over a real bus.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BrokerFailure } from '../../../src/entra/broker/broker.ts';
import { openLinuxBroker } from '../../../src/entra/broker/linux/linux-broker.ts';
import { SessionBus } from '../../../src/platform/session-bus.ts';
import type { BrokerOutcome } from '../../support/servers/identity-broker-replies.ts';
import { type BrokerSession, failureOf, startBrokerSession } from './broker-session.ts';

const ADA = 'ada@contoso.com';

let session: BrokerSession;
beforeEach(async () => {
  if (process.platform === 'linux') session = await startBrokerSession();
});
afterEach(() => session?.dispose());

const signIn = () => session.broker.signInSilently(session.request());

describe.runIf(process.platform === 'linux')('a refusal of the Linux broker', () => {
  const failWith = (outcome: BrokerOutcome) => {
    session.service.silently = outcome;
    return failureOf(signIn());
  };

  it.each([
    ['unexpected', 'Unexpected', 'unexpected'],
    ['mfaRequired', 'InteractionRequired', 'AADSTS50076'],
    ['blocked', 'InteractionRequired', 'AADSTS53003'],
    ['offline', 'NoNetwork', 'No network'],
    ['networkUnsteady', 'NetworkTemporarilyUnavailable', 'network'],
    ['busy', 'ServerTemporarilyUnavailable', 'AADSTS90055'],
    ['invalidRequest', 'ApiContractViolation', 'parameter'],
    ['canceledByUser', 'UserCanceled', 'canceled'],
    ['canceledByApplication', 'ApplicationCanceled', 'canceled'],
    ['redirectUri', 'IncorrectConfiguration', 'AADSTS50011'],
    ['accountDisabled', 'AccountUnusable', 'AADSTS50057'],
    ['accountNotFound', 'AccountNotFound', 'No account'],
    ['notEnrolled', 'DeviceNotRegistered', 'not registered'],
    ['transient', 'TransientError', 'again'],
    ['accountSwitch', 'AccountSwitch', 'Another account'],
    ['keyNotFound', 'KeyNotFound', 'key'],
    ['brokerMissing', 'RequiredBrokerMissing', 'device broker'],
  ] as const)('has its status and its own words (%s)', async (outcome, fault, words) => {
    const failure = await failWith(outcome);
    expect(failure).toBeInstanceOf(BrokerFailure);
    expect(failure).toMatchObject({ fault, context: expect.stringContaining(words), detail: undefined });
    // The broker's words may name the account.
    expect(failure.message).not.toContain(words);
  });

  it("has the broker's numbers for support", async () => {
    expect(await failWith({ status: 2, tag: 508_634_112, subStatus: 6_005 })).toMatchObject({
      fault: 'InteractionRequired',
      tag: 508_634_112,
      subStatus: 6_005,
    });
  });

  it("comes from an application or a redirect URI that isn't registered", async () => {
    const unknown = session.request({ clientId: '00000000-0000-4000-8000-000000000000' });
    expect(await failureOf(session.broker.signInSilently(unknown))).toMatchObject({ fault: 'IncorrectConfiguration' });
    session.service.redirectUris = [];
    expect(await failureOf(signIn())).toMatchObject({
      fault: 'IncorrectConfiguration',
      context: expect.stringContaining('AADSTS50011'),
    });
  });

  it.each([
    ['not JSON', 'not json', 'Malformed', /JSON/],
    ['an array', '[]', 'Malformed', /JSON/],
    ['too long', `{"x":"${'y'.repeat(1_100_000)}"}`, 'Malformed', /JSON/],
    ['without a token', '{"brokerTokenResponse":{"expiresOn":1}}', 'Malformed', /"accessToken"/],
    ['with a token of two lines', '{"accessToken":"a\\nb","expiresOn":1}', 'Malformed', /"accessToken"/],
    ['without an expiry', '{"brokerTokenResponse":{"accessToken":"a.b.c"}}', 'Malformed', /"expiresOn"/],
    ['with an error that is a number', '{"brokerTokenResponse":{"error":7}}', 'Malformed', /answer/],
    ['with an error that is a text', '{"error":"no"}', 'Unexpected', undefined],
    ['with an unknown status', '{"error":{"status":99}}', 'Unexpected', undefined],
    ['empty, as that of himmelblau if it cannot sign in', '', 'Unexpected', /empty/],
  ])('may be an answer that is %s', async (_, text, fault, detail) => {
    const failure = await failWith({ text });
    expect(failure.fault).toBe(fault);
    if (detail === undefined) expect(failure.detail).toBeUndefined();
    else expect(failure.detail).toMatch(detail);
  });

  it.each([
    ['org.freedesktop.DBus.Error.Failed', 'Unexpected', 'org.freedesktop.DBus.Error.Failed'],
    ['org.freedesktop.DBus.Error.NoReply', 'Gone', 'the identity broker ended before it answered'],
    ['org.freedesktop.DBus.Error.AccessDenied', 'Missing', expect.stringContaining("doesn't let this program")],
    ['org.freedesktop.DBus.Error.Spawn.ExecFailed', 'Gone', "the identity broker couldn't be started"],
    ['org.freedesktop.DBus.Error.NameHasNoOwner', 'Gone', "the identity broker couldn't be started"],
    ['org.freedesktop.systemd1.NoSuchUnit', 'Missing', 'no identity broker is installed on this computer'],
  ])('may be an error of the bus (%s)', async (dbusError, fault, detail) => {
    expect(await failWith({ dbusError, message: `no ${ADA}` })).toMatchObject({ fault, detail });
  });

  it('may be for the list of accounts', async () => {
    session.service.listing = 'notEnrolled';
    expect(await failureOf(session.broker.accounts(session.request()))).toMatchObject({ fault: 'DeviceNotRegistered' });
  });

  it('waits for a broker that is starting', async () => {
    let calls = 0;
    session.service.silently = () => {
      calls += 1;
      const dbusError = 'org.freedesktop.DBus.Error.UnknownObject';
      return calls < 3 ? { dbusError, message: 'no such object' } : 'token';
    };
    expect((await signIn()).account.username).toBe(ADA);
  });

  it('is its end, which the bus reports immediately', async () => {
    expect(await failWith('gone')).toMatchObject({ fault: 'Gone' });
    session.service.silently = 'token';
    await session.service.start();
    expect((await signIn()).account.username).toBe(ADA);
  });

  it('is the end of the bus', async () => {
    session.service.silently = 'never';
    const failure = failureOf(signIn());
    await expect.poll(() => session.service.callsOf('acquireTokenSilently')).toHaveLength(1);
    await session.stopBus();
    expect(await failure).toMatchObject({ fault: 'Gone' });
  });
});

describe.runIf(process.platform === 'linux')('a computer without a broker', () => {
  it.each([
    ['has no session bus', {}, 'this session has no D-Bus session bus'],
    ['has a bus that is gone', { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere/bus' }, /can't be reached/],
  ])('%s', async (_, env, detail) => {
    const broker = await openLinuxBroker(env);
    const failure = await failureOf(broker.signInSilently(session.request()));
    expect(failure).toMatchObject({ fault: 'Missing' });
    expect(failure.detail).toMatch(detail);
  });

  it('has none on its bus', async () => {
    session.service.stop();
    const calls = [
      session.broker.accounts(session.request()),
      signIn(),
      session.broker.signInInteractively(session.request()),
    ];
    for (const call of calls) {
      expect(await failureOf(call)).toMatchObject({
        fault: 'Missing',
        detail: 'no identity broker is installed on this computer',
      });
    }
  });
});

describe.runIf(process.platform === 'linux')('a connection to the Linux broker', () => {
  it("doesn't outlive its call", async () => {
    await signIn();
    session.service.silently = 'mfaRequired';
    await failureOf(signIn());
    const bus = SessionBus.open(session.env, 60_000);
    const ours = { destination: 'org.freedesktop.DBus', path: '/', interface: 'org.freedesktop.DBus' };
    const names = () => bus?.call({ ...ours, member: 'ListNames', signature: '', body: [] });
    // The bus itself, the broker under two names, and this connection.
    await expect.poll(names).toHaveLength(4);
    bus?.close();
  });

  it('ends immediately when its request is aborted, with the reason', async () => {
    session.service.silently = 'never';
    const controller = new AbortController();
    const call = session.broker.signInSilently(session.request({ signal: controller.signal }));
    await expect.poll(() => session.service.callsOf('acquireTokenSilently')).toHaveLength(1);
    const reason = new Error('not needed any more');
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
    await expect(session.broker.accounts(session.request({ signal: controller.signal }))).rejects.toBe(reason);
  });
});
