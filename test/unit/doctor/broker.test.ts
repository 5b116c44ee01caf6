import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/core/errors.ts';
import { accountsOutcome } from '../../../src/doctor/checks/broker.ts';
import { remedyFor } from '../../../src/doctor/sign-in-remedy.ts';
import { readEnrollment, windowsEnrollment } from '../../../src/doctor/windows-enrollment.ts';
import type { BrokerAccount } from '../../../src/entra/broker/broker.ts';

const CLIENT = '66666666-7777-8888-9999-000000000000';

/** As Windows 11 prints it, shortened: https://learn.microsoft.com/entra/identity/devices/troubleshoot-device-dsregcmd. */
const status = (joined: string, registered: string, primaryToken: string): string =>
  `
+----------------------------------------------------------------------+
| Device State                                                         |
+----------------------------------------------------------------------+

             AzureAdJoined : ${joined}
          EnterpriseJoined : NO
              DomainJoined : NO
               Device Name : ADA-LAPTOP

+----------------------------------------------------------------------+
| User State                                                           |
+----------------------------------------------------------------------+

                    NgcSet : YES
           WorkplaceJoined : ${registered}

+----------------------------------------------------------------------+
| SSO State                                                            |
+----------------------------------------------------------------------+

                AzureAdPrt : ${primaryToken}
`.replaceAll('\n', '\r\n');

describe('what dsregcmd says', () => {
  it.each([
    ['YES', 'NO', 'YES', { state: 'joined', hasPrimaryToken: true }],
    ['YES', 'NO', 'NO', { state: 'joined', hasPrimaryToken: false }],
    ['NO', 'YES', 'NO', { state: 'registered', hasPrimaryToken: false }],
    ['NO', 'NO', 'NO', { state: 'none', hasPrimaryToken: false }],
  ])('AzureAdJoined %s, WorkplaceJoined %s, AzureAdPrt %s', (joined, registered, primaryToken, expected) => {
    expect(readEnrollment(status(joined, registered, primaryToken))).toEqual(expected);
  });

  it.each([
    ['', undefined],
    ['Azure Ad Joined : YES', undefined],
    ['AzureAdJoined : YESNO', undefined],
  ])('%j decides nothing', (text, expected) => {
    expect(readEnrollment(text)).toEqual(expected);
  });

  it('is asked of Windows’ own program, and nothing if that fails', async () => {
    const calls: unknown[] = [];
    const answer = (exitCode: number | undefined) =>
      windowsEnrollment({ SystemRoot: 'D:\\Windows' }, async (...call) => {
        calls.push(call);
        return { exitCode, stdout: Buffer.from(status('YES', 'NO', 'YES')), stderr: Buffer.alloc(0) };
      });
    expect(await answer(0)).toEqual({ state: 'joined', hasPrimaryToken: true });
    expect(await answer(1)).toBeUndefined();
    expect(await answer(undefined)).toBeUndefined();
    expect(calls[0]).toEqual(['D:\\Windows\\System32\\dsregcmd.exe', ['/status'], 5_000]);
  });
});

const account = (username: string): BrokerAccount => ({
  brokerAccountId: username,
  homeAccountId: `${username}.tenant`,
  localAccountId: username,
  tenantId: 'tenant',
  environment: 'login.windows.net',
  username,
});
const [ada, alan] = [account('ada'), account('alan')];

describe('the accounts of a broker', () => {
  it('are counted and never named', () => {
    const one = accountsOutcome([ada], { version: '2.0.4' }, 'linux');
    expect(one).toEqual({
      state: 'ok',
      detail: 'it answers (version 2.0.4), and knows one account for this sign-in',
      facts: { accounts: 1, version: '2.0.4' },
    });
    const two = accountsOutcome([ada, alan], {}, 'linux');
    expect(two).toMatchObject({ state: 'ok', facts: { accounts: 2 }, detail: expect.stringContaining('accountHint') });
    expect(JSON.stringify([one, two])).not.toMatch(/ada|alan/);
  });

  it.each([
    ['linux', [], undefined, /no work account/, /intune-portal.*Himmelblau/],
    ['win32', [], { state: 'registered', hasPrimaryToken: false }, /no work account/, /Access work or school/],
    ['win32', [ada], { state: 'none', hasPrimaryToken: false }, /isn't registered/, /Access work or school/],
    ['win32', [ada], { state: 'joined', hasPrimaryToken: false }, /AzureAdPrt : NO/, /unlock it/],
  ] as const)('get a warning on %s: %j, %j', (platform, accounts, enrollment, detail, remedy) => {
    expect(accountsOutcome(accounts, { enrollment }, platform)).toMatchObject({
      state: 'warn',
      detail: expect.stringMatching(detail),
      remedy: expect.stringMatching(remedy),
    });
  });

  it.each([
    { state: 'joined', hasPrimaryToken: true },
    { state: 'registered', hasPrimaryToken: false },
  ] as const)('are fine on Windows with %j', (enrollment) => {
    expect(accountsOutcome([ada], { enrollment }, 'win32')).toMatchObject({ state: 'ok' });
  });
});

describe('the remedy for a refusal', () => {
  type Method = 'device-code' | 'browser' | 'broker';
  const remedy = (code: ConstructorParameters<typeof AppError>[0], signInMethod: Method, platform: NodeJS.Platform) =>
    remedyFor(new AppError(code), { signInMethod, clientId: CLIENT }, platform);

  it('names the exact redirect URI of this system’s broker', () => {
    expect(remedy('ERR_BROKER_REDIRECT', 'broker', 'win32')).toContain(
      ` ms-appx-web://Microsoft.AAD.BrokerPlugin/${CLIENT} `,
    );
    expect(remedy('ERR_BROKER_REDIRECT', 'broker', 'linux')).toContain(
      ' https://login.microsoftonline.com/common/oauth2/nativeclient ',
    );
  });

  it('points to the broker only where there is one, and only if it isn’t used yet', () => {
    for (const code of ['ERR_DEVICE_REQUIRED', 'ERR_POLICY_BLOCKED', 'ERR_TOKEN_PROTECTION'] as const) {
      const pointing = (['device-code', 'browser', 'broker'] as const).flatMap((method) =>
        (['win32', 'linux', 'darwin'] as const)
          .filter((platform) => remedy(code, method, platform)?.includes('"signInMethod" to "broker"'))
          .map((platform) => `${method} ${platform}`),
      );
      // Microsoft offers token protection on no Linux.
      const platforms = code === 'ERR_TOKEN_PROTECTION' ? ['win32'] : ['win32', 'linux'];
      expect(pointing, code).toEqual(
        ['device-code', 'browser'].flatMap((method) => platforms.map((platform) => `${method} ${platform}`)),
      );
    }
  });

  it('speaks of device codes only if people sign in with them', () => {
    expect(remedy('ERR_POLICY_BLOCKED', 'device-code', 'linux')).toContain('blocks device codes');
    expect(remedy('ERR_POLICY_BLOCKED', 'browser', 'linux')).not.toContain('device codes');
    expect(remedy('ERR_POLICY_BLOCKED', 'broker', 'linux')).not.toContain('device codes');
  });

  it('is the error table’s for everything else', () => {
    expect(remedy('ERR_CONSENT_REQUIRED', 'broker', 'linux')).toBeUndefined();
    expect(remedy('ERR_BROKER_REDIRECT', 'broker', 'darwin')).toBeUndefined();
  });
});
