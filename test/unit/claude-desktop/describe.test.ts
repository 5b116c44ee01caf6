import { describe, expect, it } from 'vitest';
import { describeDesktop } from '../../../src/claude-desktop/describe.ts';

const lines = (values: Readonly<Record<string, unknown>>): string =>
  describeDesktop({ state: 'values', origin: '/some/file.json', values }).join('\n');

describe('describeDesktop', () => {
  it('shows what matters, whether it is native or text', () => {
    const text = lines({
      inferenceProvider: 'foundry',
      inferenceFoundryResource: 'contoso-foundry',
      inferenceCredentialHelper: '/usr/bin/foundry-credential-helper',
      inferenceCredentialHelperTtlSec: '900',
      inferenceCredentialHelperTimeoutSec: 600,
      inferenceModels: '["claude-sonnet-5",{"name":"claude-opus-4-8"}]',
      inferenceGatewayBaseUrl: 'https://gate.example/anthropic',
    });
    for (const part of [
      'foundry',
      'contoso-foundry',
      '/usr/bin/foundry-credential-helper',
      '900',
      '600',
      'gate.example',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).toContain('claude-sonnet-5, claude-opus-4-8');
  });

  it('shows no value that stands in the wrong place or form', () => {
    const key = 'A1b2C3d4'.repeat(10);
    const text = lines({
      inferenceProvider: key,
      inferenceCredentialKind: `static ${key}`,
      inferenceCredentialHelper: `/usr/bin/helper --key ${key}`,
      inferenceCredentialHelperArgs: [key],
      inferenceCustomHeaders: { authorization: key },
      inferenceModels: [key, { name: key }],
      inferenceFoundryResource: key.slice(0, 32),
      inferenceFoundryApiKey: key,
      inferenceFoundryTenantId: key,
      inferenceGatewayBaseUrl: `https://user:${key}@gate.example/?key=${key}`,
      inferenceGatewayApiKey: key,
      inferenceCredentialHelperTtlSec: key,
      disableDeploymentModeChooser: key,
      [key]: 1,
    });
    expect(text).not.toContain('A1b2C3d4');
    expect(text).toContain('(set, not shown)');
    expect(text).toContain('and 1 other keys, not shown');
    expect(text).toContain('https://gate.example');
  });

  it('says where there is none, and where Desktop does not take it', () => {
    expect(describeDesktop({ state: 'absent' })).toEqual(['no configuration was found']);
    expect(describeDesktop({ state: 'ignored', origin: '/etc/x' })[0]).toContain('/etc/x');
  });
});
