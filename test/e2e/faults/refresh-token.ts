// A dead refresh token is sent once; a living one outlives every failure; a finished sign-in isn't lost to the
// keystore.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { isLong } from '../../support/harness/long.ts';
import { killAgent, run, runJson } from '../support.ts';
import { Lane } from './lane.ts';
import { aadsts, html, http, oauthError } from './signals.ts';
import { answers, certificate, proxyIn, type Trouble } from './troubles.ts';

/** Its own lane for one test. Not onTestFinished: among concurrent tests it would end another one's. */
async function withLane(work: (lane: Lane) => Promise<void>): Promise<void> {
  const lane = await Lane.open();
  try {
    await work(lane);
  } finally {
    await lane.close();
  }
}

const contexts = ['background', 'mid-session-refresh', 'scheduled-task', 'setup-test', 'background'] as const;

export function describeRefreshToken(): void {
  describe.concurrent('a dead refresh token', () => {
    it.each(isLong ? [50173, 70043, 700082, 50133, 530036] : [700082])(
      'AADSTS%d: is sent once over five runs and two agents',
      (code) =>
        withLane(async (lane) => {
          const { entra } = lane.world;
          await lane.signedIn();
          const [dead = ''] = entra.issued.refreshTokens.slice(-1);
          entra.setFault('refresh', { kind: 'aadsts', code });
          for (const [index, context] of contexts.entries()) {
            if (index === 2) await lane.stopAgent();
            if (index === 4) await killAgent(lane.world.env);
            const helper = await lane.helper(context);
            expect(helper).toMatchObject({ state: 'failed', exitCode: code === 530036 ? 9 : 4, stdout: '' });
          }
          const carried = entra.requests.filter(({ parameters }) => Object.values(parameters).includes(dead));
          expect(carried).toHaveLength(1);
          expect(await lane.record()).not.toContain(dead);
          entra.setFault('refresh', undefined);
          expect(await lane.signIn()).toMatchObject({ state: 'ok' });
          expect(entra.count('refresh')).toBe(1);
        }),
    );

    it('names who was signed in, and since when not', () =>
      withLane(async (lane) => {
        await lane.signedIn();
        lane.world.entra.revokeAll();
        await lane.helper('background');
        const { stderr } = await lane.helper('background');
        expect(stderr).toMatch(/ERR_SIGN_IN_ENDED\]: .*: ada@contoso\.com, since \d{4}-\d\d-\d\d \d\d:\d\d \(UTC/);
      }));
  });

  describe.concurrent('a living refresh token', () => {
    it('stays byte for byte through network faults, throttling, a locked keystore, unknown errors and kills', () =>
      withLane(async (lane) => {
        await lane.signedIn();
        const record = await lane.record();
        const troubles: readonly Trouble[] = [
          answers({ kind: 'reset' }),
          proxyIn({ refuse: 403 }),
          certificate('unknown issuer'),
          http(429, { 'retry-after': '1' }),
          html(503),
          aadsts(50196),
          answers({ kind: 'html' }),
          oauthError('something_new'),
          oauthError('something_new', 418),
          aadsts(53003),
          aadsts(50053),
          aadsts(999999),
        ];
        for (const [index, trouble] of troubles.entries()) {
          const end = await trouble.begin(lane, 'refresh');
          expect(await lane.helper('mid-session-refresh')).toMatchObject({ state: 'failed', stdout: '' });
          expect(await lane.record()).toBe(record);
          // Before the trouble ends: the agent tries again on its own, a second later after that 429, and then
          // succeeds.
          if (index % 2 === 0) await killAgent(lane.world.env);
          await lane.forgetBackOff();
          await end();
        }
        await lane.world.secretService?.lock();
        expect(await lane.helper('background')).toMatchObject({ exitCode: 8, stdout: '' });
        await killAgent(lane.world.env);
        await lane.world.secretService?.unlock();
        expect(await lane.record()).toBe(record);
        expect(await lane.helper('background')).toMatchObject({ state: 'ok' });
        expect(lane.world.entra.count('devicecode')).toBe(1);
      }));

    it('stays byte for byte when a sign-in that is begun next to it fails', () =>
      withLane(async (lane) => {
        const { entra } = lane.world;
        await lane.signedIn();
        // With a current token the agent has nothing to refresh on its own, which would be a new record.
        await lane.helper('background');
        const record = await lane.record();
        const login = (...options: string[]) => run(lane.world.env, 'login', ...options);

        entra.failNext('devicecode', { kind: 'http', status: 503, body: {} });
        expect(await login()).toMatchObject({ exitCode: 7 });
        const declined = login();
        entra.decline(await entra.waitForUserCode());
        expect(await declined).toMatchObject({ exitCode: 4 });
        entra.failNext('poll', { kind: 'aadsts', code: 50173 });
        expect(await login()).toMatchObject({ exitCode: 9 });
        const refused = login('--method', 'browser');
        const location = new URL(entra.authorize(await lane.browser.continueToMicrosoft(), { cancel: true }));
        location.searchParams.set('error', 'invalid_grant');
        await lane.browser.comeBack(location.href);
        expect(await refused).toMatchObject({ exitCode: 9 });

        expect(await lane.record()).toBe(record);
        expect(await lane.helper('background')).toMatchObject({ state: 'ok' });
      }));
  });

  describe.concurrent('a throttled refresh', () => {
    // Long enough for three helpers and a new agent on a busy machine.
    const inTwentySeconds = (): string => new Date(Date.now() + 21_000).toUTCString();

    it.each([
      ['seconds', () => '20'],
      ['a date', inTwentySeconds],
    ])('Retry-After as %s: not asked before, not even by a new agent, then on its own again', (_, value) =>
      withLane(async (lane) => {
        const { entra } = lane.world;
        await lane.signedIn();
        entra.setFault('refresh', { kind: 'http', status: 429, body: {}, headers: { 'retry-after': value() } });
        expect(await lane.helper('mid-session-refresh')).toMatchObject({ exitCode: 7, stdout: '' });
        entra.setFault('refresh', undefined);
        const throttledAt = entra.requests.at(-1)?.at ?? 0;
        expect(await lane.helper('interactive')).toMatchObject({ exitCode: 7, stdout: '' });
        await lane.stopAgent();
        const again = await lane.helper('mid-session-refresh');
        expect(again).toMatchObject({ exitCode: 7, stdout: '' });
        expect(again.stderr).toContain('ERR_THROTTLED');
        expect(entra.count('refresh')).toBe(1);
        await sleep(Math.max(0, throttledAt + 21_200 - Date.now()));
        expect(await lane.helper('background')).toMatchObject({ state: 'ok' });
        expect(entra.count('refresh')).toBe(2);
      }),
    );
  });

  describe.concurrent('a refresh that hangs', () => {
    it('holds up no one who signs out and in again', () =>
      withLane(async (lane) => {
        const { entra } = lane.world;
        await lane.signedIn();
        entra.setFault('refresh', { kind: 'no-answer' });
        const hanging = lane.helper('background');
        await expect.poll(() => entra.count('refresh')).toBe(1);
        await lane.signedOut();
        expect(await lane.signIn()).toMatchObject({ state: 'ok' });
        // No one has waited until the refresh was given up.
        expect(lane.logged('refresh-failed')).toBe(0);
        expect(await hanging).toMatchObject({ state: 'failed', stdout: '' });
        expect(await lane.helper('background')).toMatchObject({ state: 'ok' });
      }));
  });

  describe.concurrent('a claims challenge', () => {
    it('goes with the next sign-in', () =>
      withLane(async (lane) => {
        const { entra } = lane.world;
        await lane.signedIn();
        const claims = '{"access_token":{"capolids":{"essential":true,"values":["canary-policy"]}}}';
        entra.failNext('refresh', { kind: 'aadsts', code: 50076, claims });
        expect(await lane.signIn()).toMatchObject({ state: 'ok' });
        const asked = entra.requests.filter(({ endpoint }) => endpoint === 'devicecode').at(-1);
        expect(asked?.parameters['claims']).toContain('canary-policy');
      }));
  });

  describe.concurrent('a sign-in whose keystore write fails', () => {
    it("hands out its token, says that it isn't kept, and keeps it once the keystore is open", () =>
      withLane(async (lane) => {
        const { world } = lane;
        const login = run(world.env, 'login');
        const userCode = await world.entra.waitForUserCode();
        await world.secretService?.lock();
        world.entra.approve(userCode);
        const { exitCode, stderr } = await login;
        expect(exitCode).toBe(0);
        expect(stderr).toMatch(/keystore/);
        expect(await lane.helper('background')).toMatchObject({ state: 'ok' });
        expect(await runJson(world.env, 'status')).toMatchObject({ signIn: 'signed-in', unsaved: true });
        await world.secretService?.unlock();
        // The long form waits for the agent's own next attempt; the short form makes it write before it leaves.
        if (isLong) await expect.poll(() => lane.record(), { timeout: 45_000, interval: 500 }).toBeDefined();
        if (isLong) await killAgent(world.env);
        else await lane.stopAgent();
        expect(await lane.helper('background')).toMatchObject({ state: 'ok' });
        expect(world.entra.count('devicecode')).toBe(1);
      }));

    it('of a later record: the newest refresh token is the one that is kept', () =>
      withLane(async (lane) => {
        const { world } = lane;
        await lane.signedIn();
        expect(await lane.helper('background')).toMatchObject({ state: 'ok' });
        const record = await lane.record();
        await world.secretService?.lock();
        const login = run(world.env, 'login');
        world.entra.approve(await world.entra.waitForUserCode());
        expect(await login).toMatchObject({ exitCode: 0 });
        await world.secretService?.unlock();
        expect(await lane.record()).toBe(record);
        await lane.stopAgent();
        expect(await lane.record()).toContain(world.entra.issued.refreshTokens.at(-1));
      }));
  });
}
