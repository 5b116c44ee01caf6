// How `config validate` says what a file is, beyond the verdicts of test/integration/rollout/corpus.test.ts.
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/claude-desktop/finding.ts';
import { isNestedForm } from '../../../src/claude-desktop/nested-form.ts';
import { bySeverity, countFindings } from '../../../src/rollout/validate/finding-order.ts';
import { parseSettingsFile } from '../../../src/rollout/validate/read-file.ts';
import { whoseSettings } from '../../../src/rollout/validate/whose-settings.ts';
import { goodDesktop, goodOwn, json, lint, payload, plist, profile, reg, regLines, type Values } from './support.ts';

describe('whoseSettings', () => {
  it.each([
    ['claude-desktop', { inferenceProvider: 'x' }],
    ['claude-desktop', { InferenceProvider: 'x', env: {} }],
    ['claude-desktop', { disableAutoUpdates: true }],
    ['claude-desktop', { ...goodDesktop, permissions: {}, tenantId: 'x' }],
    ['own', goodOwn],
    ['own', { logLevel: 'debug' }],
    ['own', { tenant_id: 'x', clientid: 'y' }],
    ['own', { ...goodOwn, env: 'x', $schema: 'x' }],
  ])('recognizes settings of %s by their keys: %j', (subject, values) => {
    expect(whoseSettings(values)).toBe(subject);
  });

  it.each([
    [{}, 'holds no settings'],
    [{ $schema: 'https://json.schemastore.org/claude-code-settings.json' }, 'holds no settings'],
    [{ model: 'opus' }, 'Claude Code'],
    [{ permissions: { deny: [] }, forceLoginOrgUUID: 'x', forceLoginMethod: 'console' }, 'Claude Code'],
    [{ mcpServers: {}, isLocalDevMcpEnabled: true }, 'MCP servers'],
    [{ appliedId: 'x', entries: [] }, '_meta.json'],
    [{ '@odata.type': '#microsoft.graph.x', displayName: 'x', omaSettings: [] }, 'Intune'],
    [{ clientId: 'x', clientSecret: 'x', subscriptionId: 'x', activeDirectoryEndpointUrl: 'x' }, 'holds no setting of'],
    [{ name: 'x', proxy: 'x', version: 'x' }, 'holds no setting of'],
  ])('says what else it may be: %j', (values, reason) => {
    expect(() => whoseSettings(values)).toThrow(reason);
  });
});

describe("Claude Desktop's own form", () => {
  it.each([
    [true, { $schemaVersion: 2 }],
    [true, { inference: { provider: 'gateway' } }],
    [true, { models: { list: [] } }],
    [true, { inference: {}, inferenceProvider: 'gateway' }],
    [false, { $schemaVersion: 1, inference: { provider: 'gateway' } }],
    [true, { $schemaVersion: 3 }],
    [false, { inference: 'gateway' }],
    [false, { models: ['claude-sonnet-5'] }],
    [false, { tenantId: 'x' }],
  ])('is %s of %j', (expected, values) => {
    expect(isNestedForm(values)).toBe(expected);
  });

  it('is passed on unchanged, with the line of each key', () => {
    const nested = { $schemaVersion: 2, inference: { credential: { kind: 'helper-script' } } };
    const { documents } = parseSettingsFile('file', Buffer.from(JSON.stringify(nested, undefined, 1)));
    expect(documents).toEqual([
      expect.objectContaining({ subject: 'claude-desktop', form: 'nested', file: 'file', entries: [], nested }),
    ]);
    expect(documents[0]?.lines?.get('inference.credential.kind')).toBe(5);
  });

  it('reports each finding with the line of its place, or of its flat name next to the groups', () => {
    const mixed = { $schemaVersion: 2, inference: { provider: 'azure' }, modelDiscoveryEnabled: 'perhaps' };
    const found = elements(Buffer.from(JSON.stringify(mixed, undefined, 1)));
    expect(found).toContain('error provider-invalid inferenceProvider line 4');
    expect(found).toContain('error boolean-invalid modelDiscoveryEnabled line 6');
  });

  it.each([
    [{ mcp: { contoso: {} }, agent: {} }, 'holds no setting of'],
    [{ plugins: { a: {} }, auths: {}, currentContext: 'x' }, 'holds no setting of'],
    [{ $schemaVersion: 2 }, 'holds no settings'],
  ])("isn't found in another file: %j", (values, reason) => {
    expect(() => parseSettingsFile('file', json(values))).toThrow(reason);
  });
});

const elements = (bytes: Buffer): readonly string[] =>
  lint(bytes).map(({ severity, id, key, element }) => [severity, id, key ?? [], element ?? []].flat().join(' '));

describe('where a finding is', () => {
  it('is a line of JSON', () => {
    const text = JSON.stringify({ ...goodDesktop, inferenceProvider: 'azure', tenantId: 'x' }, undefined, 1);
    expect(elements(Buffer.from(text))).toEqual([
      'error provider-invalid inferenceProvider line 2',
      'warning key-of-other-program tenantId line 11',
    ]);
  });

  it('is a line of a registry export, whatever the case of the name', () => {
    const lines = regLines(goodDesktop).map((line) =>
      line.replace(/^"inferenceProvider.*$/, '"INFERENCEPROVIDER"="x"'),
    );
    expect(elements(reg(lines))).toEqual(['error provider-invalid inferenceProvider line 4']);
  });

  it('is the profile or one of its payloads', () => {
    const other: Values = { PayloadVersion: '1', PayloadUUID: 'b' };
    const bytes = profile([payload(goodDesktop), payload(other, 'com.apple.dock')], { PayloadVersion: 2 });
    expect(elements(bytes)).toEqual([
      'error profile-payload-version PayloadVersion the profile',
      'warning profile-payload-version PayloadVersion payload 2',
      'warning profile-uuid-format PayloadUUID payload 2',
    ]);
  });

  it('is a first comment, and both places of a repeated key', () => {
    const text = `{\n  "tenantId": "contoso.com", // Contoso\n "clientId": "",\n  "clientId": "${goodOwn['clientId']}"\n}`;
    expect(elements(Buffer.from(text))).toEqual([
      'error json-comments line 2',
      'warning key-twice clientId lines 3 and 4',
    ]);
  });
});

describe('a profile', () => {
  it('is one document for each program, no matter how many payloads it has', () => {
    const { inferenceProvider = '', ...rest } = goodDesktop;
    const bytes = profile([
      payload({ inferenceProvider }, undefined, 1),
      payload(goodOwn, 'dev.foundry-credential-helper', 2),
      payload(rest, undefined, 3),
    ]);
    const { documents } = parseSettingsFile('file', bytes);
    expect(documents.map(({ subject, entries }) => [subject, entries.length])).toEqual([
      ['claude-desktop', Object.keys(goodDesktop).length],
      ['own', 2],
    ]);
    expect(lint(bytes)).toEqual([]);
  });

  it('may repeat a key with the same value', () => {
    const [key = '', value = ''] = Object.entries(goodDesktop)[0] ?? [];
    expect(lint(profile([payload(goodDesktop), payload({ [key]: value }, undefined, 2)]))).toEqual([]);
  });

  it('is judged by its own rules too when its settings are elsewhere', () => {
    const bytes = profile([payload(goodDesktop, 'com.contoso.claude')], { PayloadScope: 'system' });
    expect(elements(bytes)).toEqual([
      'error profile-scope PayloadScope',
      'error profile-wrong-domain com.contoso.claude',
    ]);
  });
});

it('names all keys with native values in one note', () => {
  const native = { ...goodDesktop, inferenceCredentialHelperTtlSec: 900, modelDiscoveryEnabled: false };
  expect(elements(plist({ ...native, inferenceModels: ['claude-sonnet-5'] }))).toEqual([
    'note value-not-text modelDiscoveryEnabled, inferenceCredentialHelperTtlSec',
    'note native-structure inferenceModels',
  ]);
});

it('puts errors first and counts by severity', () => {
  const findings = (['note', 'error', 'warning', 'error'] as const).map((severity) => ({ severity }) as Finding);
  expect(bySeverity(findings).map(({ severity }) => severity)).toEqual(['error', 'error', 'warning', 'note']);
  expect(countFindings(findings)).toBe('2 errors, 1 warning, 1 note');
  expect(countFindings([])).toBe('');
});

it.each([
  ['a registry export with nothing but another program', reg(['"a"="b"'], 'HKEY_CURRENT_USER\\Software\\Contoso')],
  ['a protocol handler of Claude', reg(['@="URL"'], 'HKEY_CURRENT_USER\\Software\\Classes\\claude')],
  ['a list of objects', json([{ inferenceProvider: 'gateway' }])],
  ['text', Buffer.from('inferenceProvider=gateway')],
])('refuses %s', (_what, bytes) => {
  expect(() => parseSettingsFile('file', bytes)).toThrow();
});
