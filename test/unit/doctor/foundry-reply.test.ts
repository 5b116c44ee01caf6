import { describe, expect, it } from 'vitest';
import { foundryOutcome } from '../../../src/doctor/foundry/foundry-outcome.ts';
import {
  type FoundryMeaning,
  meaningOf,
  type ReplyMeaning,
  replyName,
} from '../../../src/doctor/foundry/foundry-reply.ts';
import { apiManagementErrors } from '../../support/servers/api-management-errors.ts';
import { foundryErrors } from '../../support/servers/foundry-errors.ts';

const MEANINGS: Readonly<Record<keyof typeof foundryErrors, FoundryMeaning>> = {
  roleMissing: 'role-missing',
  roleMissingAs401: 'role-missing',
  claudeRoleMissing: 'role-missing',
  refused: 'refused',
  versionRefused: 'bad-request',
  serverFault: 'service-fault',
  keyExpected: 'key-refused',
  keysDisabled: 'keys-disabled',
  tokenRefused: 'token-refused',
  otherTenant: 'other-tenant',
  networkRule: 'network-rule',
  backendFault: 'service-fault',
  deploymentUnknown: 'deployment-unknown',
  apiUnsupported: 'api-unsupported',
  throttled: 'throttled',
};

const FOUNDRY = { address: { via: 'foundry' }, credential: 'entra' } as const;
const GATEWAY = { address: { via: 'gateway' }, credential: 'entra' } as const;

const replyOf = (name: keyof typeof foundryErrors) => ({
  status: foundryErrors[name].status,
  headers: { 'request-id': 'req_1', 'apim-request-id': 'not a\nrequest id', 'x-ms-request-id': '7e3f-1' },
  body: foundryErrors[name].body as Readonly<Record<string, unknown>>,
});

describe('what Foundry answers', () => {
  it.each(Object.entries(MEANINGS))('%s means %s', (name, meaning) => {
    expect(meaningOf(replyOf(name as keyof typeof foundryErrors))).toBe(meaning);
  });

  it("that the user doesn't have access means that a role is missing", () => {
    const message = 'The user does not have access to this resource.';
    expect(meaningOf({ status: 403, headers: {}, body: { error: { code: 'Forbidden', message } } })).toBe(
      'role-missing',
    );
  });

  it('is judged by its status if its text is unknown', () => {
    const meanings = [200, 400, 401, 403, 404, 429, 500, 503].map((status) =>
      meaningOf({ status, headers: {}, body: {} }),
    );
    expect(meanings).toEqual([
      'ok',
      'bad-request',
      'token-refused',
      'refused',
      'api-unsupported',
      'throttled',
      'service-fault',
      'service-fault',
    ]);
  });

  it('shows a code that is a name, and no text', () => {
    const outcome = foundryOutcome(replyOf('roleMissing'), '', FOUNDRY);
    expect(outcome.detail).toContain('(HTTP 403 PermissionDenied)');
    expect(JSON.stringify(outcome)).not.toContain('6f1b2c3d');
    expect(replyName({ status: 400, body: { error: { code: 'a text with spaces' } } })).toBe('HTTP 400');
  });

  it('keeps request ids for support, if they look like ids', () => {
    expect(foundryOutcome(replyOf('throttled'), '', FOUNDRY).facts).toEqual({
      status: 429,
      meaning: 'throttled',
      judged: false,
      'request-id': 'req_1',
      'x-ms-request-id': '7e3f-1',
    });
  });
});

const GATEWAY_MEANINGS: Readonly<Record<keyof typeof apiManagementErrors, ReplyMeaning>> = {
  tokenMissing: 'gateway-token-missing',
  tokenRefused: 'gateway-token-refused',
  tokenRefusedInOwnWords: 'gateway-token-refused',
  subscriptionKeyMissing: 'subscription-key-missing',
  subscriptionKeyMissingInOwnWords: 'subscription-key-missing',
  subscriptionKeyRefused: 'subscription-key-refused',
  forbidden: 'gateway-forbidden',
  quota: 'gateway-quota',
  throttled: 'gateway-throttled',
  pathUnknown: 'gateway-path-unknown',
  fault: 'gateway-fault',
};

const gatewayReply = (name: keyof typeof apiManagementErrors) => {
  const { status, body, headers = {} } = apiManagementErrors[name];
  return { status, headers, body: body as Readonly<Record<string, unknown>> };
};

describe('what comes through a gateway', () => {
  it.each(Object.entries(GATEWAY_MEANINGS))('%s means %s', (name, meaning) => {
    expect(meaningOf(gatewayReply(name as keyof typeof apiManagementErrors), 'gateway')).toBe(meaning);
  });

  it("is Foundry's, behind it, if it has Foundry's form", () => {
    // Only this one has the form of the gateway's errors.
    const { tokenRefused: _, ...others } = MEANINGS;
    for (const [name, meaning] of Object.entries(others)) {
      expect([name, meaningOf(replyOf(name as keyof typeof foundryErrors), 'gateway')]).toEqual([name, meaning]);
    }
    expect(meaningOf(replyOf('tokenRefused'), 'gateway')).toBe('gateway-identity-refused');
  });

  it("isn't a gateway's if Foundry itself answers, whose own gateway words some answers this way", () => {
    const meanings = new Set<string>([...Object.values(MEANINGS), 'refused']);
    for (const name of Object.keys(apiManagementErrors)) {
      expect(meanings).toContain(meaningOf(gatewayReply(name as keyof typeof apiManagementErrors), 'foundry'));
    }
  });

  it('asks anyone who can fix it: the admin of the gateway, not the user', () => {
    const remedy = (name: keyof typeof foundryErrors) => foundryOutcome(replyOf(name), '', GATEWAY);
    expect(remedy('roleMissing')).toHaveProperty('remedy', expect.stringContaining('managed identity of the gateway'));
    expect(remedy('keyExpected')).toHaveProperty('remedy', expect.stringContaining('have the policy remove x-api-key'));
    expect(remedy('networkRule')).toHaveProperty('remedy', expect.stringContaining("the gateway's network"));
  });

  it('never shows what the gateway says, which may name a person', () => {
    for (const name of Object.keys(apiManagementErrors)) {
      const outcome = foundryOutcome(gatewayReply(name as keyof typeof apiManagementErrors), '', GATEWAY);
      expect(JSON.stringify(outcome)).not.toContain('ada@contoso.com');
    }
  });
});

describe('what an API key gets', () => {
  const outcomes = (name: keyof typeof foundryErrors) =>
    foundryOutcome(replyOf(name), '', { address: { via: 'foundry' }, credential: 'api-key' });

  it.each([
    ['keyExpected', /^Foundry refuses the API key \(HTTP 401\)$/, /login --api-key/],
    ['keysDisabled', /doesn't accept API keys/, /allow keys for the resource/],
    ['deploymentUnknown', /no deployment of this name/, /"models"/],
  ] as const)('%s', (name, detail, remedy) => {
    expect(outcomes(name)).toMatchObject({
      state: 'fail',
      detail: expect.stringMatching(detail),
      remedy: expect.stringMatching(remedy),
    });
  });
});
