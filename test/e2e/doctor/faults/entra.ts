import type { World } from '../../../support/harness/world.ts';
import type { Fault } from '../../../support/servers/fault.ts';
import { configure, editConfig, type SeededFault, UNKNOWN_ID } from './row.ts';
import { changedInEntra, type Repair, restoreConfig, type Seed, seedFault } from './seeds.ts';
import { signInFaults } from './sign-in.ts';

/** Entra refuses the device code that doctor asks for, or its poll. */
const refuseDoctor = (endpoint: 'devicecode' | 'poll', code: number): Seed =>
  seedFault(endpoint, { kind: 'aadsts', code });

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
  return editConfig({ cloud: 'public' })(world);
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
    cause: /approved.*AADSTS65001/,
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

export const entraFaults: readonly SeededFault[] = [...tenantFaults, ...applicationFaults, ...signInFaults];
