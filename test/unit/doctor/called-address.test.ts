import { describe, expect, it } from 'vitest';
import { resolveConfiguration } from '../../../src/config/resolve.ts';
import { calledAddress } from '../../../src/doctor/called-address.ts';
import { desktopReading } from '../../support/fakes/desktop-reading.ts';

const OURS = { foundryResource: 'Contoso-Foundry' };
const GATEWAY = { inferenceProvider: 'gateway', inferenceGatewayBaseUrl: 'https://contoso.azure-api.net/anthropic' };

function addressOf(profile: object | undefined, settings: object = OURS) {
  const resolution = resolveConfiguration([
    {
      kind: 'user-file',
      location: 'config.json',
      fingerprint: () => '',
      read: () => ({ state: 'values', values: { ...settings } }),
    },
  ]);
  const reading = desktopReading(profile === undefined ? undefined : { ...profile });
  return calledAddress({ desktop: () => reading, resolution });
}

describe('the address that is called', () => {
  it("is the one in Claude Desktop's profile, whatever this program's is", () => {
    expect(addressOf(GATEWAY)).toEqual({
      url: 'https://contoso.azure-api.net/anthropic',
      host: 'contoso.azure-api.net',
      from: 'claude-desktop',
      setting: 'inferenceGatewayBaseUrl',
      via: 'gateway',
    });
    const foundry = { inferenceProvider: 'foundry', inferenceFoundryResource: 'fabrikam-foundry' };
    expect(addressOf(foundry)).toMatchObject({
      url: 'https://fabrikam-foundry.services.ai.azure.com/anthropic',
      setting: 'inferenceFoundryResource',
      via: 'foundry',
    });
    const named = { ...foundry, inferenceFoundryBaseUrl: 'https://ai.contoso.com:8443/anthropic/' };
    expect(addressOf(named)).toMatchObject({
      url: 'https://ai.contoso.com:8443/anthropic',
      host: 'ai.contoso.com:8443',
    });
  });

  it("is this program's if Claude Desktop isn't configured, in every cloud", () => {
    expect(addressOf(undefined)).toEqual({
      url: 'https://contoso-foundry.services.ai.azure.com/anthropic',
      host: 'contoso-foundry.services.ai.azure.com',
      from: 'own',
      setting: '"foundryResource"',
      via: 'foundry',
    });
    const baseUrl = 'https://contoso.azure-api.us/anthropic';
    expect(addressOf(undefined, { ...OURS, baseUrl, cloud: 'usgovernment' })).toMatchObject({
      url: baseUrl,
      setting: '"baseUrl"',
      via: 'gateway',
    });
  });

  it.each([
    ['another provider', { inferenceProvider: 'bedrock' }],
    ['plain http', { ...GATEWAY, inferenceGatewayBaseUrl: 'http://contoso.azure-api.net/anthropic' }],
    ['a user name', { ...GATEWAY, inferenceGatewayBaseUrl: 'https://ada@contoso.azure-api.net/anthropic' }],
    ['a query', { ...GATEWAY, inferenceGatewayBaseUrl: 'https://contoso.azure-api.net/anthropic?v=1' }],
    ['no address', { inferenceProvider: 'gateway' }],
    ['a resource that is none', { inferenceProvider: 'foundry', inferenceFoundryResource: 'evil.example/' }],
  ])("is this program's if the profile has %s, which Claude Desktop doesn't call", (_, profile) => {
    expect(addressOf(profile)).toMatchObject({ from: 'own' });
  });

  it('may be a program on this computer, or no one knows it', () => {
    expect(addressOf({ ...GATEWAY, inferenceGatewayBaseUrl: 'http://127.0.0.1:4000' })).toMatchObject({
      url: 'http://127.0.0.1:4000',
      from: 'claude-desktop',
    });
    expect(addressOf(undefined, {})).toBeUndefined();
    expect(addressOf(undefined, { ...OURS, cloud: 'china' })).toBeUndefined();
  });
});
