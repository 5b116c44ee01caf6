import { describe, expect, it } from 'vitest';
import { baseUrlOf, foundryBaseUrl, isFoundryHost } from '../../../src/config/base-url.ts';

describe('the address for Messages calls', () => {
  const gateway = 'https://contoso.azure-api.net/anthropic';

  it.each([
    [{}, undefined],
    [{ foundryResource: 'Contoso' }, 'https://contoso.services.ai.azure.com/anthropic'],
    [{ foundryResource: 'contoso', cloud: 'public' }, 'https://contoso.services.ai.azure.com/anthropic'],
    [{ foundryResource: 'contoso', baseUrl: gateway }, gateway],
    [{ foundryResource: 'contoso', cloud: 'usgovernment' }, undefined],
    [{ foundryResource: 'contoso', cloud: 'china', baseUrl: gateway }, gateway],
  ])('%j is at %s', (settings, address) => {
    expect(baseUrlOf(settings)).toBe(address);
  });

  it.each([
    ['contoso.services.ai.azure.com', true],
    ['Contoso.CognitiveServices.azure.com', true],
    ['contoso.openai.azure.com', true],
    ['contoso.azure-api.net', false],
    ['services.ai.azure.com.example', false],
    ['contososervices.ai.azure.com', false],
  ])('%s is a Foundry host: %s', (host, expected) => {
    expect(isFoundryHost(host)).toBe(expected);
    expect(isFoundryHost(new URL(foundryBaseUrl('contoso')).hostname)).toBe(true);
  });
});
