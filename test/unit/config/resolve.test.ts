import { resolve } from 'node:path';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { Cloud, Configuration } from '../../../src/config/configuration.ts';
import { describeConfiguration } from '../../../src/config/describe.ts';
import { configurationKeys } from '../../../src/config/keys.ts';
import { requireConfiguration, resolveConfiguration } from '../../../src/config/resolve.ts';
import { environmentSource } from '../../../src/config/sources/environment.ts';
import type { ConfigurationSource, SourceReading } from '../../../src/config/sources/source.ts';
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

  it('does not mind an invalid value that is overridden', () => {
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
  ])('names the unknown key %s and suggests %s', (unknown, known) => {
    const { problems } = resolveConfiguration([userFile({ [unknown]: 'x' })]);
    expect(problems.map((problem) => problem.detail)).toEqual([
      `"${unknown}" in /home/a/config.json is no setting of this program; did you mean "${known}"?`,
    ]);
  });

  it.each(['inferenceProvider', 'toString', '__proto__', 'x'.repeat(5000)])(
    'suggests nothing for a strange key',
    (unknown) => {
      const values = JSON.parse(`{${JSON.stringify(unknown)}: 1}`) as Record<string, unknown>;
      const [problem] = resolveConfiguration([managed(values)]).problems;
      expect(problem?.code).toBe('ERR_CONFIG_INVALID');
      expect(problem?.detail).toMatch(/ in \/policy\.json is no setting of this program$/);
    },
  );

  it('reports every problem, unreadable sources first', () => {
    const broken = source('managed', '/policy.json', { state: 'unreadable', reason: 'is a symbolic link' });
    const { problems, sources } = resolveConfiguration([userFile({ cloud: 1, clowd: 1, logLevel: 'x' }), broken]);
    expect(problems.map(({ code, detail }) => `${code} ${detail}`)).toEqual([
      'ERR_CONFIG_UNREADABLE /policy.json is a symbolic link',
      expect.stringMatching(/^ERR_CONFIG_INVALID "clowd"/),
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

  it('takes empty variables for unset ones', () => {
    expect(environmentSource({ AZURE_TENANT_ID: '', NODE_EXTRA_CA_CERTS: '' }).read()).toEqual({ state: 'absent' });
  });
});

describe('requireConfiguration', () => {
  it('gives typed, complete settings and leaves out what nobody set', () => {
    const configuration = requireConfiguration(resolveConfiguration([userFile({ ...identity, models: 'a,b' })]), [
      'models',
    ]);
    expect(configuration).toEqual({
      ...identity,
      models: ['a', 'b'],
      cloud: 'public',
      scope: 'https://cognitiveservices.azure.com/.default',
      signInMethod: 'device-code',
      credential: 'entra',
      outputFormat: 'token',
      sendAuthorizationHeader: false,
      browserSignInFallback: false,
      allowTokenEndpoint: false,
      logLevel: 'info',
    });
    expectTypeOf(configuration).toExtend<Configuration>();
    expectTypeOf(configuration.models).toEqualTypeOf<readonly string[]>();
    expectTypeOf<Configuration['proxy']>().toEqualTypeOf<string | undefined>();
    expectTypeOf<Configuration['tenantId']>().toEqualTypeOf<string>();
    expectTypeOf<Cloud>().toEqualTypeOf<'public' | 'usgovernment' | 'china'>();
  });

  it('throws the first problem', () => {
    const resolution = resolveConfiguration([userFile({ ...identity, cloud: 'moon' })]);
    expect(thrownBy(() => requireConfiguration(resolution))).toBe(resolution.problems[0]);
  });

  it('names a missing key and where to set it', () => {
    const resolution = resolveConfiguration([userFile({ tenantId }), environmentSource({})]);
    expect(thrownBy(() => requireConfiguration(resolution))).toMatchObject({
      code: 'ERR_CONFIG_MISSING',
      detail: '"clientId" can be set in /home/a/config.json, or as AZURE_CLIENT_ID',
    });
  });

  it('asks for further keys only when told', () => {
    const resolution = resolveConfiguration([userFile(identity)]);
    expect(requireConfiguration(resolution)).not.toHaveProperty('foundryResource');
    expect(thrownBy(() => requireConfiguration(resolution, ['foundryResource'])).detail).toBe(
      '"foundryResource" can be set in /home/a/config.json',
    );
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
