import { describe, expect, it } from 'vitest';
import { foundryOutcome } from '../../../src/doctor/foundry/foundry-outcome.ts';
import { type FoundryMeaning, meaningOf, replyName } from '../../../src/doctor/foundry/foundry-reply.ts';
import { foundryErrors } from '../../servers/foundry-errors.ts';

const MEANINGS: Readonly<Record<keyof typeof foundryErrors, FoundryMeaning>> = {
  roleMissing: 'role-missing',
  roleMissingAs401: 'role-missing',
  keyExpected: 'key-expected',
  tokenRefused: 'token-refused',
  otherTenant: 'other-tenant',
  networkRule: 'network-rule',
  backendFault: 'service-fault',
  deploymentUnknown: 'deployment-unknown',
  apiUnsupported: 'api-unsupported',
  throttled: 'throttled',
};

const replyOf = (name: keyof typeof foundryErrors) => ({
  status: foundryErrors[name].status,
  headers: { 'request-id': 'req_1', 'apim-request-id': 'not a\nrequest id' },
  body: foundryErrors[name].body as Readonly<Record<string, unknown>>,
});

describe('what Foundry answers', () => {
  it.each(Object.entries(MEANINGS))('%s means %s', (name, meaning) => {
    expect(meaningOf(replyOf(name as keyof typeof foundryErrors))).toBe(meaning);
  });

  it('is judged by its status where its text is unknown', () => {
    const meanings = [200, 400, 401, 403, 404, 429, 500, 503].map((status) => meaningOf({ status, body: {} }));
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
    const outcome = foundryOutcome(replyOf('roleMissing'), '');
    expect(outcome.detail).toContain('(HTTP 403 PermissionDenied)');
    expect(JSON.stringify(outcome)).not.toContain('6f1b2c3d');
    expect(replyName({ status: 400, body: { error: { code: 'a text with spaces' } } })).toBe('HTTP 400');
  });

  it('keeps request ids for support, where they look like ids', () => {
    expect(foundryOutcome(replyOf('throttled'), '').facts).toEqual({
      status: 429,
      meaning: 'throttled',
      'request-id': 'req_1',
    });
  });
});
