import { setTimeout as sleep } from 'node:timers/promises';
import { killAgent } from '../../support.ts';
import { command, editConfig, inTurn, login, type SeededFault } from './row.ts';
import { changedInEntra, metByAgent, type Repair, type Seed, seedFault } from './seeds.ts';

/** Entra refuses to renew the sign-in, and the agent has met that before doctor asks. */
const refuseRefresh = (code: number): Seed => metByAgent(seedFault('refresh', { kind: 'aadsts', code }));

const refusedAfterSignIn = (
  row: Pick<SeededFault, 'fault' | 'cause' | 'remedy'> & { readonly code: number; readonly repair?: Repair },
): SeededFault => ({ check: 'token', repair: changedInEntra, seed: refuseRefresh(row.code), ...row });

export const signInFaults: readonly SeededFault[] = [
  {
    fault: 'nobody is signed in',
    signedIn: false,
    check: 'sign-in',
    cause: /you're not signed in/,
    remedy: /login/,
    repair: login,
  },
  {
    fault: 'the sign-in was revoked, and the agent has not met that yet',
    seed: async ({ entra, env }) => {
      entra.revokeAll();
      await killAgent(env);
      return undefined;
    },
    check: 'token',
    cause: /expired or was revoked/,
    remedy: /login/,
    repair: login,
  },
  {
    fault: 'the password was changed (50173), and the agent has met that',
    seed: metByAgent(({ entra }) => {
      entra.revokeAll();
      return undefined;
    }),
    check: 'sign-in',
    cause: /AADSTS50173.*the password was changed, or you or an admin revoked the sign-in/,
    remedy: /login/,
    repair: login,
  },
  refusedAfterSignIn({
    fault: 'the account was disabled after the sign-in (50057)',
    code: 50057,
    cause: /account is disabled or unknown: AADSTS50057: it is disabled/,
    remedy: /checks the account in Entra/,
  }),
  refusedAfterSignIn({
    fault: 'the account is not assigned anymore (50105)',
    code: 50105,
    cause: /assigned to the application: AADSTS50105/,
    remedy: /Enterprise applications > Users and groups/,
  }),
  refusedAfterSignIn({
    fault: 'the computer is not compliant anymore (53000)',
    code: 53000,
    cause:
      /AADSTS53000: the policy requires a compliant device, and this one isn't, or Entra can't tell \(correlation id/,
    remedy: /in Intune whether this computer is enrolled and compliant/,
  }),
  refusedAfterSignIn({
    fault: 'multifactor authentication is due (50076)',
    code: 50076,
    cause: /AADSTS50076: multifactor authentication is required/,
    remedy: /login/,
    // The sign-in with it is another one: refreshes of the old one are still refused.
    repair: login,
  }),
  refusedAfterSignIn({
    fault: 'consent was taken back after the sign-in',
    code: 65001,
    cause: /approved.*AADSTS65001/,
    remedy: /grant admin consent/,
  }),
  {
    fault: 'Entra is busy when the sign-in is renewed',
    seed: metByAgent(seedFault('refresh', { kind: 'aadsts', code: 90055, retryAfterSec: 8 })),
    check: 'token',
    cause: /login\.microsoftonline\.com \(AADSTS90055\)/,
    remedy: /no action/,
    repair: async (world) => {
      changedInEntra(world, undefined);
      const { grants } = world.entra;
      while (grants.refresh_token === 0) await sleep(100);
      return undefined;
    },
  },
  {
    fault: 'the scope is that of another service',
    world: { config: { scope: 'https://graph.microsoft.com/.default' } },
    check: 'token',
    cause: /it's for "https:\/\/graph\.microsoft\.com", which Foundry doesn't accept/,
    remedy: /remove "scope".*agent stop" and ".*login"/,
    repair: inTurn(editConfig({ scope: undefined }), command('agent', 'stop'), login),
  },
  {
    fault: 'the scope is that of a gateway, but Foundry is called directly',
    world: { config: { scope: 'api://99999999-8888-7777-6666-555555555555/.default' } },
    check: 'token',
    cause: /it's for "api:\/\/99999999-[^"]*", which Foundry doesn't accept/,
    remedy: /set "baseUrl" to the address of the gateway that "scope" belongs to, or remove "scope"/,
    repair: inTurn(editConfig({ scope: undefined }), command('agent', 'stop'), login),
  },
];
