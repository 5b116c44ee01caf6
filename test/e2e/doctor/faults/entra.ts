import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { World } from '../../../support/harness/world.ts';
import type { EntraEndpoint } from '../../../support/servers/entra-server.ts';
import type { Fault } from '../../../support/servers/fault.ts';
import { killAgent, run, signIn } from '../../support.ts';
import { metByAgent, type Repair, restoreConfig, type Seed } from './middlebox.ts';
import { configure, type SeededFault, UNKNOWN_ID } from './row.ts';

const seedFault =
  (endpoint: EntraEndpoint, fault: Fault): Seed =>
  ({ entra }) => {
    entra.setFault(endpoint, fault);
    return undefined;
  };

/** Entra refuses the device code that doctor asks for, or its poll. */
const refuseDoctor = (endpoint: 'devicecode' | 'poll', code: number): Seed =>
  seedFault(endpoint, { kind: 'aadsts', code });

/** Entra refuses to renew the sign-in, and the agent has met that before doctor asks. */
const refuseRefresh = (code: number): Seed => metByAgent(seedFault('refresh', { kind: 'aadsts', code }));

/** What the admin does in Entra. */
const changedInEntra: Repair = ({ entra }) => {
  for (const endpoint of ['metadata', 'devicecode', 'poll', 'refresh'] as const) entra.setFault(endpoint, undefined);
  return undefined;
};

/** Doctor's own codes, which nobody enters, would be taken for those of the sign-in that follows. */
function closeDoctorsCodes({ entra }: World): void {
  for (let code = entra.deviceCodes.newestPending(); code !== undefined; code = entra.deviceCodes.newestPending()) {
    entra.decline(code.userCode);
  }
}

const signInAgain: Repair = async (world) => {
  closeDoctorsCodes(world);
  const { state, stderr } = await signIn(world);
  if (state !== 'ok') throw new Error(`the sign-in failed: ${stderr}`);
  return undefined;
};

const editConfig =
  (changes: object): Repair =>
  (world) => {
    configure(changes)(world);
    return undefined;
  };

/** `agent stop`, then `login`, as remedies name them. */
async function stopAndLogIn(world: World): Promise<undefined> {
  const { env, entra } = world;
  closeDoctorsCodes(world);
  await run(env, 'agent', 'stop');
  const login = run(env, 'login', '--no-browser');
  entra.approve(await entra.waitForUserCode());
  const { exitCode, stderr } = await login;
  if (exitCode !== 0) throw new Error(`login failed: ${stderr}`);
  return undefined;
}

const swapped: Seed = (world) => {
  const { entra } = world;
  return configure({ tenantId: entra.clientId, clientId: entra.tenantId })(world);
};

/** The IDs as the app registration's Overview page shows them. */
const correctIds: Repair = restoreConfig;

/** The settings name the US Government cloud. Its sign-in host answers for the tenant with this fault. */
const otherCloud =
  (fault: (world: World) => Fault): Seed =>
  (world) => {
    const { proxy, entra } = world;
    proxy.routes.set('login.microsoftonline.us:443', entra.port);
    entra.setFault('metadata', fault(world));
    const baseUrl = 'https://contoso-foundry.services.ai.azure.com/anthropic';
    return configure({ cloud: 'usgovernment', baseUrl, foundryResource: undefined })(world);
  };

/** There Entra has no fault. */
const publicCloud: Repair = (world, seeded) => {
  changedInEntra(world, seeded);
  return editConfig({ cloud: 'public' })(world, seeded);
};

const tenantFaults: readonly SeededFault[] = [
  {
    fault: 'Entra does not know the tenant',
    seed: configure({ tenantId: UNKNOWN_ID }),
    check: 'entra-tenant',
    cause: /Entra doesn't know this tenant.*AADSTS90002/,
    remedy: /check "tenantId"/,
    repair: correctIds,
  },
  {
    fault: 'tenant and client ID are swapped',
    seed: swapped,
    check: 'entra-tenant',
    cause:
      /doesn't know this tenant.*AADSTS90002.*; the value of "clientId" is a tenant, so the two values are swapped$/,
    remedy: /^swap the values of "tenantId" \(.*config\.json\) and "clientId" \(.*config\.json\)$/,
    repair: correctIds,
  },
  {
    fault: 'the client ID is where the tenant ID belongs too',
    seed: (world) => configure({ tenantId: world.entra.clientId })(world),
    check: 'entra-tenant',
    cause: /AADSTS90002.*; "tenantId" and "clientId" have the same value$/,
    remedy: /set "tenantId" to the "Directory \(tenant\) ID"/,
    repair: correctIds,
  },
  {
    fault: 'the tenant ID is where the client ID belongs too',
    seed: (world) => configure({ clientId: world.entra.tenantId })(world),
    check: 'entra-application',
    cause: /AADSTS700016.*; "tenantId" and "clientId" have the same value$/,
    remedy: /set "clientId" to the "Application \(client\) ID"/,
    repair: correctIds,
  },
  {
    fault: '"cloud" is another than the tenant\'s, and Entra refuses it',
    seed: otherCloud(() => ({ kind: 'aadsts', code: 900440 })),
    check: 'entra-tenant',
    cause: /AADSTS900440 \("cloud"\): it belongs to another national cloud/,
    remedy: /"cloud" for a national cloud/,
    repair: publicCloud,
  },
  {
    fault: '"cloud" is another than the one that Entra names',
    seed: otherCloud(({ entra }) => ({
      kind: 'changed-field',
      field: 'issuer',
      value: `https://login.microsoftonline.com/${entra.tenantId}/v2.0`,
    })),
    check: 'entra-tenant',
    cause: /^it belongs to the cloud "public", and "cloud" is "usgovernment"$/,
    remedy: /^set "cloud" to "public"$/,
    repair: publicCloud,
  },
  {
    fault: 'Entra is busy when it is asked for the tenant',
    seed: seedFault('metadata', { kind: 'aadsts', code: 90055, retryAfterSec: 1 }),
    check: 'entra-tenant',
    state: 'warn',
    cause: /login\.microsoftonline\.com \(AADSTS90055\)/,
    remedy: /no action/,
    repair: changedInEntra,
  },
];

const applicationFaults: readonly SeededFault[] = [
  {
    fault: 'Entra does not know the application',
    seed: configure({ clientId: UNKNOWN_ID }),
    check: 'entra-application',
    cause: /doesn't know this application.*AADSTS700016/,
    remedy: /set "clientId" to the "Application \(client\) ID".*registered in this tenant/,
    repair: correctIds,
  },
  {
    fault: 'public client flows are off',
    seed: refuseDoctor('poll', 7000218),
    check: 'entra-application',
    cause: /doesn't allow public client flows.*AADSTS7000218/,
    remedy: /"Allow public client flows" to Yes/,
    repair: changedInEntra,
  },
  {
    fault: 'the application is disabled',
    seed: refuseDoctor('devicecode', 7000112),
    check: 'entra-application',
    cause: /turned off sign-in to this application.*AADSTS7000112/,
    remedy: /Enterprise applications > Properties/,
    repair: changedInEntra,
  },
  {
    fault: 'Azure Cognitive Services is missing',
    seed: refuseDoctor('poll', 500011),
    check: 'entra-application',
    cause: /doesn't have Azure Cognitive Services.*AADSTS500011/,
    remedy: /az ad sp create --id 7d312290-28c8-473c-a0ed-8e53749b6d6d/,
    repair: changedInEntra,
  },
  {
    fault: 'Entra names a number that is not listed',
    seed: refuseDoctor('devicecode', 999999),
    check: 'entra-application',
    cause: /AADSTS999999: Error of a kind .*; see https:\/\/login\.microsoftonline\.com\/error\?code=999999/,
    remedy: /Entra sign-in log/,
    repair: changedInEntra,
  },
  {
    fault: 'nobody has consented',
    seed: refuseDoctor('devicecode', 65001),
    check: 'entra-application',
    cause: /admin has not yet approved.*AADSTS65001/,
    remedy: /grant admin consent/,
    repair: changedInEntra,
  },
  {
    fault: 'device codes are blocked (530036)',
    seed: refuseDoctor('poll', 530036),
    check: 'entra-application',
    cause: /doesn't allow sign-in with a device code.*AADSTS530036/,
    remedy: /"signInMethod" to "browser"/,
    repair: editConfig({ signInMethod: 'browser' }),
  },
  {
    fault: 'device codes are blocked (53003)',
    seed: refuseDoctor('devicecode', 53003),
    check: 'entra-application',
    cause: /Conditional Access policy refuses.*AADSTS53003 \(correlation id [\da-f-]{36}\)/,
    remedy: /"signInMethod" to "browser"/,
    repair: editConfig({ signInMethod: 'browser' }),
  },
  {
    fault: 'device codes are blocked, and the browser is the way out',
    world: { config: { browserSignInFallback: true } },
    seed: refuseDoctor('poll', 530036),
    check: 'entra-application',
    state: 'warn',
    cause: /Entra refuses device codes \(AADSTS530036\)/,
    remedy: /^set "signInMethod" to "browser"/,
    repair: editConfig({ signInMethod: 'browser' }),
  },
  {
    fault: 'Entra is busy when it is asked for a device code',
    seed: seedFault('devicecode', { kind: 'aadsts', code: 90055, retryAfterSec: 1 }),
    check: 'entra-application',
    state: 'warn',
    cause: /login\.microsoftonline\.com \(AADSTS90055\)/,
    remedy: /no action/,
    repair: changedInEntra,
  },
  {
    fault: 'something answers with JSON instead of a device code',
    seed: seedFault('devicecode', { kind: 'http', status: 200, body: { success: true, session: 'guest' } }),
    check: 'entra-application',
    cause: /login\.microsoftonline\.com \(device code reply without a device code\)/,
    remedy: /open https:\/\/login\.microsoftonline\.com in a browser/,
    repair: changedInEntra,
  },
  {
    fault: 'something answers with JSON instead of a token',
    seed: seedFault('poll', { kind: 'http', status: 200, body: { success: true, session: 'guest' } }),
    check: 'entra-application',
    cause: /login\.microsoftonline\.com \(HTTP 200 without an OAuth error\)/,
    remedy: /open https:\/\/login\.microsoftonline\.com in a browser/,
    repair: changedInEntra,
  },
  {
    fault: 'a filter lets questions pass, but blocks forms with a page of its own',
    seed: seedFault('devicecode', { kind: 'html', status: 403 }),
    check: 'entra-application',
    cause: /login\.microsoftonline\.com \(HTTP 403, text\/html, not a JSON object\)/,
    remedy: /let the team that runs the proxy or firewall allow login\.microsoftonline\.com/,
    repair: changedInEntra,
  },
];

const refusedAfterSignIn = (
  row: Pick<SeededFault, 'fault' | 'cause' | 'remedy'> & { readonly code: number; readonly repair?: Repair },
): SeededFault => ({ check: 'token', repair: changedInEntra, seed: refuseRefresh(row.code), ...row });

const signInFaults: readonly SeededFault[] = [
  {
    fault: 'nobody is signed in',
    signedIn: false,
    check: 'sign-in',
    cause: /you're not signed in/,
    remedy: /login/,
    repair: signInAgain,
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
    repair: signInAgain,
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
    repair: signInAgain,
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
    cause: /not assigned to the application: AADSTS50105/,
    remedy: /Enterprise applications > Users and groups/,
  }),
  refusedAfterSignIn({
    fault: 'the computer is not compliant anymore (53000)',
    code: 53000,
    cause:
      /AADSTS53000: the policy requires a compliant device, and this one isn't, or Entra can't tell \(correlation id/,
    remedy: /Conditional Access policy in the Entra sign-in log by the correlation id/,
  }),
  refusedAfterSignIn({
    fault: 'multifactor authentication is due (50076)',
    code: 50076,
    cause: /AADSTS50076: multifactor authentication is required/,
    remedy: /login/,
    // The sign-in with it is another one: refreshes of the old one are still refused.
    repair: signInAgain,
  }),
  refusedAfterSignIn({
    fault: 'consent was taken back after the sign-in',
    code: 65001,
    cause: /admin has not yet approved.*AADSTS65001/,
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
    remedy: /remove "scope".*"agent stop" and "login"/,
    repair: async (world) => {
      configure({ scope: undefined })(world);
      return stopAndLogIn(world);
    },
  },
  {
    fault: 'the scope is that of a gateway, but Foundry is called directly',
    world: { config: { scope: 'api://99999999-8888-7777-6666-555555555555/.default' } },
    check: 'token',
    cause: /it's for "api:\/\/99999999-[^"]*", which Foundry doesn't accept/,
    remedy: /set "baseUrl" to the address of the gateway that "scope" belongs to, or remove "scope"/,
    repair: async (world) => {
      configure({ scope: undefined })(world);
      return stopAndLogIn(world);
    },
  },
  {
    fault: 'the agent hands out API keys',
    seed: async (world) => {
      configure({ credential: 'api-key' })(world);
      await killAgent(world.env);
      await run(world.env, 'agent', 'start');
      const other = join(world.sandbox.root, 'other.json');
      writeFileSync(other, JSON.stringify(world.config), { mode: 0o600 });
      return { env: { FOUNDRY_CREDENTIAL_HELPER_CONFIG: other } };
    },
    check: 'sign-in',
    cause: /the agent hands out an API key: it sees another configuration/,
    remedy: /set "credential" in config\.json.*"agent stop"/,
    repair: async (world) => {
      configure({ credential: 'entra' })(world);
      await run(world.env, 'agent', 'stop');
      return undefined;
    },
  },
];

export const entraFaults: readonly SeededFault[] = [...tenantFaults, ...applicationFaults, ...signInFaults];
