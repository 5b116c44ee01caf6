import { describe, expect, it } from 'vitest';
import { desktopProfile, PROFILE_KEYS } from '../../../src/claude-desktop/desktop-profile.ts';
import { lintDesktop } from '../../../src/claude-desktop/lint.ts';
import type { Values } from '../../../src/config/configuration.ts';

const helperPath = '/usr/bin/foundry-credential-helper';
const entra: Values = { foundryResource: 'contoso-foundry', models: [{ name: 'claude-sonnet-5' }] };
const apiKey: Values = { ...entra, credential: 'api-key' };
const lint = (values: Values) => {
  const profile = desktopProfile(values, { helperPath });
  const entries = Object.entries(profile).map(([key, value]) => ({ key, value }));
  return lintDesktop({ form: 'json', file: 'f', system: 'linux', entries }, { credential: values.credential });
};

describe('Claude Desktop’s keys', () => {
  it('have an Entra token sent as a bearer, which only the gateway provider does', () => {
    expect(desktopProfile(entra, { helperPath })).toEqual({
      inferenceProvider: 'gateway',
      inferenceGatewayBaseUrl: 'https://contoso-foundry.services.ai.azure.com/anthropic',
      inferenceGatewayAuthScheme: 'bearer',
      inferenceModels: ['claude-sonnet-5'],
      modelDiscoveryEnabled: false,
      inferenceCredentialKind: 'helper-script',
      inferenceCredentialHelper: helperPath,
      inferenceCredentialHelperTtlSec: 900,
      inferenceCredentialHelperTimeoutSec: 600,
    });
  });

  it('have an API key sent to Foundry', () => {
    const profile = desktopProfile({ ...apiKey, foundryResource: 'Contoso-Foundry' }, { helperPath });
    expect(profile).toMatchObject({ inferenceProvider: 'foundry', inferenceFoundryResource: 'contoso-foundry' });
    expect(profile).not.toHaveProperty('inferenceFoundryBaseUrl');
    expect(profile).not.toHaveProperty('inferenceGatewayBaseUrl');
  });

  it.each([
    ['entra', entra, 'inferenceGatewayBaseUrl'],
    ['api-key', apiKey, 'inferenceFoundryBaseUrl'],
  ] as const)('lead to baseUrl if it is set (%s)', (_, values, key) => {
    const baseUrl = 'https://contoso.azure-api.net/anthropic';
    expect(desktopProfile({ ...values, baseUrl }, { helperPath })).toHaveProperty(key, baseUrl);
  });

  it('say of each model what the settings say', () => {
    const models: Values['models'] = [{ name: 'claude-opus-4-8', supports1m: true }, { name: 'claude-haiku-4-5' }];
    expect(desktopProfile({ ...entra, models }, { helperPath })).toHaveProperty('inferenceModels', [
      { name: 'claude-opus-4-8', supports1m: true },
      'claude-haiku-4-5',
    ]);
  });

  it.each([
    ['no resource', { ...entra, foundryResource: undefined }, '"foundryResource"'],
    [
      'no resource for an API key',
      { ...apiKey, foundryResource: undefined, baseUrl: 'https://a.example' },
      '"foundryResource"',
    ],
    ['a cloud without Claude', { ...entra, cloud: 'usgovernment' }, '"baseUrl" with "cloud" usgovernment'],
  ] as const)('need to know the address: %s', (_, values, says) => {
    expect(() => desktopProfile(values, { helperPath })).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG_MISSING', detail: expect.stringContaining(says) }),
    );
  });

  it.each([
    ['entra', entra],
    ['api-key', apiKey],
    ['entra behind a gateway', { ...entra, baseUrl: 'https://contoso.azure-api.net/anthropic' }],
  ] as const)("pass the rules, and are all recognized as this program's: %s", (_, values) => {
    expect(lint(values)).toEqual([]);
    expect(PROFILE_KEYS).toEqual(expect.arrayContaining(Object.keys(desktopProfile(values, { helperPath }))));
  });
});
