import { describe, expect, it } from 'vitest';
import { findingCatalog } from '../../../src/claude-desktop/finding.ts';
import {
  binaryPlist,
  found,
  goodDesktop,
  goodOwn,
  json,
  lint,
  payload,
  plist,
  profile,
  reg,
  regLines,
  type Values,
} from './support.ts';

const CLAUDE_KEY = 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Claude';

const changed = (changes: Values): Values => ({ ...goodDesktop, ...changes });
function without(...keys: readonly string[]): Values {
  return Object.fromEntries(Object.entries(goodDesktop).filter(([key]) => !keys.includes(key)));
}
const gateway = (changes: Values = {}): Values => ({
  ...without('inferenceFoundryResource'),
  inferenceProvider: 'gateway',
  inferenceGatewayBaseUrl: 'https://contoso-foundry.services.ai.azure.com/anthropic',
  ...changes,
});

describe('without a fault', () => {
  it.each([
    ['profile', profile([payload(goodDesktop), payload(goodOwn, 'dev.foundry-credential-helper')])],
    ['plist', plist(goodDesktop)],
    ['binary plist', binaryPlist(goodDesktop)],
    ['own plist', plist({ ...goodOwn, caFile: '/etc/root.pem', minimumTokenLifetimeSeconds: '1020' })],
    ['registry export', reg(regLines(goodDesktop))],
    ['registry export as UTF-16', Buffer.from(`\ufeff${reg(regLines(goodDesktop)).toString()}`, 'utf16le')],
    ['UTF-16 without a byte order mark', Buffer.from(reg(regLines(goodDesktop)).toString(), 'utf16le')],
    ['UTF-8 with one', Buffer.from(`\ufeff${reg(regLines(goodDesktop)).toString()}`)],
    [
      'registry export with numbers',
      reg([
        ...regLines(without('inferenceCredentialHelperTtlSec')),
        '"inferenceCredentialHelperTtlSec"=dword:00000384',
      ]),
    ],
    [
      'names in other case, which Windows does not mind',
      reg(regLines(goodDesktop).map((line) => line.replace('"inference', '"INFERENCE'))),
    ],
    ['JSON with text', json(goodDesktop)],
    [
      'JSON with native values',
      json({
        ...goodDesktop,
        inferenceModels: ['a', { name: 'b' }],
        inferenceCredentialHelperTtlSec: 900,
        modelDiscoveryEnabled: false,
      }),
    ],
    ['JSON for Windows', json({ ...goodDesktop, inferenceCredentialHelper: 'C:\\Program Files\\x y\\helper.exe' })],
    ['folder with spaces', plist(changed({ inferenceCredentialHelper: '/Applications/Our Tools/bin/helper' }))],
    ['gateway', plist(gateway())],
    ['another gateway', plist(gateway({ inferenceGatewayBaseUrl: 'https://llm.contoso.com/v1' }))],
    ['own settings', json({ ...goodOwn, $schema: 'https://example.com/schema.json', models: ['a'] })],
    [
      'other keys of Claude Desktop',
      plist(changed({ bootstrapUrl: 'https://contoso.com', isLocalDevMcpEnabled: 'false' })),
    ],
    ['update settings alone', plist({ disableAutoUpdates: 'true' })],
    [
      'in-app sign-in',
      plist({
        ...without(
          'inferenceCredentialHelper',
          'inferenceCredentialHelperTtlSec',
          'inferenceCredentialHelperTimeoutSec',
        ),
        inferenceCredentialKind: 'interactive',
        inferenceFoundryTenantId: 'x',
        inferenceFoundryClientId: 'y',
      }),
    ],
    [
      'wrapped by an older console',
      profile([
        {
          PayloadType: 'com.apple.ManagedClient.preferences',
          PayloadIdentifier: 'i',
          PayloadUUID: 'B',
          PayloadContent: { 'com.anthropic.claudefordesktop': { Forced: [{ mcx_preference_settings: goodDesktop }] } },
        },
      ]),
    ],
  ])('%s: no findings', (_name, bytes) => {
    expect(found(bytes)).toEqual([]);
  });
});

const HELPER = 'inferenceCredentialHelper';
const TTL = 'inferenceCredentialHelperTtlSec';
const TIMEOUT = 'inferenceCredentialHelperTimeoutSec';

const faults: readonly (readonly [finding: string, what: string, bytes: Buffer])[] = [
  [`value-not-text ${TTL}`, 'number in a plist', plist(changed({ [TTL]: 900 }))],
  [`value-not-text ${TTL}`, 'number in a binary plist', binaryPlist(changed({ [TTL]: 900 }))],
  [
    'value-not-text modelDiscoveryEnabled',
    'boolean in a profile',
    profile([payload(changed({ modelDiscoveryEnabled: true }))]),
  ],
  [
    'value-not-text inferenceFoundryResource',
    'REG_DWORD for text',
    reg([...regLines(without('inferenceFoundryResource')), '"inferenceFoundryResource"=dword:00000384']),
  ],
  ['native-structure inferenceModels', 'array in a plist', plist(changed({ inferenceModels: ['a', 'b'] }))],
  ['native-structure inferenceCustomHeaders', 'dictionary', plist(changed({ inferenceCustomHeaders: { a: 'b' } }))],
  [
    'registry-expand-sz inferenceCredentialHelperTtlSec',
    'REG_EXPAND_SZ',
    reg([...regLines(without(TTL)), '"inferenceCredentialHelperTtlSec"=hex(2):39,00,\\', '  30,00,30,00,00,00']),
  ],
  [
    'registry-expand-sz tenantId',
    'REG_EXPAND_SZ of our own',
    reg(
      [...regLines({ clientId: goodOwn['clientId'] ?? '' }), '"tenantId"=hex(2):61,00,00,00'],
      'HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\FoundryCredentialHelper',
    ),
  ],
  [
    'registry-type inferenceModels',
    'REG_MULTI_SZ',
    reg([
      ...regLines(without('inferenceModels')),
      '"inferenceModels"=hex(7):61,00,00,00,62,00,00,00,00,00',
      '"modelDiscoveryEnabled"=dword:00000001',
    ]),
  ],
  [
    `registry-subkey ${CLAUDE_KEY}\\inference`,
    'subkey',
    Buffer.from(`${reg(regLines(goodDesktop)).toString()}\r\n[${CLAUDE_KEY}\\inference]\r\n"models"="x"\r\n`),
  ],
  [
    'registry-wrong-key HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Anthropic\\Claude',
    'key of a guide',
    reg(regLines(goodDesktop), 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Anthropic\\Claude'),
  ],
  [
    'registry-wrong-key HKEY_LOCAL_MACHINE\\SOFTWARE\\WOW6432Node\\Policies\\Claude',
    '32-bit view',
    reg(regLines(goodDesktop), 'HKEY_LOCAL_MACHINE\\SOFTWARE\\WOW6432Node\\Policies\\Claude'),
  ],
  [
    'registry-both-hives SOFTWARE\\Policies\\Claude',
    'both hives',
    Buffer.from(
      `${reg(regLines(goodDesktop)).toString()}\r\n${regLines(goodDesktop).reduce((text, line) => `${text}\r\n${line}`, '[HKEY_CURRENT_USER\\SOFTWARE\\Policies\\Claude]')}\r\n`,
    ),
  ],
  [`registry-default-value ${CLAUDE_KEY}`, 'default value', reg(['@=""', ...regLines(goodDesktop)])],
  [
    'profile-wrong-domain com.anthropic.claude',
    'other payload type',
    profile([payload(goodDesktop, 'com.anthropic.claude')]),
  ],
  [
    'profile-payload-identity',
    'the same UUID twice',
    profile([payload(goodDesktop), payload({ ...goodOwn, PayloadUUID: 'A0' }, 'dev.foundry-credential-helper')]),
  ],
  ['profile-payload-identity', 'no identifier', profile([payload({ ...goodDesktop, PayloadIdentifier: '' })])],
  [
    'key-nested inference.credential.kind',
    'dotted key',
    json({ ...goodDesktop, 'inference.credential.kind': 'helper-script' }),
  ],
  [
    'key-nested inference',
    'nested form',
    json({ ...goodDesktop, inference: { credential: { kind: 'helper-script' } } }),
  ],
  ['key-misspelt inferencecredentialkind', 'other case', plist(changed({ inferencecredentialkind: 'helper-script' }))],
  [
    'key-misspelt inferenceCredentialHelperTtlSeconds',
    'unit written out',
    plist(changed({ inferenceCredentialHelperTtlSeconds: '900' })),
  ],
  ['key-misspelt inferenceModel', 'singular', plist(changed({ inferenceModel: '[]' }))],
  ['key-of-other-program tenantId', 'our setting', plist(changed({ tenantId: 'contoso.com' }))],
  ['provider-missing inferenceProvider', 'no provider', plist(without('inferenceProvider'))],
  ['provider-invalid inferenceProvider', 'unknown provider', plist(changed({ inferenceProvider: 'azure' }))],
  ['provider-without-helper inferenceProvider', 'Vertex', plist(changed({ inferenceProvider: 'vertex' }))],
  ['endpoint-missing inferenceFoundryResource', 'no resource', plist(without('inferenceFoundryResource'))],
  [
    'endpoint-missing inferenceGatewayBaseUrl',
    'no URL',
    plist({ ...without('inferenceFoundryResource'), inferenceProvider: 'gateway' }),
  ],
  [
    'foundry-resource-invalid inferenceFoundryResource',
    'host name',
    plist(changed({ inferenceFoundryResource: 'contoso.services.ai.azure.com' })),
  ],
  [
    'gateway-url-invalid inferenceGatewayBaseUrl',
    'no path',
    plist(gateway({ inferenceGatewayBaseUrl: 'https://c.services.ai.azure.com' })),
  ],
  [
    'gateway-url-invalid inferenceGatewayBaseUrl',
    'http',
    plist(gateway({ inferenceGatewayBaseUrl: 'http://llm.contoso.com' })),
  ],
  [
    'gateway-auth-scheme inferenceGatewayAuthScheme',
    'x-api-key',
    plist(gateway({ inferenceGatewayAuthScheme: 'x-api-key' })),
  ],
  ['credential-kind-missing inferenceCredentialKind', 'no kind', plist(without('inferenceCredentialKind'))],
  [
    'credential-kind-invalid inferenceCredentialKind',
    'other kind',
    plist(changed({ inferenceCredentialKind: 'interactive' })),
  ],
  [
    'credential-source-twice inferenceFoundryApiKey',
    'API key too',
    plist(changed({ inferenceFoundryApiKey: 's3cret' })),
  ],
  ['helper-path-missing inferenceCredentialHelper', 'no path', plist(without(HELPER))],
  [
    `helper-path-arguments ${HELPER}`,
    'word',
    plist(changed({ [HELPER]: '/usr/local/bin/foundry-credential-helper token' })),
  ],
  [
    `helper-path-arguments ${HELPER}`,
    'option and path',
    plist(changed({ [HELPER]: '/usr/local/bin/helper --config /etc/x' })),
  ],
  [`helper-path-arguments ${HELPER}`, 'word and path', plist(changed({ [HELPER]: '/usr/local/bin/helper /etc/x' }))],
  [`helper-path-arguments ${HELPER}`, 'quotes', json(changed({ [HELPER]: '"C:\\Program Files\\x\\helper.exe"' }))],
  [`helper-path-arguments ${HELPER}`, 'after .exe', json(changed({ [HELPER]: 'C:\\x\\helper.exe token' }))],
  [`helper-path-not-absolute ${HELPER}`, '~', plist(changed({ [HELPER]: '~/bin/helper' }))],
  [`helper-path-not-absolute ${HELPER}`, 'Windows path on macOS', plist(changed({ [HELPER]: 'C:\\x\\helper.exe' }))],
  [`helper-path-not-absolute ${HELPER}`, 'network path', json(changed({ [HELPER]: '\\\\server\\share\\helper.exe' }))],
  [`helper-path-not-absolute ${HELPER}`, 'variable', json(changed({ [HELPER]: 'C:\\%USERNAME%\\helper.exe' }))],
  [
    'helper-path-not-absolute inferenceCredentialHelperWindows',
    'relative',
    json(changed({ inferenceCredentialHelperWindows: 'helper.exe' })),
  ],
  [
    'helper-arguments inferenceCredentialHelperArgs',
    'arguments',
    plist(changed({ inferenceCredentialHelperArgs: '["token"]' })),
  ],
  [`integer-invalid ${TTL}`, 'with a unit', plist(changed({ [TTL]: '15m' }))],
  ['boolean-invalid modelDiscoveryEnabled', 'no', plist(changed({ modelDiscoveryEnabled: 'no' }))],
  [`ttl-above-token-life ${TTL}`, 'two hours', plist(changed({ [TTL]: '7200' }))],
  [`ttl-above-token-life ${TTL}`, 'default', plist(without(TTL))],
  [`ttl-too-short ${TTL}`, 'two minutes', plist(changed({ [TTL]: '120' }))],
  [`timeout-too-short ${TIMEOUT}`, 'default', plist(without(TIMEOUT))],
  [`timeout-too-short ${TIMEOUT}`, 'a minute', plist(changed({ [TIMEOUT]: '60' }))],
  [`timeout-invalid ${TIMEOUT}`, 'an hour', plist(changed({ [TIMEOUT]: '3600' }))],
  ['models-missing inferenceModels', 'none', plist(without('inferenceModels'))],
  ['models-not-json inferenceModels', 'commas', plist(changed({ inferenceModels: 'a,b' }))],
  ['model-not-text inferenceModels', 'number', plist(changed({ inferenceModels: '["a",5]' }))],
  [
    'model-not-text inferenceModels',
    'native number',
    json(changed({ inferenceModels: ['a', { label: 'b' } as never] })),
  ],
  ['setting-unknown tenant', 'our own, misspelt', json({ ...goodOwn, tenant: 'x' })],
  ['setting-invalid tenantId', 'our own, invalid', json({ ...goodOwn, tenantId: 'common' })],
  ['setting-invalid caFile', "another system's path", plist({ ...goodOwn, caFile: 'C:\\root.pem' })],
  [
    'setting-invalid organizationLogo',
    'a logo over the network',
    json({ ...goodOwn, organizationLogo: '\\\\srv\\logo.png' }),
  ],
  ['policy-credentials proxy', 'password', plist({ ...goodOwn, proxy: 'http://ada:s3cret@proxy:8080' })],
];

describe('with one fault', () => {
  it.each(faults)('%s: %s', (expected, _what, bytes) => {
    expect(found(bytes)).toContain(expected);
    // Rule and remedy are there for each, and no value shows.
    for (const { rule, remedy } of lint(bytes)) expect(`${rule}${remedy}`).not.toMatch(/s3cret|undefined/);
  });

  it('finds nothing but what one fault leads to', () => {
    const extra = faults.flatMap(([expected, what, bytes]) => {
      const others = found(bytes).filter((id) => id !== expected);
      return others.length > 0 ? [`${expected} (${what}): ${others.join(', ')}`] : [];
    });
    // A type that is not read leaves the key without a value.
    expect(extra).toEqual(['registry-type inferenceModels (REG_MULTI_SZ): models-missing inferenceModels']);
  });

  it('has a row for every finding but those about this computer', () => {
    const tried = new Set(faults.map(([expected]) => expected.split(' ')[0]));
    expect(Object.keys(findingCatalog).filter((id) => !tried.has(id))).toEqual(['setting-missing']);
  });
});
