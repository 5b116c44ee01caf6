import { resolve } from 'node:path';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { Configuration } from '../../../src/config/configuration.ts';
import { describeConfiguration } from '../../../src/config/describe.ts';
import { configurationKeys, purposesOf } from '../../../src/config/keys.ts';
import type { Model } from '../../../src/config/models.ts';
import { requireConfiguration, requireSettings, resolveConfiguration } from '../../../src/config/resolve.ts';
import { environmentSource } from '../../../src/config/sources/environment.ts';
import type { ConfigurationSource, SourceReading } from '../../../src/config/sources/source.ts';
import { unknownKeyText } from '../../../src/config/unknown-key.ts';
import { AppError } from '../../../src/core/errors.ts';

const tenantId = '11111111-2222-3333-4444-555555555555';
const clientId = 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee';
const identity = { tenantId, clientId };

const source = (kind: ConfigurationSource['kind'], location: string, reading: SourceReading): ConfigurationSource => ({
  kind,
  location,
  read: () => reading,
  fingerprint: () => '',
});
const managed = (values: Record<string, unknown>) => source('managed', '/policy.json', { state: 'values', values });
const userFile = (values: Record<string, unknown>) =>
  source('user-file', '/home/a/config.json', { state: 'values', values });

const thrownBy = (work: () => unknown): AppError => {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof AppError) return thrown;
    throw thrown;
  }
  throw new Error('nothing was thrown');
};

describe('resolveConfiguration', () => {
  it('takes each key from the highest source that holds it and remembers the rest', () => {
    const { settings, problems } = resolveConfiguration([
      environmentSource({ AZURE_TENANT_ID: 'env.example', AZURE_CLIENT_ID: clientId }),
      userFile({ tenantId: 'user.example', logLevel: 'debug' }),
      managed({ tenantId }),
    ]);
    expect(problems).toEqual([]);
    expect(settings.tenantId).toEqual({
      value: tenantId,
      origin: { kind: 'managed', location: '/policy.json' },
      overrides: [
        { kind: 'user-file', location: '/home/a/config.json' },
        { kind: 'environment', location: 'AZURE_TENANT_ID' },
      ],
    });
    expect(settings.logLevel).toMatchObject({ value: 'debug', origin: { kind: 'user-file' } });
    expect(settings.clientId).toMatchObject({ value: clientId, origin: { location: 'AZURE_CLIENT_ID' } });
    expect(settings.cloud).toEqual({
      value: 'public',
      origin: { kind: 'default', location: 'default' },
      overrides: [],
    });
    expect(settings.models).toEqual({ overrides: [] });
  });

  it('keeps the order of several managed sources', () => {
    const first = source('managed', '/user-policy', { state: 'values', values: { cloud: 'china' } });
    const { settings } = resolveConfiguration([first, managed({ cloud: 'public' })]);
    expect(settings.cloud).toMatchObject({ value: 'china', overrides: [{ location: '/policy.json' }] });
  });

  it.each([
    ['public', 'https://cognitiveservices.azure.com/.default'],
    ['usgovernment', 'https://cognitiveservices.azure.us/.default'],
    ['china', 'https://cognitiveservices.azure.cn/.default'],
  ])('derives the scope of %s', (cloud, scope) => {
    expect(resolveConfiguration([userFile({ cloud })]).settings.scope).toMatchObject({
      value: scope,
      origin: { kind: 'default' },
    });
  });

  it('has no default scope for an invalid cloud', () => {
    const { settings, problems } = resolveConfiguration([userFile({ cloud: 'moon' })]);
    expect(settings.scope).toEqual({ overrides: [] });
    expect(problems).toHaveLength(1);
  });

  it.each([
    ['managed', [managed({ tenantId: 'common' }), userFile({ tenantId })], '/policy.json'],
    [
      'user-file',
      [userFile({ tenantId: 'common' }), environmentSource({ AZURE_TENANT_ID: tenantId })],
      '/home/a/config.json',
    ],
    ['environment', [environmentSource({ AZURE_TENANT_ID: 'common' })], 'AZURE_TENANT_ID'],
  ] as const)('never falls through an invalid value: %s', (kind, sources, location) => {
    const { settings, problems } = resolveConfiguration(sources);
    expect(settings.tenantId).not.toHaveProperty('value');
    expect(settings.tenantId.origin).toEqual({ kind, location });
    expect(problems).toEqual([settings.tenantId.problem]);
    expect(problems[0]?.code).toBe('ERR_CONFIG_INVALID');
    expect(problems[0]?.detail).toContain(`"tenantId" in ${location} must name one tenant`);
  });

  it("doesn't mind an invalid value that is overridden", () => {
    expect(resolveConfiguration([managed(identity), userFile({ tenantId: 'common' })]).problems).toEqual([]);
  });

  it.each([
    ['tenant_id', 'tenantId'],
    ['TenantID', 'tenantId'],
    ['logLevle', 'logLevel'],
    ['cafile', 'caFile'],
    ['model', 'models'],
    ['proxyUrl', 'proxy'],
    ['minimumTokenLifetime', 'minimumTokenLifetimeSeconds'],
  ])('warns about the unknown key %s and suggests %s', (unknown, known) => {
    const resolution = resolveConfiguration([userFile({ ...identity, [unknown]: 'x' })]);
    expect(resolution.problems).toEqual([]);
    expect(requireSettings(resolution)).not.toHaveProperty(unknown);
    expect(resolution.unknownKeys).toEqual([{ key: unknown, location: '/home/a/config.json', nearest: known }]);
    expect(resolution.unknownKeys.map(unknownKeyText)).toEqual([
      `unknown setting "${unknown}" in /home/a/config.json; did you mean "${known}"?`,
    ]);
  });

  it.each([
    ['inferenceProvider', 'inferenceProvider'],
    ['toString', 'toString'],
    ['__proto__', '__proto__'],
    ['x'.repeat(5000), '(hidden)'],
    ['\u{1f511}'.repeat(99), '(hidden)'],
    ['retry-policy.v2', 'retry-policy.v2'],
    ['/opt/x --key secret', '(hidden)'],
    ['a\u001b[31mb\n', '(hidden)'],
    // A key that was pasted as a name: both of Azure's forms, and Anthropic's.
    ['0123456789abcdef0123456789abcdef', '(hidden)'],
    [`${'A1b2C3'.repeat(14)}`, '(hidden)'],
    ['sk-ant-api03-Zm9vYmFy-c4n4ry99', '(hidden)'],
  ])('shows a strange key safely and suggests nothing', (unknown, shown) => {
    const values = JSON.parse(`{${JSON.stringify(unknown)}: 1}`) as Record<string, unknown>;
    expect(resolveConfiguration([managed(values)])).toMatchObject({
      problems: [],
      unknownKeys: [{ key: shown, location: '/policy.json' }],
    });
    expect(resolveConfiguration([managed(values)]).unknownKeys.map(unknownKeyText)).toEqual([
      `unknown setting "${shown}" in /policy.json`,
    ]);
  });

  it('still fails for a known key with an invalid value next to an unknown one', () => {
    const resolution = resolveConfiguration([managed({ ...identity, cloud: 'moon', later: true })]);
    expect(resolution.unknownKeys).toHaveLength(1);
    expect(thrownBy(() => requireSettings(resolution)).detail).toMatch(/^"cloud" in \/policy\.json must be one of/);
  });

  it('names the source of each unknown key, highest rank first', () => {
    const { unknownKeys } = resolveConfiguration([userFile({ one: 1 }), managed({ two: 2, tenantId })]);
    expect(unknownKeys).toEqual([
      { key: 'two', location: '/policy.json' },
      { key: 'one', location: '/home/a/config.json' },
    ]);
  });

  it('reports every problem, unreadable sources first', () => {
    const broken = source('managed', '/policy.json', { state: 'unreadable', reason: 'is a symbolic link' });
    const { problems, sources } = resolveConfiguration([userFile({ cloud: 1, logLevel: 'x' }), broken]);
    expect(problems.map(({ code, detail }) => `${code} ${detail}`)).toEqual([
      'ERR_CONFIG_UNREADABLE /policy.json is a symbolic link',
      expect.stringMatching(/^ERR_CONFIG_INVALID "cloud"/),
      expect.stringMatching(/^ERR_CONFIG_INVALID "logLevel"/),
    ]);
    expect(sources).toEqual([
      { kind: 'managed', location: '/policy.json', state: 'unreadable', reason: 'is a symbolic link' },
      { kind: 'user-file', location: '/home/a/config.json', state: 'values' },
    ]);
  });
});

describe('environmentSource', () => {
  it('reads the variables that other programs share', () => {
    const { settings, problems } = resolveConfiguration([
      environmentSource({
        HTTPS_PROXY: ' ',
        https_proxy: 'proxy:8080',
        NO_PROXY: 'localhost .corp, 10.0.0.0/8 ',
        NODE_EXTRA_CA_CERTS: 'ca.pem',
        ALL_PROXY: 'socks5://ignored',
      }),
    ]);
    expect(problems).toEqual([]);
    expect(settings.proxy).toMatchObject({ value: 'http://proxy:8080', origin: { location: 'https_proxy' } });
    expect(settings.noProxy.value).toEqual(['localhost', '.corp', '10.0.0.0/8']);
    expect(settings.caFile.value).toBe(resolve('ca.pem'));
  });

  it('treats empty variables as unset', () => {
    expect(environmentSource({ AZURE_TENANT_ID: '', NODE_EXTRA_CA_CERTS: '' }).read()).toEqual({ state: 'absent' });
  });
});

describe('requireSettings', () => {
  it('returns typed, complete settings and omits what no one set', () => {
    const resolution = resolveConfiguration([userFile({ ...identity, models: 'ab,cd' })]);
    const configuration = requireConfiguration(resolution);
    expect(configuration).toEqual({
      ...identity,
      models: [{ name: 'ab' }, { name: 'cd' }],
      cloud: 'public',
      scope: 'https://cognitiveservices.azure.com/.default',
      signInMethod: 'device-code',
      credential: 'entra',
      outputFormat: 'token',
      browserSignInFallback: false,
      allowTokenEndpoint: false,
      policyOnly: false,
      logLevel: 'info',
      auditToSystemLog: false,
    });
    expect(requireSettings(resolution)).toEqual(configuration);
    expectTypeOf(configuration).toExtend<Configuration>();
    expectTypeOf<Configuration['models']>().toEqualTypeOf<readonly Model[] | undefined>();
    expectTypeOf<Configuration['proxy']>().toEqualTypeOf<string | undefined>();
    expectTypeOf<Configuration['tenantId']>().toEqualTypeOf<string>();
    expectTypeOf<Configuration['cloud']>().toEqualTypeOf<'public' | 'usgovernment' | 'china'>();
  });

  it('throws the first problem', () => {
    const resolution = resolveConfiguration([userFile({ ...identity, cloud: 'moon' })]);
    expect(thrownBy(() => requireSettings(resolution))).toBe(resolution.problems[0]);
  });

  it('names a missing key and where to set it', () => {
    const resolution = resolveConfiguration([userFile({ tenantId }), environmentSource({})]);
    expect(thrownBy(() => requireSettings(resolution))).toMatchObject({
      code: 'ERR_CONFIG_MISSING',
      detail: '"clientId" can be set in /home/a/config.json, or as AZURE_CLIENT_ID',
    });
  });

  it('requires no Entra settings for an API key', () => {
    const resolution = resolveConfiguration([userFile({ credential: 'api-key' })]);
    const configuration = requireSettings(resolution);
    expect(configuration).not.toHaveProperty('tenantId');
    expect(configuration.credential).toBe('api-key');
    if (configuration.credential === 'api-key') {
      expectTypeOf(configuration.tenantId).toEqualTypeOf<string | undefined>();
    } else expectTypeOf(configuration.tenantId).toEqualTypeOf<string>();
    expect(thrownBy(() => requireConfiguration(resolution)).detail).toMatch(/^"tenantId"/);
  });
});

describe('what is required', () => {
  const requiredFor = (purpose: string, values: Parameters<typeof purposesOf>[1]) =>
    configurationKeys.filter((key) => purposesOf(key, values).some((one) => one === purpose));
  const baseUrl = 'https://contoso.azure-api.net/anthropic';

  it.each([
    [{}, ['tenantId', 'clientId'], ['tenantId', 'clientId', 'foundryResource', 'models']],
    [{ credential: 'entra', baseUrl }, ['tenantId', 'clientId'], ['tenantId', 'clientId', 'models']],
    [{ credential: 'api-key' }, [], ['foundryResource', 'models']],
    [{ credential: 'api-key', baseUrl }, [], ['foundryResource', 'models']],
  ] as const)('depends on the settings: %j', (values, forSignIn, forRollout) => {
    expect(requiredFor('sign-in', values)).toEqual(forSignIn);
    expect(requiredFor('doctor', values)).toEqual(forRollout);
    expect(requiredFor('config export', values)).toEqual(forRollout);
  });
});

describe('describeConfiguration', () => {
  it('has a row for every key, with value, origin and what is missing', () => {
    const rows = describeConfiguration(resolveConfiguration([userFile({ tenantId, cloud: 'moon' })]));
    expect(rows.map(({ key }) => key)).toEqual(configurationKeys);
    expect(rows.find(({ key }) => key === 'tenantId')).toMatchObject({
      value: tenantId,
      origin: { kind: 'user-file' },
    });
    expect(rows.find(({ key }) => key === 'clientId')).toEqual({
      key: 'clientId',
      overrides: [],
      requiredFor: ['sign-in', 'doctor', 'config export'],
    });
    expect(rows.find(({ key }) => key === 'cloud')).toMatchObject({
      origin: { location: '/home/a/config.json' },
      problem: '"cloud" in /home/a/config.json must be one of public, usgovernment, china',
    });
  });

  it("doesn't report Entra settings as missing for an API key", () => {
    const rows = describeConfiguration(resolveConfiguration([userFile({ credential: 'api-key' })]));
    expect(rows.filter(({ requiredFor }) => requiredFor !== undefined).map(({ key }) => key)).toEqual([
      'foundryResource',
      'models',
    ]);
    expect(rows.find(({ key }) => key === 'tenantId')).toEqual({ key: 'tenantId', overrides: [] });
  });

  it('shows a deployment by its name if nothing else is set', () => {
    const models = ['claude-sonnet-5', { name: 'claude-opus-4-8', supports1m: true }];
    const rows = describeConfiguration(resolveConfiguration([userFile({ models })]));
    expect(rows.find(({ key }) => key === 'models')?.value).toEqual(models);
  });

  it('masks the credentials of proxy and headers and keeps host and names', () => {
    const resolution = resolveConfiguration([
      userFile({ proxy: 'http://ada:c4n4ry@proxy:8080', headers: { 'X-Key': 'c4n4ry' } }),
    ]);
    expect(resolution.problems).toEqual([]);
    const rows = describeConfiguration(resolution);
    expect(rows.find(({ key }) => key === 'proxy')?.value).toBe('http://(hidden)@proxy:8080');
    expect(rows.find(({ key }) => key === 'headers')?.value).toEqual({ 'X-Key': '(hidden)' });
    expect(JSON.stringify(rows)).not.toContain('c4n4ry');
  });

  it('shows a proxy without credentials whole', () => {
    const rows = describeConfiguration(resolveConfiguration([userFile({ proxy: 'proxy:8080' })]));
    expect(rows.find(({ key }) => key === 'proxy')?.value).toBe('http://proxy:8080');
  });

  it.each([
    ['system', 'system'],
    ['none', 'none'],
    ['pac+https://proxy.contoso.com/a.pac?key=c4n4ry', 'pac+https://proxy.contoso.com/a.pac'],
    ['pac+file:///etc/proxy.pac', 'pac+file:///etc/proxy.pac'],
  ])('shows the proxy %s as %s', (proxy, shown) => {
    const rows = describeConfiguration(resolveConfiguration([userFile({ proxy })]));
    expect(rows.find(({ key }) => key === 'proxy')?.value).toBe(shown);
  });

  it.each([
    { proxy: 'pac+http://ada:c4n4ry@proxy.contoso.com/a.pac' },
    { proxy: 'socks5://ada:c4n4ry@proxy:1080' },
    { proxy: 'http://ada:c4n4ry#@proxy:8080' },
    { proxy: 'http://ada:c4n4ry@proxy:8080/pac' },
    { headers: { 'X-Key': 'c4n4ry\n' } },
    { headers: '{"X-Key": "c4n4ry"' },
    { headers: { 'c4n4ry ': 'x' } },
    { headers: { Authorization: 'Bearer c4n4ry' } },
  ])('never repeats an invalid %j', (values) => {
    const resolution = resolveConfiguration([userFile(values)]);
    const [problem] = resolution.problems;
    expect(problem?.code).toBe('ERR_CONFIG_INVALID');
    expect(`${problem?.message}${problem?.stack}${JSON.stringify(describeConfiguration(resolution))}`).not.toContain(
      'c4n4ry',
    );
  });
});
