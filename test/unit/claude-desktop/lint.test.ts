import { describe, expect, it } from 'vitest';
import type { DesktopDocument } from '../../../src/claude-desktop/document.ts';
import type { LintOptions } from '../../../src/claude-desktop/examination.ts';
import { lintDesktop } from '../../../src/claude-desktop/lint.ts';
import type { Form } from '../../../src/formats/settings-document.ts';

type Settings = Readonly<Record<string, unknown>>;

const HELPER = '/usr/local/bin/foundry-credential-helper';
const WINDOWS_HELPER = 'C:\\Program Files\\foundry-credential-helper\\foundry-credential-helper.exe';
const RESOURCE_URL = 'https://contoso-foundry.services.ai.azure.com/anthropic';

/** What `config export` writes for an Entra token. */
const ENTRA: Settings = {
  inferenceProvider: 'gateway',
  inferenceGatewayBaseUrl: RESOURCE_URL,
  inferenceGatewayAuthScheme: 'bearer',
  modelDiscoveryEnabled: false,
  inferenceModels: ['claude-sonnet-5', { name: 'claude-opus-4-8', supports1m: true, anthropicFamilyTier: 'opus' }],
  inferenceCredentialKind: 'helper-script',
  inferenceCredentialHelper: HELPER,
  inferenceCredentialHelperTtlSec: 900,
  inferenceCredentialHelperTimeoutSec: 600,
};
/** And for an API key. */
const API_KEY: Settings = {
  ...without(ENTRA, 'inferenceGatewayBaseUrl', 'inferenceGatewayAuthScheme', 'modelDiscoveryEnabled'),
  inferenceProvider: 'foundry',
  inferenceFoundryResource: 'contoso-foundry',
};

const NOW = new Date('2026-11-29T00:00:00Z');

function document(settings: Settings, form: Form = 'json'): DesktopDocument {
  const entries = Object.entries(settings).map(([key, value]) => ({ key, value }));
  return { form, file: '/some/file', entries };
}

/** `severity id key element`, what a reader goes by. */
function found(settings: Settings, options: LintOptions & { readonly form?: Form } = {}): readonly string[] {
  return lintDesktop(document(settings, options.form), { now: NOW, ...options }).map(({ severity, id, key, element }) =>
    [severity, id, key, element].filter(Boolean).join(' '),
  );
}

function without(settings: Settings, ...keys: readonly string[]): Settings {
  return Object.fromEntries(Object.entries(settings).filter(([key]) => !keys.includes(key)));
}

describe('right settings', () => {
  it.each([
    ['an Entra token through the gateway provider', ENTRA, {}],
    ['an API key through the foundry provider', API_KEY, { credential: 'api-key' as const }],
    ['update settings only', { disableAutoUpdates: true, egressProxyUrl: 'http://proxy.contoso.com:8080' }, {}],
    [
      'API Management in front of Foundry',
      { ...ENTRA, inferenceGatewayBaseUrl: 'https://contoso.azure-api.net/anthropic' },
      {},
    ],
    [
      'all values as text',
      Object.fromEntries(
        Object.entries(ENTRA).map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
      ),
      {},
    ],
    [
      'a path for each system',
      {
        ...ENTRA,
        inferenceCredentialHelper: '/opt/x/foundry-credential-helper',
        inferenceCredentialHelperWindows: WINDOWS_HELPER,
      },
      {},
    ],
    ['a path with spaces', { ...ENTRA, inferenceCredentialHelper: '/Library/Contoso/Foundry Helper' }, {}],
    [
      'another base URL for the foundry provider',
      { ...API_KEY, inferenceFoundryBaseUrl: 'https://foundry.contoso.internal/anthropic' },
      { credential: 'api-key' as const },
    ],
    [
      'another base URL on this computer',
      { ...API_KEY, inferenceFoundryBaseUrl: 'http://127.0.0.1:8080/anthropic' },
      { credential: 'api-key' as const },
    ],
    ['header maps as objects', { ...ENTRA, inferenceCustomHeaders: { 'X-Department': 'research' } }, {}],
    ['header maps as JSON text', { ...ENTRA, inferenceCustomHeaders: '{"X-Department":"research"}' }, {}],
    [
      "another helper's profile, whose output nobody knows",
      { ...API_KEY, inferenceCredentialHelper: '/opt/get-key.sh' },
      {},
    ],
  ])('%s', (_, settings, options) => {
    expect(found(settings, options)).toEqual([]);
  });
});

describe('the header', () => {
  it.each([
    ['foundry with an Entra token', { ...API_KEY }, {}, ['error header-mismatch inferenceProvider']],
    ['foundry with an API key', { ...API_KEY }, { credential: 'api-key' }, []],
    [
      'gateway with an API key as bearer, at Foundry',
      ENTRA,
      { credential: 'api-key' },
      ['error header-mismatch inferenceGatewayAuthScheme'],
    ],
    [
      'gateway with an API key as x-api-key, at Foundry',
      { ...ENTRA, inferenceGatewayAuthScheme: 'x-api-key' },
      { credential: 'api-key' },
      [],
    ],
    [
      'gateway with an Entra token as x-api-key',
      { ...ENTRA, inferenceGatewayAuthScheme: 'x-api-key' },
      {},
      ['error header-mismatch inferenceGatewayAuthScheme'],
    ],
    ['gateway without a scheme, which is bearer', without(ENTRA, 'inferenceGatewayAuthScheme'), {}, []],
    [
      'vertex, which never calls Foundry',
      { ...ENTRA, inferenceProvider: 'vertex' },
      {},
      ['error header-mismatch inferenceProvider'],
    ],
  ] as const)('%s', (_, settings, options, expected) => {
    expect(found(settings, options).filter((line) => /header|without-helper/.test(line))).toEqual(expected);
  });
});

describe('each rule finds its fault, once', () => {
  it.each<readonly [Settings, string]>([
    [without(ENTRA, 'inferenceProvider'), 'error provider-missing inferenceProvider'],
    [{ ...ENTRA, inferenceProvider: 'azure' }, 'error provider-invalid inferenceProvider'],
    [without(ENTRA, 'inferenceGatewayBaseUrl'), 'error endpoint-missing inferenceGatewayBaseUrl'],
    [
      { ...ENTRA, inferenceGatewayBaseUrl: 'http://contoso.azure-api.net/anthropic' },
      'error base-url-invalid inferenceGatewayBaseUrl',
    ],
    [{ ...ENTRA, inferenceGatewayBaseUrl: `${RESOURCE_URL}?x=1` }, 'error base-url-invalid inferenceGatewayBaseUrl'],
    [{ ...ENTRA, inferenceGatewayBaseUrl: `${RESOURCE_URL}#x` }, 'error base-url-invalid inferenceGatewayBaseUrl'],
    [
      { ...ENTRA, inferenceGatewayBaseUrl: 'https://u:p@contoso.azure-api.net/anthropic' },
      'error base-url-invalid inferenceGatewayBaseUrl',
    ],
    [
      { ...ENTRA, inferenceGatewayBaseUrl: 'https://contoso-foundry.services.ai.azure.com' },
      'error base-url-invalid inferenceGatewayBaseUrl',
    ],
    [
      { ...ENTRA, inferenceGatewayBaseUrl: `${RESOURCE_URL}/v1/messages` },
      'error base-url-invalid inferenceGatewayBaseUrl',
    ],
    [
      { ...ENTRA, inferenceGatewayBaseUrl: 'ftp://contoso.azure-api.net' },
      'error base-url-invalid inferenceGatewayBaseUrl',
    ],
    [without(ENTRA, 'inferenceModels'), 'error models-missing inferenceModels'],
    [{ ...ENTRA, inferenceModels: [] }, 'error models-missing inferenceModels'],
    [{ ...ENTRA, inferenceModels: 'claude-sonnet-5,claude-opus-4-8' }, 'error models-not-json inferenceModels'],
    [{ ...ENTRA, inferenceModels: ['claude-sonnet-5', 7] }, 'error model-not-text inferenceModels entry 2'],
    [{ ...ENTRA, inferenceModels: ['claude-sonnet-5', 'prod-fast'] }, 'error model-dropped inferenceModels entry 2'],
    [{ ...ENTRA, inferenceModels: ['claude-sonnet-5', 'gpt-claude'] }, 'error model-refused inferenceModels entry 2'],
    [
      { ...ENTRA, inferenceModels: ['claude-sonnet-5', 'Claude-Sonnet-5'] },
      'warning model-twice inferenceModels entry 2',
    ],
    [
      { ...ENTRA, inferenceModels: [{ name: 'claude-opus-4-8', anthropicFamilyTier: 'big' }] },
      'warning model-tier inferenceModels entry 1',
    ],
    [
      { ...ENTRA, inferenceModels: [{ name: 'claude-opus-4-8', tier: 'opus' }] },
      'warning model-member inferenceModels entry 1, "tier"',
    ],
    [{ ...ENTRA, modelDiscoveryEnabled: true }, 'warning model-discovery modelDiscoveryEnabled'],
    [without(ENTRA, 'inferenceCredentialKind'), 'warning credential-kind-missing inferenceCredentialKind'],
    [{ ...ENTRA, inferenceCredentialKind: 'static' }, 'error credential-kind-invalid inferenceCredentialKind'],
    [{ ...ENTRA, inferenceGatewayApiKey: 'x' }, 'warning credential-source-twice inferenceGatewayApiKey'],
    [{ ...ENTRA, inferenceFoundryTenantId: 'x' }, 'warning credential-source-twice inferenceFoundryTenantId'],
    [{ ...ENTRA, inferenceIdpOidc: { issuer: 'x' } }, 'warning credential-source-twice inferenceIdpOidc'],
    [{ ...ENTRA, inferenceAnthropicApiKey: 'x' }, 'warning credential-source-twice inferenceAnthropicApiKey'],
    [without(ENTRA, 'inferenceCredentialHelper'), 'error helper-path-missing inferenceCredentialHelper'],
    [
      without(ENTRA, 'inferenceCredentialHelper', 'inferenceCredentialKind'),
      'warning helper-not-used inferenceCredentialHelper',
    ],
    [
      { ...ENTRA, inferenceCredentialHelperArgs: ['--desktop'] },
      'error helper-arguments inferenceCredentialHelperArgs',
    ],
    [
      { ...ENTRA, inferenceCredentialHelperSilentRefreshEnabled: false },
      'warning silent-refresh-off inferenceCredentialHelperSilentRefreshEnabled',
    ],
    [{ ...ENTRA, inferenceCredentialHelperTtlSec: 'soon' }, 'error integer-invalid inferenceCredentialHelperTtlSec'],
    [
      { ...ENTRA, inferenceCredentialHelperTtlSec: 3600 },
      'warning ttl-above-token-life inferenceCredentialHelperTtlSec',
    ],
    [without(ENTRA, 'inferenceCredentialHelperTtlSec'), 'warning ttl-above-token-life inferenceCredentialHelperTtlSec'],
    [{ ...ENTRA, inferenceCredentialHelperTtlSec: 120 }, 'warning ttl-too-short inferenceCredentialHelperTtlSec'],
    [
      { ...ENTRA, inferenceCredentialHelperTimeoutSec: 60 },
      'warning timeout-too-short inferenceCredentialHelperTimeoutSec',
    ],
    [
      without(ENTRA, 'inferenceCredentialHelperTimeoutSec'),
      'warning timeout-too-short inferenceCredentialHelperTimeoutSec',
    ],
    [{ ...ENTRA, inferenceCredentialHelperTimeoutSec: 601 }, 'error number-range inferenceCredentialHelperTimeoutSec'],
    [{ ...ENTRA, inferenceCredentialHelperTimeoutSec: 0 }, 'error number-range inferenceCredentialHelperTimeoutSec'],
    [{ ...ENTRA, isLocalDevMcpEnabled: 'yes' }, 'error boolean-invalid isLocalDevMcpEnabled'],
    [{ ...ENTRA, relaunchEnforcementHours: 337 }, 'error number-range relaunchEnforcementHours'],
    [{ ...ENTRA, otlpProtocol: 'udp' }, 'error enum-invalid otlpProtocol'],
    [{ ...ENTRA, disabledBuiltinTools: 'WebFetch,Bash' }, 'error structure-not-json disabledBuiltinTools'],
    [{ ...ENTRA, disabledBuiltinTools: ['WebFetch', 1] }, 'error entry-not-text disabledBuiltinTools entry 2'],
    [{ ...ENTRA, inferenceCustomHeaders: { 'X-Count': 1 } }, 'error entry-not-text inferenceCustomHeaders entry 1'],
    [{ ...ENTRA, inferenceCustomHeaders: 'X-Department: research' }, 'error value-retired inferenceCustomHeaders'],
    [{ ...ENTRA, inferenceCustomHeaders: ['X-Department: research'] }, 'error value-retired inferenceCustomHeaders'],
    [{ ...ENTRA, inferenceGatewayHeaders: {} }, 'error key-retired inferenceGatewayHeaders'],
    [{ ...ENTRA, trustBootstrapLocalExec: true }, 'error key-retired trustBootstrapLocalExec'],
    [{ ...ENTRA, enduserAttribution: true }, 'error key-retired enduserAttribution'],
    [{ ...ENTRA, isDxtEnabled: true }, 'error key-retired isDxtEnabled'],
    [{ ...ENTRA, isDxtSignatureRequired: true }, 'error key-retired isDxtSignatureRequired'],
    [{ ...ENTRA, allowOptionalClientAuth: true }, 'error key-retired allowOptionalClientAuth'],
    [{ ...ENTRA, inferenceGatewayAuthScheme: 'auto' }, 'error value-retired inferenceGatewayAuthScheme'],
    [{ ...ENTRA, orgPluginSettings: { a: {} } }, 'error value-retired orgPluginSettings'],
    [{ ...ENTRA, inferencecredentialhelperttlsec: 900 }, 'warning key-misspelled inferencecredentialhelperttlsec'],
    [
      { ...ENTRA, inferenceCredentialHelperTtlSeconds: 900 },
      'warning key-misspelled inferenceCredentialHelperTtlSeconds',
    ],
    [{ ...ENTRA, 'inference.credential.kind': 'x' }, 'error key-nested inference.credential.kind'],
    [{ ...ENTRA, tenantId: 'contoso.com' }, 'warning key-of-other-program tenantId'],
    [{ ...ENTRA, somethingElse: true }, 'warning key-unknown somethingElse'],
    [{ bootstrapUrl: 'https://config.contoso.com' }, 'note bootstrap-delivery bootstrapUrl'],
  ])('%#: %s', (settings, expected) => {
    expect(found(settings)).toEqual([expected]);
  });

  it.each<readonly [Settings, string]>([
    [without(API_KEY, 'inferenceFoundryResource'), 'error endpoint-missing inferenceFoundryResource'],
    [
      { ...without(API_KEY, 'inferenceFoundryResource'), inferenceFoundryBaseUrl: RESOURCE_URL },
      'error endpoint-missing inferenceFoundryResource',
    ],
    [
      { ...API_KEY, inferenceFoundryResource: 'Contoso-Foundry' },
      'error foundry-resource-invalid inferenceFoundryResource',
    ],
    [{ ...API_KEY, inferenceFoundryResource: RESOURCE_URL }, 'error foundry-resource-invalid inferenceFoundryResource'],
    [
      { ...API_KEY, inferenceFoundryBaseUrl: 'http://foundry.contoso.com/anthropic' },
      'error base-url-invalid inferenceFoundryBaseUrl',
    ],
    [{ ...API_KEY, inferenceFoundryApiKey: 'x' }, 'warning credential-source-twice inferenceFoundryApiKey'],
  ])('%#, with an API key: %s', (settings, expected) => {
    expect(found(settings, { credential: 'api-key' })).toEqual([expected]);
  });
});

describe('the helper path', () => {
  it.each([
    ['bin/foundry-credential-helper', 'error'],
    ['~/bin/foundry-credential-helper', 'error'],
    ['%ProgramFiles%\\foundry-credential-helper.exe', 'error'],
    ['/opt/100%/foundry-credential-helper', 'error'],
    ['"/usr/bin/foundry-credential-helper"', 'error'],
    ['\\\\server\\share\\foundry-credential-helper.exe', 'error'],
    ['//server/share/foundry-credential-helper', 'error'],
    ['\\\\?\\C:\\x\\foundry-credential-helper.exe', 'error'],
    ['/usr/../bin/foundry-credential-helper', 'error'],
    ['C:\\x\\..\\foundry-credential-helper.exe', 'error'],
    ['/usr/bin/foundry-credential-helper.', 'error'],
    ['/usr/bin/foundry\u0007', 'error'],
    ['C:\\x:y\\foundry-credential-helper.exe', 'error'],
    ['/usr/bin/foundry-credential-helper --desktop', 'warning'],
    ['C:\\x\\foundry-credential-helper.exe --desktop', 'warning'],
    ['/Library/Contoso Tools/Foundry Helper', ''],
    ["/opt/it's/foundry-credential-helper", ''],
    ['/opt/a..b/foundry-credential-helper', ''],
    [WINDOWS_HELPER, ''],
  ])('%s', (path, severity) => {
    const lines = found({ ...ENTRA, inferenceCredentialHelper: path }).filter((line) => /helper-path/.test(line));
    expect(lines.map((line) => line.split(' ')[0])).toEqual(severity === '' ? [] : [severity]);
  });

  it('is judged for the systems that read the file', () => {
    const both = { ...ENTRA, inferenceCredentialHelper: HELPER };
    expect(found(both, { form: 'registry' })).toEqual(['error helper-path-invalid inferenceCredentialHelper']);
    expect(found({ ...ENTRA, inferenceCredentialHelperWindows: HELPER })).toEqual([
      'error helper-path-invalid inferenceCredentialHelperWindows',
    ]);
    expect(found({ ...both, inferenceCredentialHelperWindows: WINDOWS_HELPER }, { form: 'registry' })).toEqual([]);
  });
});

describe("the helper's arguments", () => {
  const args = (list: unknown) =>
    found({ ...ENTRA, inferenceCredentialHelper: '/opt/other', inferenceCredentialHelperArgs: list });

  it.each([[['--profile', 'a b']], ['["--profile"]'], [[]], [Array(32).fill('x')], [['x'.repeat(1024)]]])(
    '%j',
    (list) => {
      expect(args(list)).toEqual([]);
    },
  );

  it.each([[Array(33).fill('x')], [['']], [['x'.repeat(1025)]], [['a"b']], [['%PATH%']], [['a\nb']], [[7]]])(
    'refuses %j',
    (list) => {
      expect(args(list)).toContainEqual(expect.stringMatching(/^error (?:helper-arguments-invalid|entry-not-text)/));
    },
  );
});

describe('versions and days', () => {
  it("names what a version doesn't know yet", () => {
    const settings = { ...ENTRA, inferenceCredentialHelperWindows: WINDOWS_HELPER };
    expect(found(settings, { desktopVersion: '2.2552.9' })).toEqual([
      'warning key-too-new inferenceCredentialHelperWindows',
    ]);
    expect(found(settings, { desktopVersion: '2.2553.0' })).toEqual([]);
  });

  it('lets an old version have the old name that it alone knows', () => {
    const settings = { ...ENTRA, isDxtEnabled: true, inferenceGatewayHeaders: { 'X-A': 'b' } };
    expect(found(settings, { desktopVersion: '1.8000.0' })).not.toContainEqual(
      expect.stringContaining('inferenceGatewayHeaders'),
    );
    expect(found(settings, { desktopVersion: '1.40609.0' })).toContain('error key-retired inferenceGatewayHeaders');
  });

  it('warns before a name is refused', () => {
    const settings = { ...ENTRA, isDxtEnabled: true };
    expect(found(settings, { now: new Date('2026-10-07T12:00:00Z') })).toEqual(['warning key-retiring isDxtEnabled']);
    expect(found(settings, { now: new Date('2026-10-07T20:00:00Z') })).toEqual(['error key-retired isDxtEnabled']);
  });
});

describe('forms', () => {
  it('notes native types of a profile once for all keys', () => {
    expect(found(ENTRA, { form: 'plist' })).toEqual([
      'note value-not-text modelDiscoveryEnabled, inferenceCredentialHelperTtlSec, inferenceCredentialHelperTimeoutSec',
      'note native-structure inferenceModels',
    ]);
  });

  it.each([
    ['inferenceProvider', 'REG_DWORD', 'error registry-dword inferenceProvider'],
    ['inferenceProvider', 'REG_EXPAND_SZ', 'error registry-expand-sz inferenceProvider'],
    ['inferenceProvider', 'REG_MULTI_SZ', 'error registry-type inferenceProvider'],
    ['modelDiscoveryEnabled', 'REG_DWORD', undefined],
    ['INFERENCEPROVIDER', 'REG_SZ', undefined],
  ])('%s as %s', (key, registryType, expected) => {
    const { entries } = document({ [key]: key === 'modelDiscoveryEnabled' ? 0 : 'gateway' });
    const lines = lintDesktop({
      form: 'registry',
      file: 'x',
      entries: entries.map((entry) => ({ ...entry, registryType })),
    })
      .map(({ severity, id, key: name }) => `${severity} ${id} ${name}`)
      .filter((line) => /registry|unknown|misspelled/.test(line));
    expect(lines).toEqual(expected === undefined ? [] : [expected]);
  });
});
