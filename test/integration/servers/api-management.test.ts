// The stand-in for API Management, set up from docs/how-to/api-management.md: that the page's policy does what the page
// says, and that the stand-in refuses as Azure does.
import { createHash } from 'node:crypto';
import { request } from 'node:https';
import { describe, expect, it, onTestFinished } from 'vitest';
import { GATEWAY } from '../../../src/doctor/foundry/explanations.ts';
import { meaningOf } from '../../../src/doctor/foundry/foundry-reply.ts';
import { readApiManagementPage } from '../../support/harness/api-management-page.ts';
import {
  type ApiManagementWorld,
  apiOf,
  createApiManagementWorld,
} from '../../support/harness/api-management-world.ts';
import { readPolicy } from '../../support/servers/api-management-policy.ts';

const page = readApiManagementPage();
const NAMED_VALUES = {
  'claude-tenant-id': 'TENANT',
  'claude-client-id': 'CLIENT',
  'claude-api-app-id': 'API',
  'claude-foundry-base-url': 'https://contoso-foundry.services.ai.azure.com/anthropic',
};

describe('the policy of docs/how-to/api-management.md', () => {
  it('is well-formed and checks the token, hides keys, and signs in to Foundry, in this order', () => {
    expect(readPolicy(page.policy, NAMED_VALUES)).toEqual({
      inbound: [
        {
          kind: 'validate-azure-ad-token',
          tenantId: 'TENANT',
          headerName: 'authorization',
          failedStatus: 401,
          variable: 'caller',
          clientIds: ['CLIENT'],
          audiences: ['api://API', 'API'],
        },
        { kind: 'rate-limit-by-key', calls: 300, periodSeconds: 60, variable: 'caller' },
        { kind: 'delete-header', name: 'x-api-key' },
        { kind: 'delete-header', name: 'api-key' },
        { kind: 'delete-header', name: 'ocp-apim-subscription-key' },
        { kind: 'authentication-managed-identity', resource: 'https://cognitiveservices.azure.com' },
        { kind: 'set-backend-service', baseUrl: NAMED_VALUES['claude-foundry-base-url'] },
      ],
      backend: [{ kind: 'forward-request' }],
    });
  });

  it('refers to the named values that the page lists, and to no others', () => {
    const listed = [...page.text.matchAll(/^\| `(claude-[\w-]+)` \|/gm)].map(([, name]) => name);
    expect(listed).toEqual(Object.keys(NAMED_VALUES));
    for (const name of Object.keys(NAMED_VALUES)) {
      expect(() => readPolicy(page.policy, { ...NAMED_VALUES, [name]: undefined as unknown as string })).toThrow(name);
    }
  });

  it.each([
    ['an element that nobody tested', page.policy.replace('<set-backend-service', '<rewrite-uri'), /rewrite-uri/],
    ['an attribute that nobody tested', page.policy.replace('timeout=', 'follow-redirects="true" timeout='), /follow-/],
    ['a tag that is not closed', page.policy.replace('</audiences>', ''), /well-formed/],
    ['a response that is buffered', page.policy.replace('buffer-response="false"', 'buffer-response="true"'), /buffer/],
  ])('%s is noticed', (_, policy, words) => {
    expect(() => readPolicy(policy, NAMED_VALUES)).toThrow(words);
  });

  it('belongs to settings that fit it, and a row explains each answer of a gateway', () => {
    const { host, pathname } = new URL(page.settings.baseUrl);
    expect([host, pathname]).toEqual(['contoso.azure-api.net', `/${page.suffix}`]);
    expect(page.operations).toEqual(['POST /v1/messages', 'POST /v1/messages/count_tokens']);
    expect(page.serviceUrl).toBe(NAMED_VALUES['claude-foundry-base-url']);
    const rows = [...page.text.matchAll(/^\| [45]\d\d .*?\| `([\w-]+)` \|/gm)].map(([, meaning]) => meaning);
    expect(rows).toEqual(expect.arrayContaining(Object.keys(GATEWAY)));
  });
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** One request to the gateway, as a client of Claude makes it. */
function call(
  { gateway, ca }: ApiManagementWorld,
  headers: Readonly<Record<string, string>>,
  { path = '/anthropic/v1/messages?beta=true', ...body }: Readonly<Record<string, unknown>> = {},
): Promise<Answer> {
  const message = { model: 'claude-sonnet-5', max_tokens: 1, messages: [{ role: 'user', content: 'Hello' }], ...body };
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port: gateway.port, servername: gateway.host, ca: ca.pem, method: 'POST' };
    const sent = { host: gateway.host, 'anthropic-version': '2023-06-01', ...headers };
    request({ ...options, path: String(path), headers: sent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString(),
        }),
      );
    })
      .on('error', reject)
      .end(JSON.stringify(message));
  });
}

async function worldForTest(): Promise<ApiManagementWorld> {
  const world = await createApiManagementWorld({ secretService: 'no-bus' });
  onTestFinished(() => world.dispose());
  return world;
}

/** A token as the sign-in brings it. */
function tokenFor({ entra }: ApiManagementWorld, audience: string, clientId = entra.clientId): string {
  return entra.issueAccessToken({ account: entra.account(), clientId, revoked: false }, audience);
}

const goodToken = (world: ApiManagementWorld) => tokenFor(world, `api://${apiOf(world.page)}`);

function expiredToken(world: ApiManagementWorld): string {
  world.entra.accessTokenLifetimeSec = -1;
  return goodToken(world);
}

const INVALID = 'Invalid Azure AD JWT.';

/** With a good token's claims, and a signature of no one's. */
function forged(token: string): string {
  const [header, payload, signature = ''] = token.split('.');
  return [header, payload, signature.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))].join('.');
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('the stand-in', () => {
  it('passes a good request on with its own token, without keys, and streams the answer back', async () => {
    const world = await worldForTest();
    const token = goodToken(world);
    const beta = { 'anthropic-beta': 'claude-code-20250219', 'x-api-key': 'a-key', 'api-key': 'a-key' };
    const { status, text, headers } = await call(world, { ...bearer(token), ...beta }, { stream: true });
    expect({ status, type: headers['content-type'] }).toEqual({
      status: 200,
      type: 'text/event-stream; charset=utf-8',
    });
    expect(text).toMatch(/^event: message_start[\s\S]*event: message_stop/);
    const [seen] = world.backend.requests;
    expect(seen).toMatchObject({ path: '/anthropic/v1/messages?beta=true', endpoint: 'messages', status: 200 });
    expect(seen?.headerNames).toEqual(expect.arrayContaining(['authorization', 'anthropic-version', 'anthropic-beta']));
    expect(seen?.headerNames).not.toEqual(expect.arrayContaining(['x-api-key']));
    expect(seen?.headerNames).not.toEqual(expect.arrayContaining(['api-key']));
    // The user's token stays with the gateway.
    expect(seen?.tokenId).toMatch(/^[\da-f]{8}$/);
    expect(seen?.tokenId).not.toBe(createHash('sha256').update(token).digest('hex').slice(0, 8));
  });

  it("accepts a token of v2.0 too, whose audience is the API's ID", async () => {
    const world = await worldForTest();
    expect((await call(world, bearer(tokenFor(world, apiOf(world.page))))).status).toBe(200);
  });

  it.each([
    ['no token', () => ({}), 'Azure AD JWT not present.'],
    ['a token for Foundry', (world) => bearer(tokenFor(world, 'https://cognitiveservices.azure.com')), INVALID],
    [
      'a token of another application',
      (world) => bearer(tokenFor(world, `api://${apiOf(world.page)}`, 'other')),
      INVALID,
    ],
    ['a forged token', (world) => bearer(forged(goodToken(world))), INVALID],
    ['an expired token', (world) => bearer(expiredToken(world)), INVALID],
    ['no JSON Web Token', () => bearer('opaque'), INVALID],
  ] as const satisfies readonly (readonly [string, (world: ApiManagementWorld) => Record<string, string>, string])[])(
    '%s is refused with 401 and never reaches Foundry',
    async (_, headers, message) => {
      const world = await worldForTest();
      const { status, text } = await call(world, headers(world));
      expect([status, JSON.parse(text)]).toEqual([401, { statusCode: 401, message }]);
      expect(world.backend.requests).toEqual([]);
    },
  );

  it('knows its own paths only, asks for a subscription key if configured, and limits each user', async () => {
    const world = await worldForTest();
    const authorized = bearer(goodToken(world));
    const unknown = await call(world, authorized, { path: '/anthropic/v1/models' });
    expect(JSON.parse(unknown.text)).toEqual({ statusCode: 404, message: 'Resource not found' });
    world.gateway.subscriptionKey = 'the-key';
    const missing = await call(world, authorized);
    expect(missing).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': expect.stringMatching(/^AzureApiManagementKey realm=/) },
    });
    expect((await call(world, { ...authorized, 'ocp-apim-subscription-key': 'wrong' })).text).toMatch(/invalid/);
    expect((await call(world, { ...authorized, 'ocp-apim-subscription-key': 'the-key' })).status).toBe(200);
    world.gateway.subscriptionKey = undefined;
    const statuses = new Set<number>();
    for (let sent = 0; sent < 30; sent += 1) {
      const answers = await Promise.all(Array.from({ length: 10 }, () => call(world, authorized)));
      for (const { status } of answers) statuses.add(status);
    }
    const limited = await call(world, authorized);
    expect(limited).toMatchObject({ status: 429, headers: { 'retry-after': expect.stringMatching(/^\d+$/) } });
    expect(meaningOf({ status: 429, headers: {}, body: JSON.parse(limited.text) }, 'gateway')).toBe(
      'gateway-throttled',
    );
    expect(statuses).toEqual(new Set([200, 429]));
  });
});
