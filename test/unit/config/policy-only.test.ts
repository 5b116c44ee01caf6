// What a managed policy leaves to users: everything that it omits, or nothing.
import { describe, expect, it } from 'vitest';
import { describeConfiguration } from '../../../src/config/describe.ts';
import { configurationKeys, definitionOf } from '../../../src/config/keys.ts';
import { requireSettings, resolveConfiguration } from '../../../src/config/resolve.ts';
import { environmentSource } from '../../../src/config/sources/environment.ts';
import type { ConfigurationSource, SourceReading } from '../../../src/config/sources/source.ts';
import { lintConfiguration } from '../../../src/rollout/validate/lint-configuration.ts';

const identity = { tenantId: 'contoso.example', clientId: '11111111-2222-3333-4444-555555555555' };
const FILE = '/home/a/config.json';

const source = (kind: ConfigurationSource['kind'], location: string, reading: SourceReading): ConfigurationSource => ({
  kind,
  location,
  read: () => reading,
  fingerprint: () => '',
});
const values = (values: Record<string, unknown>): SourceReading => ({ state: 'values', values });
const policy = (settings: Record<string, unknown>, location = '/policy') =>
  source('managed', location, values(settings));
const userFile = (settings: Record<string, unknown>) => source('user-file', FILE, values(settings));

/** Every variable that is a setting, each with a value that differs from the default. */
const everyVariable = Object.fromEntries(
  configurationKeys.flatMap((key) =>
    (definitionOf(key).environment ?? []).map((name) => [name, String(definitionOf(key).example)]),
  ),
);
/** Every key, with a value that differs from the default. */
const everyKey = Object.fromEntries(configurationKeys.map((key) => [key, definitionOf(key).example]));

describe('policyOnly', () => {
  it('leaves the policy and the defaults, whatever file and variables hold', () => {
    const closed = { ...identity, policyOnly: true };
    const alone = resolveConfiguration([policy(closed)]);
    const { settings, problems } = resolveConfiguration([
      policy(closed),
      userFile(everyKey),
      environmentSource(everyVariable),
    ]);
    expect(problems).toEqual([]);
    for (const key of configurationKeys) {
      const { ignored = [], ...setting } = settings[key];
      expect({ key, ...setting }).toEqual({ key, ...alone.settings[key] });
      expect(ignored.map(({ because }) => because)).toContain('policyOnly');
    }
  });

  it.each([
    ["a file that can't be read", source('user-file', FILE, { state: 'unreadable', reason: 'is broken' })],
    ['invalid values', userFile({ cloud: 'moon', tenantId: 7 })],
    ['unknown keys', userFile({ later: 1 })],
  ])('ignores %s without a problem', (_, file) => {
    const resolution = resolveConfiguration([policy({ ...identity, policyOnly: true }), file]);
    expect(resolution).toMatchObject({ problems: [], unknownKeys: [] });
    expect(resolution.sources).toMatchObject([
      { state: 'values' },
      { state: 'ignored', reason: 'is ignored: policyOnly' },
    ]);
    expect(requireSettings(resolution)).toMatchObject(identity);
  });

  it('names only policy as a place for what is missing', () => {
    const resolution = resolveConfiguration([policy({ policyOnly: true }), userFile(identity)]);
    expect(() => requireSettings(resolution)).toThrow(/"tenantId" can be set by policy only/);
    expect(lintConfiguration(resolution).findings).toContainEqual(
      expect.objectContaining({ id: 'setting-missing', file: '/policy', key: 'tenantId' }),
    );
  });

  it.each([[false], ['false'], [0]])('leaves users what the policy omits if it is %j', (off) => {
    const { settings } = resolveConfiguration([policy({ policyOnly: off }), userFile({ ...identity, cloud: 'china' })]);
    expect(settings.cloud).toMatchObject({ value: 'china', origin: { kind: 'user-file' } });
  });

  it.each([['yes'], [2], [null]])("doesn't let anyone in if its value is %j, which is an error", (invalid) => {
    const resolution = resolveConfiguration([
      policy({ policyOnly: invalid }),
      userFile({ ...identity, cloud: 'china' }),
    ]);
    expect(resolution.settings.cloud.value).toBe('public');
    expect(() => requireSettings(resolution)).toThrow(/"policyOnly" in \/policy must be true or false/);
  });

  it('is decided by the highest managed source that has it', () => {
    const sources = [policy({ policyOnly: false }, '/user-policy'), policy({ policyOnly: true }, '/computer')];
    const { settings } = resolveConfiguration([...sources, userFile({ cloud: 'china' })]);
    expect(settings.cloud.value).toBe('china');
  });

  it.each([
    ['without a policy', []],
    ['next to a policy', [policy(identity)]],
  ])('has no effect in a user’s file %s, and is a warning there', (_, managed) => {
    const resolution = resolveConfiguration([...managed, userFile({ ...identity, policyOnly: true, cloud: 'china' })]);
    expect(resolution.problems).toEqual([]);
    expect(resolution.settings.policyOnly).toMatchObject({
      value: false,
      origin: { kind: 'default' },
      ignored: [{ origin: { kind: 'user-file', location: FILE }, because: 'managedOnly', value: true }],
    });
    expect(resolution.settings.cloud.value).toBe('china');
    expect(lintConfiguration(resolution).findings).toMatchObject([
      { id: 'managed-only', severity: 'warning', file: FILE, key: 'policyOnly' },
    ]);
  });
});

describe('allowTokenEndpoint', () => {
  const asUser = userFile({ ...identity, allowTokenEndpoint: true });

  it('is the user’s to set on a computer without a policy', () => {
    const absent = source('managed', '/policy', { state: 'absent' });
    expect(resolveConfiguration([absent, asUser]).settings.allowTokenEndpoint).toMatchObject({ value: true });
  });

  it.each([
    ['any policy', policy({ cloud: 'public' })],
    ['an empty policy', policy({})],
    ['a policy of unknown keys', policy({ later: 1 })],
    ["a policy that can't be read", source('managed', '/policy', { state: 'unreadable', reason: 'is broken' })],
  ])('is only the policy’s to set next to %s', (_, managed) => {
    const resolution = resolveConfiguration([managed, asUser]);
    expect(resolution.settings.allowTokenEndpoint).toMatchObject({
      value: false,
      origin: { kind: 'default' },
      ignored: [{ origin: { location: FILE }, because: 'managedOnly', value: true }],
    });
    expect(lintConfiguration(resolution).findings).toContainEqual(
      expect.objectContaining({ id: 'managed-only', severity: 'warning', file: FILE, key: 'allowTokenEndpoint' }),
    );
  });

  it('uses the policy’s value, and a user’s invalid one does no harm', () => {
    const resolution = resolveConfiguration([
      policy({ ...identity, allowTokenEndpoint: true }),
      userFile({ allowTokenEndpoint: 'maybe' }),
    ]);
    expect(resolution.problems).toEqual([]);
    expect(resolution.settings.allowTokenEndpoint.value).toBe(true);
  });
});

describe('config show', () => {
  it('describes ignored values, with credentials hidden and invalid ones left out', () => {
    const rows = describeConfiguration(
      resolveConfiguration([
        policy({ policyOnly: true }),
        userFile({ proxy: 'http://ada:s3cret@proxy.example:8080', headers: { 'X-Key': 's3cret' }, cloud: 's3cret' }),
      ]),
    );
    const ignored = Object.fromEntries(rows.map((row) => [row.key, row.ignored]));
    const origin = { kind: 'user-file', location: FILE };
    expect(ignored['proxy']).toEqual([{ value: 'http://(hidden)@proxy.example:8080', origin, because: 'policyOnly' }]);
    expect(ignored['headers']).toEqual([{ value: { 'X-Key': '(hidden)' }, origin, because: 'policyOnly' }]);
    expect(ignored['cloud']).toEqual([{ origin, because: 'policyOnly' }]);
    expect(JSON.stringify(rows)).not.toMatch(/s3cret|ada/);
  });
});
