// What is broken in each row of doctor.test.ts, and what doctor has to say of it.
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { World, WorldOptions } from '../support/harness/world.ts';
import { createCertificateAuthority, type ServerCertificate } from '../support/servers/certificate-authority.ts';
import {
  type CertificateOptions,
  makeIdentity,
  pemOf,
  serverCertificate,
} from '../support/servers/faulty-certificates.ts';
import { foundryErrors } from '../support/servers/foundry-errors.ts';
import { jsonReply, listenHttps, sendReply } from '../support/servers/https-listener.ts';
import { binary, killAgent, run, writeDesktopConfig } from './support.ts';

export interface SeededFault {
  readonly fault: string;
  readonly world?: WorldOptions;
  /** Whether somebody has signed in before the fault is seeded; default yes. */
  readonly signedIn?: boolean;
  /** May return changes to the environment that `doctor` runs in, and something to end. */
  readonly seed?: (world: World) => Promise<Seeded | undefined> | Seeded | undefined;
  /** The one check that does not pass. */
  readonly check: string;
  readonly state?: 'warn' | 'fail';
  readonly cause: RegExp;
  readonly remedy: RegExp;
}

export interface Seeded {
  readonly env?: Readonly<Record<string, string>>;
  readonly close?: () => Promise<void>;
}

/** A profile as `config export` makes it. */
export const healthyProfile = {
  inferenceProvider: 'gateway',
  inferenceGatewayBaseUrl: 'https://contoso-foundry.services.ai.azure.com/anthropic',
  inferenceGatewayAuthScheme: 'bearer',
  modelDiscoveryEnabled: false,
  inferenceCredentialKind: 'helper-script',
  inferenceCredentialHelper: binary,
  inferenceCredentialHelperTtlSec: 900,
  inferenceCredentialHelperTimeoutSec: 600,
  inferenceModels: ['claude-sonnet-5', 'claude-opus-4-8'],
};

const UNKNOWN_ID = '00000000-1111-4222-8333-444444444444';

const profile =
  (changes: object): NonNullable<SeededFault['seed']> =>
  (world) => {
    writeDesktopConfig(world, { ...healthyProfile, ...changes });
    return undefined;
  };

const configure =
  (changes: object): NonNullable<SeededFault['seed']> =>
  (world) => {
    world.sandbox.writeConfig({ ...world.config, ...changes });
    return undefined;
  };

const entraFault =
  (...[endpoint, code]: readonly ['devicecode' | 'poll', number]): NonNullable<SeededFault['seed']> =>
  ({ entra }) => {
    entra.setFault(endpoint, { kind: 'aadsts', code });
    return undefined;
  };

const foundryFault =
  (name: keyof typeof foundryErrors): NonNullable<SeededFault['seed']> =>
  ({ foundry }) => {
    foundry.setFault('count_tokens', foundryErrors[name]);
    return undefined;
  };

/** Somebody else answers in the place of the sign-in host. */
async function impostor(
  world: World,
  options: { readonly commonName?: string; readonly notAfter?: Date; readonly name?: string },
): Promise<Seeded> {
  const authority = options.commonName === undefined ? world.ca : await createCertificateAuthority(options.commonName);
  const certificate = await authority.issue([options.name ?? 'login.microsoftonline.com'], {
    notBefore: new Date(Date.now() - 48 * 3_600_000),
    ...(options.notAfter === undefined ? {} : { notAfter: options.notAfter }),
  });
  return answerWith(world, certificate);
}

/** An authority that the computer trusts vouches for the sign-in host in a way that no client accepts. */
async function carelessAuthority(world: World, options: Partial<CertificateOptions>): Promise<Seeded> {
  const hosts = ['login.microsoftonline.com'];
  const issuer = await makeIdentity({ name: 'Careless Authority', authority: true });
  const caFile = join(world.sandbox.root, 'careless.pem');
  writeFileSync(caFile, world.ca.pem + pemOf(issuer.certificate));
  world.sandbox.writeConfig({ ...world.config, caFile });
  const leaf = await makeIdentity({ name: 'login', hosts, usage: 'server', issuer, ...options });
  return answerWith(world, await serverCertificate(leaf));
}

async function answerWith({ proxy }: World, certificate: ServerCertificate): Promise<Seeded> {
  const listener = await listenHttps(certificate, (_, response) => sendReply(response, jsonReply(200, {})));
  proxy.routes.set('login.microsoftonline.com:443', listener.port);
  return { close: () => listener.close() };
}

const configurationFaults: readonly SeededFault[] = [
  {
    fault: 'a setting is misspelled',
    seed: configure({ tenantID: 'contoso.com' }),
    check: 'configuration',
    state: 'warn',
    cause: /^unknown setting "tenantID" in .*; did you mean "tenantId"\?$/,
    remedy: /^remove it or correct its name, or update this program$/,
  },
  {
    fault: 'a required setting is misspelled',
    signedIn: false,
    world: { config: { clientId: undefined, clientid: '11111111-2222-3333-4444-555555555555' } },
    check: 'configuration',
    cause: /"clientId" can be set .*unknown setting "clientid" in .*did you mean "clientId"/,
    remedy: /remove it or correct its name/,
  },
  {
    fault: 'a setting breaks its rule',
    signedIn: false,
    seed: configure({ clientId: 'contoso' }),
    check: 'configuration',
    cause: /"clientId" in .*config\.json must be the GUID/,
    remedy: /correct the value where it is set/,
  },
  {
    fault: 'the client id is missing',
    signedIn: false,
    world: { config: { clientId: undefined } },
    check: 'configuration',
    cause: /"clientId" can be set/,
    remedy: /ask your IT department/,
  },
];

const localFaults: readonly SeededFault[] = [
  {
    fault: 'the keystore is locked',
    seed: async ({ env, secretService }) => {
      await killAgent(env);
      await secretService?.lock();
      return undefined;
    },
    check: 'keystore',
    cause: /keystore is locked/,
    remedy: /unlock it/,
  },
  {
    fault: 'the keystore waits for an answer',
    seed: async ({ env, secretService }) => {
      await killAgent(env);
      secretService?.pause();
      return undefined;
    },
    check: 'keystore',
    cause: /keystore is waiting for your permission/,
    remedy: /answer the dialog/,
  },
  {
    fault: 'no keystore runs',
    signedIn: false,
    world: { secretService: 'absent' },
    check: 'keystore',
    cause: /no Secret Service is running/,
    remedy: /install and start a Secret Service/,
  },
  {
    fault: "a file stands where the agent's folder should be",
    signedIn: false,
    seed: ({ sandbox }) => {
      mkdirSync(dirname(sandbox.runtimeFolder), { recursive: true });
      writeFileSync(sandbox.runtimeFolder, '');
      return undefined;
    },
    check: 'folders',
    cause: /foundry-credential-helper is not a folder/,
    remedy: /the named path is yours.*delete it/,
  },
  {
    fault: 'the terminal has another tenant than the agent',
    world: { config: { tenantId: undefined } },
    signedIn: false,
    seed: async ({ entra, env }) => {
      await run({ ...env, AZURE_TENANT_ID: entra.tenantId }, 'agent', 'start');
      return { env: { AZURE_TENANT_ID: entra.tenantDomain } };
    },
    check: 'sign-in',
    cause: /it sees another configuration/,
    remedy: /config\.json instead of environment variables/,
  },
];

const networkFaults: readonly SeededFault[] = [
  {
    fault: "the proxy's name does not exist",
    seed: configure({ proxy: 'http://proxy.invalid:8080' }),
    check: 'dns',
    cause: /proxy\.invalid, the name of the proxy, cannot be resolved/,
    remedy: /correct the host in "proxy"/,
  },
  {
    fault: 'the proxy does not run',
    seed: configure({ proxy: 'http://127.0.0.1:9' }),
    check: 'proxy',
    cause: /127\.0\.0\.1:9.*ECONNREFUSED/,
    remedy: /check host and port in "proxy"/,
  },
  {
    fault: 'the proxy asks for credentials',
    seed: ({ proxy }) => {
      proxy.mode = { refuse: 407 };
      return undefined;
    },
    check: 'proxy',
    cause: /proxy asks for credentials.*HTTP 407/,
    remedy: /give them in "proxy"/,
  },
  {
    fault: 'the proxy blocks the sign-in host',
    seed: ({ proxy }) => {
      proxy.routes.delete('login.microsoftonline.com:443');
      return undefined;
    },
    check: 'proxy',
    cause: /proxy refused the connection.*HTTP 403/,
    remedy: /allow the sign-in host in the proxy/,
  },
  {
    fault: 'the network inspects TLS with an unknown root',
    seed: (world) => impostor(world, { commonName: 'Contoso Inspection CA' }),
    check: 'tls',
    cause: /issuer of its certificate is not trusted.*"Contoso Inspection CA"/,
    remedy: /root certificate of the named issuer.*"caFile"/,
  },
  {
    fault: "the sign-in host's certificate is out of date",
    seed: (world) => impostor(world, { notAfter: new Date(Date.now() - 24 * 3_600_000) }),
    check: 'tls',
    cause: /certificate has expired, or the computer's clock is wrong/,
    remedy: /check date and time of this computer/,
  },
  {
    fault: "another server answers under the sign-in host's name",
    seed: (world) => impostor(world, { name: 'wifi.hotel.example' }),
    check: 'tls',
    cause: /its certificate is for another host\).*issued it to "wifi\.hotel\.example"$/,
    remedy: /^another server answers under this name: (?!.*(root certificate|caFile))/,
  },
  {
    fault: "the sign-in host's certificate is signed with SHA-1",
    seed: (world) => carelessAuthority(world, { hash: 'SHA-1' }),
    check: 'tls',
    cause:
      /digest algorithm too weak: its certificate, or an authority's, is too weak\); "Careless Authority" issued it$/,
    remedy: /must issue certificates with SHA-256/,
  },
  {
    fault: "the sign-in host's certificate is one for clients",
    seed: (world) => carelessAuthority(world, { usage: 'client' }),
    check: 'tls',
    cause: /INVALID_PURPOSE.*"Careless Authority" issued it$/,
    remedy: /must issue another certificate/,
  },
  {
    fault: 'a captive portal answers',
    seed: ({ entra }) => {
      entra.setFault('metadata', { kind: 'html' });
      return undefined;
    },
    check: 'tls',
    cause: /something that is not the sign-in service answered/,
    remedy: /open a browser and sign in to the network/,
  },
  {
    fault: "the computer's clock is two hours late",
    seed: ({ entra }) => {
      const date = new Date(Date.now() + 2 * 3_600_000).toUTCString();
      const body = { issuer: `https://login.microsoftonline.com/${entra.tenantId}/v2.0` };
      entra.setFault('metadata', { kind: 'http', status: 200, headers: { date }, body });
      return undefined;
    },
    check: 'clock',
    cause: /2 h behind/,
    remedy: /set date and time from the internet/,
  },
];

const entraFaults: readonly SeededFault[] = [
  {
    fault: 'Entra does not know the tenant',
    seed: configure({ tenantId: UNKNOWN_ID }),
    check: 'entra-tenant',
    cause: /does not know this tenant.*AADSTS90002/,
    remedy: /check "tenantId"/,
  },
  {
    fault: 'Entra does not know the application',
    seed: configure({ clientId: UNKNOWN_ID }),
    check: 'entra-application',
    cause: /does not know this application.*AADSTS700016/,
    remedy: /check "clientId" and "tenantId"/,
  },
  {
    fault: 'public client flows are off',
    seed: entraFault('poll', 7000218),
    check: 'entra-application',
    cause: /does not allow public client flows.*AADSTS7000218/,
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
    cause: /does not allow device code sign-in.*AADSTS530036/,
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
    cause: /nobody is signed in/,
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

const foundryFaults: readonly SeededFault[] = [
  {
    fault: 'the resource name is wrong',
    seed: (world) => {
      configure({ foundryResource: 'contoso-fuondry' })(world);
      const inferenceGatewayBaseUrl = 'https://contoso-fuondry.services.ai.azure.com/anthropic';
      return profile({ inferenceGatewayBaseUrl })(world);
    },
    check: 'foundry-endpoint',
    cause: /contoso-fuondry\.services\.ai\.azure\.com cannot be reached/,
    remedy: /check inferenceGatewayBaseUrl/,
  },
  {
    fault: 'the resource lets only its own network in',
    seed: foundryFault('networkRule'),
    check: 'foundry-endpoint',
    cause: /network rules of the Foundry resource/,
    remedy: /VPN/,
  },
  {
    fault: 'the role is missing (403)',
    seed: ({ foundry }) => {
      // Whoever brings no token meets the 401 first.
      foundry.failNext('count_tokens', foundryErrors.tokenRefused);
      foundry.setFault('count_tokens', foundryErrors.roleMissing);
      return undefined;
    },
    check: 'foundry-role',
    cause: /lacks the role.*HTTP 403 PermissionDenied/,
    remedy: /"Cognitive Services User"/,
  },
  {
    fault: 'the role is missing (401)',
    seed: foundryFault('roleMissingAs401'),
    check: 'foundry-role',
    cause: /lacks the role.*HTTP 401 PermissionDenied/,
    remedy: /"Cognitive Services User"/,
  },
  {
    fault: 'Foundry does not take the token (401)',
    seed: ({ entra }) => {
      entra.revokeAccessTokens();
      return undefined;
    },
    check: 'foundry-role',
    cause: /does not accept the token/,
    remedy: /"scope"/,
  },
  {
    fault: 'the resource is of another tenant',
    seed: foundryFault('otherTenant'),
    check: 'foundry-role',
    cause: /belongs to another tenant/,
    remedy: /set "tenantId"/,
  },
  {
    fault: 'a deployment does not exist',
    seed: configure({ models: ['claude-sonnet-5', 'claude-sonet-5', 'claude-opus-4-8'] }),
    check: 'deployment:claude-sonet-5',
    cause: /no deployment of this name.*DeploymentNotFound/,
    remedy: /deployment names, not model names/,
  },
];

const desktopFaults: readonly SeededFault[] = [
  {
    fault: 'Claude Desktop has no profile',
    seed: (world) => {
      writeFileSync(join(world.env['XDG_CONFIG_HOME'] ?? '', 'Claude-3p/configLibrary/_meta.json'), '{}');
      return undefined;
    },
    check: 'desktop-profile',
    state: 'warn',
    cause: /no configuration of Claude Desktop/,
    remedy: /config export/,
  },
  {
    fault: 'Claude Desktop uses a static key',
    seed: profile({ inferenceCredentialKind: 'static' }),
    check: 'desktop-profile',
    cause: /inferenceCredentialKind must be helper-script .*never runs the helper/,
    remedy: /set inferenceCredentialKind to helper-script/,
  },
  {
    fault: 'the helper path has arguments',
    seed: profile({ inferenceCredentialHelper: `${binary} --desktop` }),
    check: 'desktop-helper',
    cause: /has arguments after .*foundry-credential-helper;/,
    remedy: /the path only/,
  },
  {
    fault: 'the helper path leads nowhere',
    seed: profile({ inferenceCredentialHelper: '/opt/gone/foundry-credential-helper' }),
    check: 'desktop-helper',
    cause: /there's no such program: \/opt\/gone\/…/,
    remedy: /set inferenceCredentialHelper to/,
  },
  {
    fault: 'the helper path is another program',
    seed: (world) => {
      const other = join(world.sandbox.root, 'old-helper');
      copyFileSync('/bin/true', other);
      chmodSync(other, 0o755);
      return profile({ inferenceCredentialHelper: other })(world);
    },
    check: 'desktop-helper',
    cause: /old-helper, which isn't this program/,
    remedy: /set inferenceCredentialHelper to/,
  },
  {
    fault: 'Claude Desktop would send the token as a key',
    seed: profile({
      inferenceProvider: 'foundry',
      inferenceGatewayBaseUrl: undefined,
      inferenceGatewayAuthScheme: undefined,
      inferenceFoundryResource: 'contoso-foundry',
    }),
    check: 'desktop-header',
    cause:
      /sends the helper's value as "x-api-key"; the endpoint accepts an Entra token as "Authorization: Bearer" only/,
    remedy: /set inferenceProvider to gateway/,
  },
  {
    fault: 'the gateway address lacks its path',
    seed: profile({ inferenceGatewayBaseUrl: 'https://contoso-foundry.services.ai.azure.com' }),
    check: 'desktop-profile',
    cause: /inferenceGatewayBaseUrl must end in \/anthropic/,
    remedy: /\/anthropic/,
  },
  {
    fault: 'the models are no JSON list',
    seed: profile({ inferenceModels: 'claude-sonnet-5,claude-opus-4-8' }),
    check: 'desktop-profile',
    cause: /inferenceModels must be a JSON list/,
    remedy: /write it as \["claude-sonnet-5"/,
  },
  {
    fault: 'Claude Desktop asks people to start over whenever its cache time runs out',
    seed: profile({ inferenceCredentialHelperSilentRefreshEnabled: false }),
    check: 'desktop-profile',
    state: 'warn',
    cause: /inferenceCredentialHelperSilentRefreshEnabled is off/,
    remedy: /remove the key or set it to true/,
  },
  {
    fault: 'the local configuration is not JSON',
    seed: (world) => {
      writeDesktopConfig(world, {});
      const folder = join(world.env['XDG_CONFIG_HOME'] ?? '', 'Claude-3p/configLibrary');
      writeFileSync(join(folder, '_meta.json'), '{');
      return undefined;
    },
    check: 'desktop-profile',
    cause: /Claude Desktop can't use .*_meta\.json: it is not valid JSON, line 1/,
    remedy: /apply the configuration again in Claude Desktop, or run "claude-desktop configure"/,
  },
  {
    fault: 'Claude Desktop keeps a token longer than it lives',
    seed: profile({ inferenceCredentialHelperTtlSec: '4500' }),
    check: 'token-lifetime',
    state: 'warn',
    cause: /keeps a token for 4500 s .*may die after \d+ s/,
    remedy: /set inferenceCredentialHelperTtlSec to 900/,
  },
];

export const seededFaults: readonly SeededFault[] = [
  ...configurationFaults,
  ...localFaults,
  ...networkFaults,
  ...entraFaults,
  ...foundryFaults,
  ...desktopFaults,
];
