import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { killAgent, run } from '../../support.ts';
import { configure, type SeededFault, UNKNOWN_ID } from './row.ts';

const entraFault =
  (...[endpoint, code]: readonly ['devicecode' | 'poll', number]): NonNullable<SeededFault['seed']> =>
  ({ entra }) => {
    entra.setFault(endpoint, { kind: 'aadsts', code });
    return undefined;
  };

export const entraFaults: readonly SeededFault[] = [
  {
    fault: 'Entra does not know the tenant',
    seed: configure({ tenantId: UNKNOWN_ID }),
    check: 'entra-tenant',
    cause: /Entra doesn't know this tenant.*AADSTS90002/,
    remedy: /check "tenantId"/,
  },
  {
    fault: 'Entra does not know the application',
    seed: configure({ clientId: UNKNOWN_ID }),
    check: 'entra-application',
    cause: /Entra doesn't know this application.*AADSTS700016/,
    remedy: /check "clientId" and "tenantId"/,
  },
  {
    fault: 'public client flows are off',
    seed: entraFault('poll', 7000218),
    check: 'entra-application',
    cause: /doesn't allow public client flows.*AADSTS7000218/,
    remedy: /"Allow public client flows" to Yes/,
  },
  {
    fault: 'the application is disabled',
    seed: entraFault('devicecode', 7000112),
    check: 'entra-application',
    cause: /turned off sign-in to this application.*AADSTS7000112/,
    remedy: /Enterprise applications > Properties/,
  },
  {
    fault: 'Azure Cognitive Services is missing',
    seed: entraFault('poll', 500011),
    check: 'entra-application',
    cause: /doesn't have Azure Cognitive Services.*AADSTS500011/,
    remedy: /az ad sp create --id 7d312290-28c8-473c-a0ed-8e53749b6d6d/,
  },
  {
    fault: 'Entra names a number that is not listed',
    seed: entraFault('devicecode', 999999),
    check: 'entra-application',
    cause: /AADSTS999999: Error of a kind .*; see https:\/\/login\.microsoftonline\.com\/error\?code=999999/,
    remedy: /Entra sign-in log/,
  },
  {
    fault: 'nobody has consented',
    seed: entraFault('devicecode', 65001),
    check: 'entra-application',
    cause: /admin has not yet approved.*AADSTS65001/,
    remedy: /grant admin consent/,
  },
  {
    fault: 'consent was taken back after the sign-in',
    seed: async ({ entra, env }) => {
      entra.setFault('refresh', { kind: 'aadsts', code: 65001 });
      await killAgent(env);
      return undefined;
    },
    check: 'token',
    cause: /admin has not yet approved.*AADSTS65001/,
    remedy: /grant admin consent/,
  },
  {
    fault: 'device codes are blocked (530036)',
    seed: entraFault('poll', 530036),
    check: 'entra-application',
    cause: /doesn't allow sign-in with a device code.*AADSTS530036/,
    remedy: /"signInMethod" to "browser"/,
  },
  {
    fault: 'device codes are blocked (53003)',
    seed: entraFault('devicecode', 53003),
    check: 'entra-application',
    cause: /Conditional Access policy refuses.*AADSTS53003 \(correlation id [\da-f-]{36}\)/,
    remedy: /"signInMethod" to "browser"/,
  },
  {
    fault: 'nobody is signed in',
    signedIn: false,
    check: 'sign-in',
    cause: /you're not signed in/,
    remedy: /login/,
  },
  {
    fault: 'the sign-in was revoked',
    seed: async ({ entra, env }) => {
      entra.revokeAll();
      await killAgent(env);
      return undefined;
    },
    check: 'token',
    cause: /expired or was revoked/,
    remedy: /login/,
  },
  {
    fault: 'the scope is that of another service',
    world: { config: { scope: 'https://graph.microsoft.com/.default' } },
    check: 'token',
    cause: /it is for "https:\/\/graph\.microsoft\.com", which Foundry does not accept/,
    remedy: /remove "scope"/,
  },
  {
    fault: 'the scope is that of a gateway, but Foundry is called directly',
    world: { config: { scope: 'api://99999999-8888-7777-6666-555555555555/.default' } },
    check: 'token',
    cause: /it is for "api:\/\/99999999-[^"]*", which Foundry does not accept/,
    remedy: /set "baseUrl" to the address of the gateway that "scope" belongs to/,
  },
  {
    fault: 'the agent hands out API keys',
    world: { config: { credential: undefined } },
    signedIn: false,
    seed: async (world) => {
      configure({ credential: 'api-key' })(world);
      await run(world.env, 'agent', 'start');
      const other = join(world.sandbox.root, 'other.json');
      writeFileSync(other, JSON.stringify(world.config), { mode: 0o600 });
      return { env: { FOUNDRY_CREDENTIAL_HELPER_CONFIG: other } };
    },
    check: 'sign-in',
    cause: /the agent hands out an API key: it sees another configuration/,
    remedy: /set "credential" in config\.json/,
  },
];
