// API Management in front of Foundry, set up as docs/how-to/api-management.md says: the compiled binary signs in to it,
// its token opens it, and `doctor` tells the gateway's refusals from those of Foundry behind it.
import { request } from 'node:https';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Finding } from '../../src/doctor/check.ts';
import { type ApiManagementWorld, apiOf, createApiManagementWorld } from '../support/harness/api-management-world.ts';
import { runHelper } from '../support/harness/claude-desktop.ts';
import { sample } from '../support/harness/long.ts';
import type { WorldOptions } from '../support/harness/world.ts';
import { apiManagementErrors } from '../support/servers/api-management-errors.ts';
import type { FaultTime } from '../support/servers/api-management-server.ts';
import { foundryErrors } from '../support/servers/foundry-errors.ts';
import { binary, run, runJson, signIn, writeDesktopConfig } from './support.ts';

async function worldForTest(options: WorldOptions = {}): Promise<ApiManagementWorld> {
  const world = await createApiManagementWorld(options);
  onTestFinished(() => world.dispose());
  writeDesktopConfig(world, { ...world.profile, inferenceCredentialHelper: binary });
  return world;
}

async function diagnose(world: ApiManagementWorld, ...args: string[]): Promise<readonly Finding[]> {
  return (await runJson(world.env, 'doctor', ...args))['checks'] as readonly Finding[];
}

const troubles = (findings: readonly Finding[]) =>
  findings.filter(({ state }) => state === 'warn' || state === 'fail').map(({ id, state }) => `${state} ${id}`);

/** As Claude Desktop's engine asks, by what was measured with Claude Code 2.1.332. */
function askClaude({ gateway, ca }: ApiManagementWorld, token: string): Promise<{ status: number; text: string }> {
  const body = {
    model: 'claude-sonnet-5',
    max_tokens: 64,
    stream: true,
    messages: [{ role: 'user', content: 'Say hello.' }],
  };
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port: gateway.port,
      servername: gateway.host,
      ca: ca.pem,
      method: 'POST',
      path: '/anthropic/v1/messages?beta=true',
      headers: {
        host: gateway.host,
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'anthropic-version': '2023-06-01',
        'anthropic-beta': 'claude-code-20250219,interleaved-thinking-2025-05-14,effort-2025-11-24',
      },
    };
    request(options, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    })
      .on('error', reject)
      .end(JSON.stringify(body));
  });
}

describe('through API Management', () => {
  it("a sign-in for the gateway's scope brings a token that opens it, and Foundry sees the gateway only", async () => {
    const world = await worldForTest();
    const { token = '', state } = await signIn(world);
    expect(state).toBe('ok');
    const { aud } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { aud: string };
    expect(aud).toBe(`api://${apiOf(world.page)}`);
    const again = await runHelper(binary, { context: 'mid-session-refresh', env: world.env });
    const { status, text } = await askClaude(world, again.token ?? '');
    expect(status).toBe(200);
    expect(text).toMatch(/event: message_start[\s\S]*Hello from your Foundry deployment[\s\S]*event: message_stop/);
    expect(world.backend.requests.map((seen) => seen.status)).toEqual([200]);
    expect(world.gateway.requests.map(({ answeredBy }) => answeredBy)).toEqual(['backend']);
    // Entra was asked for this scope from the first request on.
    const scopes = world.entra.requests.flatMap(({ parameters: { scope } }) => scope ?? []);
    expect(scopes.every((scope) => scope.includes(world.page.settings.scope))).toBe(true);
  });

  it('doctor finds nothing, calls the gateway alone, and spends no output token', async () => {
    const world = await worldForTest();
    await signIn(world);
    const { exitCode, stdout } = await run(world.env, 'doctor');
    expect({ exitCode, troubles: stdout.match(/^(FAIL|WARN) .*/gm) }).toEqual({ exitCode: 0, troubles: null });
    expect(stdout).toMatch(/^ok {4}Access to Foundry +contoso\.azure-api\.net accepts the token$/m);
    expect(world.backend.count('messages')).toBe(0);
    expect(world.backend.count('count_tokens', 200)).toBe(3);
    expect(world.proxy.hosts.filter((host) => host.includes('services.ai'))).toEqual([]);
    expect(troubles(await diagnose(world, '--live'))).toEqual([]);
    expect(world.backend.count('messages', 200)).toBe(2);
  });

  it("doctor doesn't need a profile of Claude Desktop or the public cloud", async () => {
    const world = await worldForTest({ config: { cloud: 'usgovernment' } });
    world.proxy.routes.set('login.microsoftonline.us:443', world.entra.port);
    writeDesktopConfig(world, { inferenceProvider: 'anthropic' });
    await signIn(world);
    const findings = await diagnose(world);
    expect(troubles(findings).filter((trouble) => !trouble.includes('desktop'))).toEqual([]);
    const endpoint = findings.find(({ id }) => id === 'foundry-endpoint');
    expect(endpoint?.facts).toMatchObject({ host: 'contoso.azure-api.net', from: 'own', via: 'gateway' });
    expect(findings.filter(({ id, state }) => id.startsWith('deployment:') && state === 'ok')).toHaveLength(2);
  });

  it('a subscription key in "headers" reaches the gateway from doctor, and Claude Desktop from the helper', async () => {
    const { subscriptionSettings } = (await worldForTest()).page;
    const world = await worldForTest({ config: subscriptionSettings });
    const key = subscriptionSettings.headers['Ocp-Apim-Subscription-Key'] ?? '';
    world.gateway.subscriptionKey = key;
    const { stdout } = await signIn(world);
    expect(JSON.parse(stdout)).toMatchObject({ headers: { 'Ocp-Apim-Subscription-Key': key } });
    const diagnosis = await run(world.env, 'doctor', '--json');
    expect(troubles(JSON.parse(diagnosis.stdout).checks)).toEqual([]);
    expect(diagnosis.stdout).not.toContain(key);
    expect(world.backend.requests.every(({ headerNames }) => !headerNames.includes('ocp-apim-subscription-key'))).toBe(
      true,
    );
  });
});

interface GatewayFault {
  readonly fault: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly editPolicy?: (policy: string) => string;
  readonly seed?: (world: ApiManagementWorld) => void;
  readonly live?: boolean;
  /** The one check that doesn't pass. */
  readonly check: string;
  readonly state?: 'warn';
  readonly meaning?: string;
  readonly cause: RegExp;
  readonly remedy: RegExp;
}

const backendFault =
  (name: keyof typeof foundryErrors) =>
  ({ backend }: ApiManagementWorld): void =>
    backend.setFault('count_tokens', foundryErrors[name]);

const gatewayFault =
  (when: FaultTime, name: keyof typeof apiManagementErrors) =>
  ({ gateway }: ApiManagementWorld): void =>
    gateway.setFault(when, apiManagementErrors[name]);

/** Without one element, from its opening to its end. */
const without =
  (...names: readonly string[]) =>
  (policy: string): string =>
    names.reduce((text, name) => text.replace(new RegExp(`<${name}\\b(?:[^>]*/>|[\\s\\S]*?</${name}>)`), ''), policy);

const faults: readonly GatewayFault[] = [
  {
    fault: 'the token is for Foundry, not for the gateway (401)',
    config: { scope: undefined },
    check: 'foundry-role',
    meaning: 'gateway-token-refused',
    cause: /^the gateway's policy doesn't accept the token \(HTTP 401\)$/,
    remedy: /set "scope" to the API that the policy names/,
  },
  {
    fault: 'the scope belongs to another API (401)',
    config: { scope: 'api://11111111-8888-7777-6666-555555555555/.default' },
    check: 'foundry-role',
    meaning: 'gateway-token-refused',
    cause: /policy doesn't accept the token/,
    remedy: /"scope"/,
  },
  {
    fault: 'something in between removes the Authorization header (401)',
    seed: ({ gateway }) => {
      gateway.lostHeaders = ['authorization'];
    },
    check: 'foundry-role',
    meaning: 'gateway-token-missing',
    cause: /finds no token/,
    remedy: /nothing in front of the gateway removes it/,
  },
  {
    fault: 'the gateway requires a subscription key (401)',
    seed: ({ gateway }) => {
      gateway.subscriptionKey = 'the-key';
    },
    check: 'foundry-role',
    meaning: 'subscription-key-missing',
    cause: /wants a subscription key/,
    remedy: /turn off "Subscription required".*"Ocp-Apim-Subscription-Key"/,
  },
  {
    fault: 'the subscription key is wrong (401)',
    config: { outputFormat: 'json', headers: { 'Ocp-Apim-Subscription-Key': 'an-old-key' } },
    seed: ({ gateway }) => {
      gateway.subscriptionKey = 'the-key';
    },
    check: 'foundry-role',
    meaning: 'subscription-key-refused',
    cause: /doesn't accept the subscription key/,
    remedy: /correct the key in "headers"/,
  },
  {
    fault: 'an address filter of the gateway (403)',
    seed: gatewayFault('at once', 'forbidden'),
    check: 'foundry-endpoint',
    meaning: 'gateway-forbidden',
    cause: /the gateway doesn't let this computer or user in \(HTTP 403\)/,
    remedy: /ip-filter/,
  },
  {
    fault: 'a quota of the gateway (403)',
    seed: gatewayFault('after the policy', 'quota'),
    check: 'foundry-role',
    meaning: 'gateway-quota',
    cause: /quota for this user is used up/,
    remedy: /quota-by-key/,
  },
  {
    fault: 'the gateway refuses without a word (401)',
    seed: ({ gateway }) => gateway.setFault('at once', { kind: 'http', status: 401, body: '' }),
    check: 'foundry-role',
    meaning: 'token-refused',
    cause: /^the gateway, or Foundry behind it, doesn't accept the token \(HTTP 401\)$/,
    remedy: /check "scope"/,
  },
  {
    fault: 'a firewall answers in place of the gateway (403, a page)',
    seed: ({ gateway }) => gateway.setFault('at once', { kind: 'html', status: 403 }),
    check: 'foundry-endpoint',
    cause: /^contoso\.azure-api\.net doesn't answer as Foundry or API Management does: HTTP 403, text\/html/,
    remedy: /check inferenceGatewayBaseUrl and "baseUrl";.*a firewall for web applications/,
  },
  {
    fault: "the gateway's name cannot be resolved",
    config: { noProxy: ['contoso.azure-api.net'] },
    check: 'foundry-endpoint',
    cause: /^contoso\.azure-api\.net can't be reached: E[A-Z_]+$/,
    remedy: /check inferenceGatewayBaseUrl and "baseUrl"; if the gateway is in the company network/,
  },
  {
    fault: 'the path is none of the gateway (404)',
    seed: ({ gateway }) => {
      gateway.operations = [];
    },
    check: 'foundry-endpoint',
    meaning: 'gateway-path-unknown',
    cause: /the gateway has no API at this address \(HTTP 404\)/,
    remedy: /API URL suffix.*POST \/v1\/messages\/count_tokens/,
  },
  {
    fault: 'the gateway has no count_tokens (404)',
    seed: ({ gateway }) => {
      gateway.operations = ['POST /v1/messages'];
    },
    check: 'foundry-endpoint',
    state: 'warn',
    cause: /has no operation POST \/v1\/messages\/count_tokens/,
    remedy: /add the operation/,
  },
  {
    fault: 'the gateway has no count_tokens (404), and messages are sent',
    seed: ({ gateway }) => {
      gateway.operations = ['POST /v1/messages'];
    },
    live: true,
    check: 'foundry-endpoint',
    state: 'warn',
    cause: /has no operation POST \/v1\/messages\/count_tokens/,
    remedy: /add the operation/,
  },
  {
    fault: 'the gateway fails (500)',
    seed: gatewayFault('after the policy', 'fault'),
    check: 'foundry-role',
    meaning: 'gateway-fault',
    cause: /the gateway itself failed \(HTTP 500\)/,
    remedy: /managed identity/,
  },
  {
    fault: "the gateway's limit (429)",
    seed: gatewayFault('after the policy', 'throttled'),
    check: 'foundry-role',
    state: 'warn',
    meaning: 'gateway-throttled',
    cause: /rate limit is reached/,
    remedy: /rate-limit-by-key/,
  },
  {
    fault: 'the policy does not check the token',
    editPolicy: without('validate-azure-ad-token', 'rate-limit-by-key'),
    check: 'foundry-endpoint',
    state: 'warn',
    cause: /passes on requests that carry no token/,
    remedy: /check the token first/,
  },
  {
    fault: "Foundry: the gateway's identity lacks the role (403)",
    seed: backendFault('roleMissing'),
    check: 'foundry-role',
    meaning: 'role-missing',
    cause: /the gateway accepts the token, but the identity .* lacks the role .*\(HTTP 403 PermissionDenied\)/,
    remedy: /assign the managed identity of the gateway the role "Cognitive Services User"/,
  },
  {
    fault: "Foundry: the gateway's token is for another audience (401)",
    editPolicy: (policy) => policy.replace('https://cognitiveservices.azure.com', 'https://management.azure.com'),
    check: 'foundry-role',
    meaning: 'gateway-identity-refused',
    cause: /Foundry doesn't accept the token that the gateway sends it/,
    remedy: /resource of authentication-managed-identity/,
  },
  {
    fault: "Foundry: the gateway passes the user's token on (401)",
    editPolicy: without('authentication-managed-identity'),
    check: 'foundry-role',
    meaning: 'gateway-identity-refused',
    cause: /Foundry doesn't accept the token that the gateway sends it/,
    remedy: /authentication-managed-identity/,
  },
  {
    fault: 'Foundry: its network rules keep the gateway out (403)',
    seed: ({ backend }) => backend.setFault('count_tokens', foundryErrors.networkRule),
    check: 'foundry-role',
    meaning: 'network-rule',
    cause: /don't let the gateway in/,
    remedy: /the gateway's network or private endpoint/,
  },
  {
    fault: 'Foundry: no such deployment (404)',
    config: { models: ['claude-sonnet-5', 'claude-sonet-5', 'claude-opus-4-8'] },
    check: 'deployment:claude-sonet-5',
    meaning: 'deployment-unknown',
    cause: /the resource behind the gateway has no deployment of this name \(HTTP 404 DeploymentNotFound\)/,
    remedy: /"models"/,
  },
];

describe.concurrent('doctor distinguishes', () => {
  it.each(sample(faults, 3))('$fault', async (row) => {
    const { config = {}, editPolicy, seed, live, check, state = 'fail', meaning, cause, remedy } = row;
    const world = await createApiManagementWorld({ config, ...(editPolicy === undefined ? {} : { editPolicy }) });
    try {
      writeDesktopConfig(world, { ...world.profile, inferenceCredentialHelper: binary });
      expect(await signIn(world)).toMatchObject({ state: 'ok' });
      seed?.(world);
      const findings = await diagnose(world, ...(live === true ? ['--live'] : []));
      expect(troubles(findings)).toEqual([`${state} ${check}`]);
      const said = findings.find(({ id }) => id === check);
      expect(said?.detail).toMatch(cause);
      expect(said).toHaveProperty('remedy', expect.stringMatching(remedy));
      if (meaning !== undefined) expect(said?.facts).toMatchObject({ meaning });
    } finally {
      await world.dispose();
    }
  });

  it('keeps the request ids that support asks for', async () => {
    const world = await createApiManagementWorld();
    try {
      await signIn(world);
      const { body } = foundryErrors.roleMissing;
      const headers = { 'apim-request-id': 'b9a5-1', 'x-ms-request-id': '7e3f-2', 'request-id': 'req_3' };
      world.backend.setFault('count_tokens', { kind: 'http', status: 403, body: body as object, headers });
      const said = (await diagnose(world)).find(({ id }) => id === 'foundry-role');
      expect(said?.facts).toMatchObject(headers);
    } finally {
      await world.dispose();
    }
  });
});
