// What `doctor` says about the system's broker on Linux: the tests' own one, on a real session bus.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Finding } from '../../../src/doctor/check.ts';
import { isLong } from '../../support/harness/long.ts';
import type { World, WorldOptions } from '../../support/harness/world.ts';
import {
  type IdentityBroker,
  type IdentityBrokerOptions,
  startIdentityBroker,
} from '../../support/servers/identity-broker.ts';
import { run } from '../support.ts';
import { causeOf, doctorIn, inWorld, troubles } from './diagnosis.ts';

const settings = { signInMethod: 'broker' };

async function withBroker(world: World, options: Partial<IdentityBrokerOptions> = {}): Promise<IdentityBroker> {
  const address = world.env['DBUS_SESSION_BUS_ADDRESS'] ?? '';
  const broker = await startIdentityBroker(address, { tenant: world.entra, ...options });
  onTestFinished(() => broker.stop());
  return broker;
}

/** What the check "broker" finds. */
async function brokerFinding(world: World, env: Readonly<Record<string, string>> = {}): Promise<Finding> {
  const { checks } = await doctorIn(world, { env });
  const found = checks.find(({ id }) => id === 'broker');
  if (found === undefined) throw new Error('no check of the broker');
  return found;
}

describe.runIf(process.platform === 'linux')('doctor, about the broker,', () => {
  it('finds nothing if it signs the user in, and names no account', async () => {
    await inWorld({ config: settings }, async (world) => {
      const broker = await withBroker(world);
      expect(await run(world.env, 'login', '--no-browser')).toMatchObject({ exitCode: 0 });
      const diagnosis = await doctorIn(world);
      expect(troubles(diagnosis)).toEqual([]);
      expect(diagnosis.checks.find(({ id }) => id === 'broker')).toMatchObject({
        state: 'ok',
        detail: 'it answers (version 2.0.4), and knows one account for this sign-in',
        facts: { accounts: 1, version: '2.0.4' },
      });
      const report = join(world.sandbox.root, 'report.md');
      expect(await run(world.env, 'report', report)).toMatchObject({ exitCode: 0 });
      const text = `${JSON.stringify(diagnosis)}${readFileSync(report, 'utf8')}`;
      expect(text).toContain('version 2.0.4');
      expect(text).not.toContain(broker.accounts[0]?.username);
      expect(broker.callsOf('acquireTokenInteractively')).toEqual([]);
    });
  });

  it('asks for the accounts only: it opens no dialog and gets no token', async () => {
    await inWorld({ config: settings }, async (world) => {
      const broker = await withBroker(world, {
        accounts: [{ username: 'ada@contoso.com' }, { username: 'bob@contoso.com' }],
      });
      expect(await brokerFinding(world)).toMatchObject({
        state: 'ok',
        detail: expect.stringContaining('knows 2 accounts'),
        facts: { accounts: 2 },
      });
      expect(broker.callsOf('acquireTokenInteractively')).toEqual([]);
    });
  });

  const missing = { state: 'fail', facts: { code: 'ERR_BROKER_MISSING', fault: 'Missing' } } as const;

  it.each<[string, WorldOptions, object]>([
    ['no broker is installed', {}, { ...missing, detail: expect.stringContaining('no identity broker is installed') }],
    [
      'the session has no bus',
      { secretService: 'no-bus' },
      { ...missing, detail: expect.stringMatching(/D-Bus session bus can't be reached/) },
    ],
  ])('says if %s, with what to install', async (_, options, expected) => {
    await inWorld({ config: settings, ...options }, async (world) => {
      const remedy = expect.stringMatching(/microsoft-identity-broker.*himmelblau-broker.*"signInMethod" to "browser"/);
      expect(await brokerFinding(world)).toMatchObject({ ...expected, remedy });
    });
  });

  it('is the first cause if the broker is missing', async () => {
    await inWorld({ config: settings }, async (world) => {
      const diagnosis = await doctorIn(world);
      expect(troubles(diagnosis).map(({ id }) => id)).toEqual(['broker']);
      const skipped = diagnosis.checks.filter((finding) => finding.state === 'skip' && finding.notNeeded !== true);
      expect(skipped.map(({ id }) => id)).toContain('sign-in');
      for (const finding of skipped) expect(causeOf(diagnosis, finding)).toBe('broker');
    });
  });

  it('only warns if people can continue in the browser', async () => {
    await inWorld({ config: { ...settings, browserSignInFallback: true } }, async (world) => {
      expect(await brokerFinding(world)).toMatchObject({ ...missing, state: 'warn' });
    });
  });

  it.each<[string, Partial<IdentityBroker>, object]>([
    [
      'has no account',
      { accounts: [] },
      { state: 'warn', detail: /no work account/, remedy: /intune-portal.*Himmelblau/ },
    ],
    ['leaves', { listing: 'gone' }, { state: 'fail', detail: /ended before it answered/, remedy: /try again/ }],
    [
      'talks nonsense',
      { listing: { text: '[]' } },
      { state: 'fail', detail: /isn't a JSON object/, remedy: /try again/ },
    ],
    [
      'says that the computer is not registered',
      { listing: 'notEnrolled' },
      { state: 'fail', detail: /isn't registered/, remedy: /Microsoft Intune app/ },
    ],
  ])('says if it %s', async (_, change, expected) => {
    await inWorld({ config: settings }, async (world) => {
      Object.assign(await withBroker(world), change);
      const { state, detail, remedy } = expected as {
        readonly state: string;
        readonly detail: RegExp;
        readonly remedy: RegExp;
      };
      expect(await brokerFinding(world)).toMatchObject({
        state,
        detail: expect.stringMatching(detail),
        remedy: expect.stringMatching(remedy),
      });
    });
  });

  it.runIf(isLong)('waits 15 s for an answer', async () => {
    await inWorld({ config: settings }, async (world) => {
      Object.assign(await withBroker(world), { listing: 'never' });
      expect(await brokerFinding(world)).toMatchObject({
        state: 'fail',
        detail: "the broker hasn't answered within 15 s",
      });
    });
  });

  it.each([
    [
      'redirectUri',
      /redirect URI https:\/\/login\.microsoftonline\.com\/common\/oauth2\/nativeclient to the app registration/,
    ],
    ['deviceNotCompliant', /checks in Intune whether this computer is enrolled and compliant/],
  ] as const)('names what an admin has to do after a sign-in that was refused (%s)', async (refusal, remedy) => {
    await inWorld({ config: settings }, async (world) => {
      await withBroker(world, { silently: refusal, interactively: refusal });
      expect((await run(world.env, 'login', '--no-browser')).exitCode).not.toBe(0);
      const { checks } = await doctorIn(world);
      expect(checks.find(({ id }) => id === 'sign-in')).toMatchObject({
        state: 'fail',
        remedy: expect.stringMatching(remedy),
      });
    });
  });

  it('asks for public client flows, and lets policies block device codes', async () => {
    await inWorld({ config: settings }, async (world) => {
      await withBroker(world);
      const application = async (): Promise<Finding | undefined> =>
        (await doctorIn(world)).checks.find(({ id }) => id === 'entra-application');
      world.entra.allowPublicClientFlows = false;
      expect(await application()).toMatchObject({
        state: 'warn',
        facts: { code: 'ERR_ENTRA_PUBLIC_CLIENT_OFF' },
        remedy: expect.stringContaining('Allow public client flows'),
      });
      world.entra.allowPublicClientFlows = true;
      world.entra.setFault('devicecode', { kind: 'aadsts', code: 530036 });
      expect(await application()).toMatchObject({ state: 'ok', detail: expect.stringContaining("doesn't need") });
    });
  });

  it('isn’t asked if another method signs people in', async () => {
    await inWorld(undefined, async (world) => {
      const broker = await withBroker(world);
      const { checks } = await doctorIn(world);
      expect(checks.map(({ id }) => id)).not.toContain('broker');
      expect(broker.calls).toEqual([]);
    });
  });
});
