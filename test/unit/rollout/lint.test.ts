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
  uuid,
  type Values,
} from './support.ts';

const CLAUDE_KEY = 'HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Claude';

const changed = (changes: Values): Values => ({ ...goodDesktop, ...changes });
function without(...keys: readonly string[]): Values {
  return Object.fromEntries(Object.entries(goodDesktop).filter(([key]) => !keys.includes(key)));
}
describe('without a fault', () => {
  it.each([
    ['profile', profile([payload(goodDesktop), payload(goodOwn, 'dev.foundry-credential-helper')])],
    ['plist', plist(goodDesktop)],
    ['binary plist', binaryPlist(goodDesktop)],
    ['own plist', plist({ ...goodOwn, caFile: '/etc/root.pem', minimumTokenLifetimeSeconds: '1020' })],
    ['own settings with the broker', json({ ...goodOwn, signInMethod: 'broker' })],
    ['registry export', reg(regLines(goodDesktop))],
    ['registry export as UTF-16', Buffer.from(`\ufeff${reg(regLines(goodDesktop)).toString()}`, 'utf16le')],
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
        inferenceModels: ['claude-sonnet-5', { name: 'claude-opus-4-8' }],
        inferenceCredentialHelperTtlSec: 900,
        modelDiscoveryEnabled: false,
      }),
    ],
    ['JSON for Windows', json({ ...goodDesktop, inferenceCredentialHelper: 'C:\\Program Files\\x y\\helper.exe' })],
    ['folder with spaces', plist(changed({ inferenceCredentialHelper: '/Applications/Our Tools/bin/helper' }))],
    ['own settings', json({ ...goodOwn, $schema: 'https://example.com/schema.json', models: ['claude-sonnet-5'] })],
    [
      'other keys of Claude Desktop',
      plist(changed({ bootstrapUrl: 'https://contoso.com', isLocalDevMcpEnabled: 'false' })),
    ],
    ['update settings alone', plist({ disableAutoUpdates: 'true' })],
    [
      'wrapped by an older console',
      profile([
        {
          PayloadType: 'com.apple.ManagedClient.preferences',
          PayloadIdentifier: 'com.contoso.test.mcx',
          PayloadUUID: uuid(1),
          PayloadVersion: 1,
          PayloadContent: { 'com.anthropic.claudefordesktop': { Forced: [{ mcx_preference_settings: goodDesktop }] } },
        },
      ]),
    ],
  ])('%s: no findings', (_name, bytes) => {
    expect(found(bytes)).toEqual([]);
  });
});

const TTL = 'inferenceCredentialHelperTtlSec';

const jsonText = json(goodDesktop).toString();
const plistText = plist(goodDesktop).toString();

const faults: readonly (readonly [finding: string, what: string, bytes: Buffer])[] = [
  [`value-not-text ${TTL}`, 'number in a plist', plist(changed({ [TTL]: 900 }))],
  [`value-not-text ${TTL}`, 'number in a binary plist', binaryPlist(changed({ [TTL]: 900 }))],
  [
    'value-not-text modelDiscoveryEnabled',
    'boolean in a profile',
    profile([payload(changed({ modelDiscoveryEnabled: false }))]),
  ],
  [
    'registry-dword inferenceGatewayAuthScheme',
    'REG_DWORD for text',
    reg([...regLines(without('inferenceGatewayAuthScheme')), '"inferenceGatewayAuthScheme"=dword:00000384']),
  ],
  [
    'native-structure inferenceModels',
    'array in a plist',
    plist(changed({ inferenceModels: ['claude-a', 'claude-b'] })),
  ],
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
      '"modelDiscoveryEnabled"=dword:00000000',
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
    'profile-payload-identity PayloadUUID',
    'the same UUID twice',
    profile([payload(goodDesktop), payload({ ...goodOwn, PayloadUUID: uuid(0) }, 'dev.foundry-credential-helper')]),
  ],
  [
    'profile-payload-identity PayloadIdentifier',
    'the same identifier twice',
    profile([payload({ ...goodDesktop, PayloadIdentifier: 'com.contoso.test' })]),
  ],
  [
    'profile-payload-identity PayloadIdentifier',
    'no identifier',
    profile([payload({ ...goodDesktop, PayloadIdentifier: '' })]),
  ],
  ['profile-payload-identity PayloadUUID', 'no UUID', profile([payload({ ...goodDesktop, PayloadUUID: '' })])],
  [
    'profile-payload-version PayloadVersion',
    'version as text',
    profile([payload(goodDesktop)], { PayloadVersion: '1' }),
  ],
  ['profile-payload-version PayloadVersion', 'version 2', profile([payload({ ...goodDesktop, PayloadVersion: 2 })])],
  ['profile-type PayloadType', 'other case', profile([payload(goodDesktop)], { PayloadType: 'configuration' })],
  ['profile-uuid-format PayloadUUID', 'a word', profile([payload(goodDesktop)], { PayloadUUID: 'abc' })],
  ['profile-content PayloadContent', 'one dictionary', profile([], { PayloadContent: payload(goodDesktop) })],
  ['profile-scope PayloadScope', 'other case', profile([payload(goodDesktop)], { PayloadScope: 'system' })],
  ['profile-scope-user PayloadScope', "one user's", profile([payload(goodDesktop)], { PayloadScope: 'User' })],
  [
    'key-twice inferenceGatewayBaseUrl',
    'two payloads that contradict each other',
    profile([
      payload(goodDesktop),
      payload({ inferenceGatewayBaseUrl: 'https://contoso-eu.services.ai.azure.com/anthropic' }, undefined, 2),
    ]),
  ],
  ['key-twice inferenceProvider', 'a JSON key twice', Buffer.from(`{"inferenceProvider":"x",${jsonText.slice(1)}`)],
  ['plist-fragment', 'keys and values alone', Buffer.from(/<dict>([\s\S]*)<\/dict>/.exec(plistText)?.[1] ?? '')],
  ['json-byte-order-mark', 'a byte order mark', Buffer.from(`\ufeff${jsonText}`)],
  ['json-encoding', 'UTF-16', Buffer.from(`\ufeff${jsonText}`, 'utf16le')],
  ['json-comments', 'comments', Buffer.from(`// Contoso\n\n${jsonText}`)],
  [
    'registry-user-hive HKEY_USERS\\S-1-5-21-1-2-3-1001\\SOFTWARE\\Policies\\Claude',
    'policy of one user',
    reg(regLines(goodDesktop), 'HKEY_USERS\\S-1-5-21-1-2-3-1001\\SOFTWARE\\Policies\\Claude'),
  ],
  ['registry-header', 'a comment first', Buffer.concat([Buffer.from('; Contoso\r\n\r\n'), reg(regLines(goodDesktop))])],
  [
    'registry-encoding',
    'UTF-16 without a byte order mark',
    Buffer.from(reg(regLines(goodDesktop)).toString(), 'utf16le'),
  ],
  ['setting-unknown tenant', 'our own, misspelt', json({ ...goodOwn, tenant: 'x' })],
  ['setting-invalid tenantId', 'our own, invalid', json({ ...goodOwn, tenantId: 'common' })],
  ['setting-invalid caFile', "another system's path", plist({ ...goodOwn, caFile: 'C:\\root.pem' })],
  [
    'setting-invalid organizationLogo',
    'a logo over the network',
    json({ ...goodOwn, organizationLogo: '\\\\srv\\logo.png' }),
  ],
  ['broker-on-macos signInMethod', 'the broker on a Mac', plist({ ...goodOwn, signInMethod: 'broker' })],
  ['policy-credentials proxy', 'password', plist({ ...goodOwn, proxy: 'http://ada:s3cret@proxy:8080' })],
  ['proxy-credentials-plain proxy', 'unencrypted', json({ ...goodOwn, proxy: 'http://ada:s3cret@proxy:8080' })],
  ['proxy-credentials-plain proxy', 'no scheme', json({ ...goodOwn, proxy: 'ada:s3cret@proxy:8080' })],
];

describe('with one fault', () => {
  it.each(faults)('%s: %s', (expected, _what, bytes) => {
    expect(found(bytes)).toContain(expected);
    // Rule and remedy are there for each, and no value shows.
    for (const { rule, remedy } of lint(bytes)) expect(`${rule}${remedy}`).not.toMatch(/s3cret|undefined/);
  });

  it('finds only what one fault causes', () => {
    const extra = faults.flatMap(([expected, what, bytes]) => {
      const others = found(bytes).filter((id) => id !== expected);
      return others.length > 0 ? [`${expected} (${what}): ${others.join(', ')}`] : [];
    });
    // A type that isn't read leaves the key without a value.
    expect(extra).toEqual(['registry-type inferenceModels (REG_MULTI_SZ): models-missing inferenceModels']);
  });

  it("has a row for every finding about files and this program's settings", () => {
    const tried = new Set(faults.map(([expected]) => expected.split(' ')[0]));
    const ids = Object.keys(findingCatalog).filter((id) =>
      /^(?:registry|profile|plist|json|setting|policy|native|key-twice|value-not-text)/.test(id),
    );
    expect(ids.filter((id) => !tried.has(id)).toSorted()).toEqual(['profile-signature-unchecked', 'setting-missing']);
  });
});
