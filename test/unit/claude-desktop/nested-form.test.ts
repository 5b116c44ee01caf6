import { describe, expect, it } from 'vitest';
import { flatEntries, isNestedForm, nestedForm } from '../../../src/claude-desktop/nested-form.ts';
import { SETTINGS } from './local-support.ts';

const flat = (object: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(flatEntries(object).map(({ key, value }) => [key, value]));

const FOUNDRY = {
  inferenceProvider: 'foundry',
  inferenceFoundryResource: 'contoso-foundry',
  inferenceFoundryBaseUrl: 'https://contoso.example/anthropic',
  inferenceCredentialKind: 'static',
  inferenceFoundryApiKey: 'x',
};

describe('the app’s own form', () => {
  it.each([
    ['gateway', SETTINGS],
    [
      'gateway with a key',
      { inferenceProvider: 'gateway', inferenceCredentialKind: 'static', inferenceGatewayApiKey: 'x' },
    ],
    ['foundry', FOUNDRY],
  ])("restores each key's name, also at a place that several providers share: %s", (_, settings) => {
    const nested = nestedForm(settings);
    expect(isNestedForm(nested)).toBe(true);
    expect(flat(nested)).toEqual(settings);
  });

  it("doesn't name keys that the kind of credential doesn't have, which Claude Desktop drops", () => {
    const credential = { kind: 'helper-script', apiKey: 'x', command: '/usr/bin/y' };
    expect(flat({ inference: { provider: 'gateway', credential } })).toEqual({
      inferenceProvider: 'gateway',
      inferenceCredentialKind: 'helper-script',
      inferenceCredentialHelper: '/usr/bin/y',
      'inference.credential.apiKey': 'x',
    });
  });

  it('reads a group that is JSON text, and flat names next to groups', () => {
    const object = { inference: '{"provider":"gateway"}', inferenceProvider: 'foundry', chatTabEnabled: true };
    expect(flat({ $schemaVersion: 2, ...object })).toEqual({ inferenceProvider: 'gateway', chatTabEnabled: true });
  });

  it('keeps what has no flat name under its path, and brings it back', () => {
    const object = {
      $schemaVersion: 2,
      inference: { provider: 'gateway', future: { deep: [1] } },
      unheardOf: { a: 1 },
    };
    expect(flat(object)).toEqual({
      inferenceProvider: 'gateway',
      'inference.future': { deep: [1] },
      unheardOf: { a: 1 },
    });
    expect(nestedForm(flat(object))).toEqual(object);
  });
});
