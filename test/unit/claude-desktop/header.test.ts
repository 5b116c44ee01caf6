import { describe, expect, it } from 'vitest';
import { headerVerdict } from '../../../src/claude-desktop/header.ts';

const FOUNDRY = 'https://contoso-foundry.services.ai.azure.com/anthropic';
const GATEWAY = 'https://contoso.azure-api.net/anthropic';
const BEARER = 'Authorization: Bearer';

describe('headerVerdict', () => {
  it.each([
    ['gateway', undefined, 'entra', FOUNDRY, BEARER, BEARER, 'match'],
    ['gateway', 'bearer', 'entra', GATEWAY, BEARER, BEARER, 'match'],
    ['gateway', 'x-api-key', 'entra', FOUNDRY, 'x-api-key', BEARER, 'mismatch'],
    ['gateway', 'x-api-key', 'entra', GATEWAY, 'x-api-key', BEARER, 'mismatch'],
    ['gateway', 'bearer', 'api-key', FOUNDRY, BEARER, 'x-api-key', 'mismatch'],
    ['gateway', 'x-api-key', 'api-key', FOUNDRY, 'x-api-key', 'x-api-key', 'match'],
    // What one's own gateway wants as a key, only its policy says.
    ['gateway', 'bearer', 'api-key', GATEWAY, BEARER, undefined, 'unknown'],
    ['foundry', undefined, 'entra', FOUNDRY, 'x-api-key', BEARER, 'mismatch'],
    ['foundry', 'bearer', 'entra', FOUNDRY, 'x-api-key', BEARER, 'mismatch'],
    ['foundry', undefined, 'api-key', FOUNDRY, 'x-api-key', 'x-api-key', 'match'],
    ['foundry', undefined, 'api-key', undefined, 'x-api-key', 'x-api-key', 'match'],
    ['foundry', undefined, 'api-key', 'https://foundry.contoso.com/anthropic', 'x-api-key', undefined, 'unknown'],
    ['bedrock', undefined, 'entra', undefined, undefined, BEARER, 'mismatch'],
    [undefined, undefined, 'entra', undefined, undefined, BEARER, 'mismatch'],
  ] as const)('%s, scheme %s, %s, %s', (provider, scheme, credential, address, sends, accepts, verdict) => {
    expect(headerVerdict({ provider, scheme, credential, address })).toMatchObject({ sends, accepts, verdict });
  });

  it("says it in one sentence, and never a value that isn't a provider", () => {
    const of = (provider: string) =>
      headerVerdict({ provider, scheme: undefined, credential: 'entra', address: FOUNDRY }).text;
    expect(of('gateway')).toBe(
      'Claude Desktop sends the helper\'s value as "Authorization: Bearer"; the endpoint accepts an Entra token as "Authorization: Bearer" only: they match.',
    );
    expect(of('foundry')).toContain("they don't match");
    expect(of('A1b2C3d4A1b2C3d4A1b2C3d4')).not.toContain('A1b2');
  });
});
