import { describe, expect, it } from 'vitest';
import { parseValue } from '../../../src/config/decode.ts';
import { type ConfigurationKey, configurationKeys, definitionOf } from '../../../src/config/keys.ts';

const GUID = '11111111-2222-3333-4444-555555555555';
const absolute = process.platform === 'win32' ? 'C:\\ca\\root.pem' : '/etc/ssl/root.pem';

/** Raw value and what it becomes; one element: it doesn't change. */
const good: Record<ConfigurationKey, readonly (readonly [unknown, unknown?])[]> = {
  tenantId: [
    [GUID],
    [GUID.toUpperCase().replace('1', 'A'), GUID.replace('1', 'a')],
    [` ${GUID}\n`, GUID],
    ['contoso.onmicrosoft.com'],
    ['Contoso.COM', 'contoso.com'],
    ['xn--bcher-kva.example'],
    ['firma.xn--p1ai'],
  ],
  clientId: [[GUID], ['AAAAAAAA-bbbb-cccc-dddd-eeeeeeeeeeee', 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee']],
  foundryResource: [
    ['ab'],
    ['contoso-foundry'],
    ['A1', 'a1'],
    ['Contoso-Foundry', 'contoso-foundry'],
    ['a'.repeat(64)],
  ],
  baseUrl: [
    ['https://contoso.services.ai.azure.com/anthropic'],
    ['https://contoso.cognitiveservices.azure.com/anthropic'],
    ['https://contoso.azure-api.net/foundry/anthropic'],
    ['https://contoso.azure-api.net'],
    ['https://contoso.azure-api.net/', 'https://contoso.azure-api.net'],
    ['https://contoso.services.ai.azure.com/anthropic//', 'https://contoso.services.ai.azure.com/anthropic'],
    [' HTTPS://Contoso.Azure-API.net/Anthropic ', 'https://contoso.azure-api.net/Anthropic'],
    ['https://gateway.contoso.com:443/claude', 'https://gateway.contoso.com/claude'],
    ['https://localhost:8443/anthropic'],
    ['https://127.0.0.1:8443/anthropic'],
    ['https://[::1]:8443/anthropic'],
    ['https://gateway.contoso.com/v1/anthropic'],
    ['https://gateway.contoso.com/env1'],
  ],
  models: [
    [['claude-sonnet-5'], [{ name: 'claude-sonnet-5' }]],
    [
      ['ab', ' cd '],
      [{ name: 'ab' }, { name: 'cd' }],
    ],
    ['["ab","cd"]', [{ name: 'ab' }, { name: 'cd' }]],
    ['ab, cd', [{ name: 'ab' }, { name: 'cd' }]],
    ['claude-opus-4.8_x', [{ name: 'claude-opus-4.8_x' }]],
    ['4.8', [{ name: '4.8' }]],
    ['a'.repeat(64), [{ name: 'a'.repeat(64) }]],
    [[{ name: 'claude-sonnet-5' }]],
    [
      ['claude-sonnet-5', { name: ' prod-claude ', labelOverride: 'Opus & Söhne', anthropicFamilyTier: 'opus' }],
      [
        { name: 'claude-sonnet-5' },
        { name: 'prod-claude', labelOverride: 'Opus & Söhne', anthropicFamilyTier: 'opus' },
      ],
    ],
    [
      '[{"name":"claude-opus-4-8","supports1m":true},"claude-haiku-4-5"]',
      [{ name: 'claude-opus-4-8', supports1m: true }, { name: 'claude-haiku-4-5' }],
    ],
    [' [ {"name":"claude-fable-1","supports1m":false} ] ', [{ name: 'claude-fable-1', supports1m: false }]],
  ],
  cloud: [['public'], ['usgovernment'], ['china']],
  scope: [
    ['https://cognitiveservices.azure.com/.default'],
    ['https://ai.azure.com/.default'],
    [`api://${GUID}/user_impersonation`],
    ['https://cognitiveservices.azure.com//.default'],
  ],
  allowedResources: [
    [[]],
    [['api://contoso-mcp/.default', 'https://dev.azure.com/user_impersonation']],
    [
      [`api://${GUID}`, 'https://vault.azure.net'],
      [`api://${GUID}/.default`, 'https://vault.azure.net/.default'],
    ],
    [
      [GUID, `${GUID}/.default`],
      [`${GUID}/.default`, `${GUID}/.default`],
    ],
    ['api://a, api://b/c', ['api://a/.default', 'api://b/c']],
    ['["api://a"]', ['api://a/.default']],
    [['https://management.azure.com//.default']],
  ],
  signInMethod: [['device-code'], ['browser'], ['broker']],
  accountHint: [['ada@contoso.com'], ['Zoë'], [' ada ', 'ada']],
  organizationName: [['Contoso Ltd & Söhne'], ['株式会社']],
  credential: [['entra'], ['api-key']],
  outputFormat: [['token'], ['json']],
  headers: [
    [{}],
    [{ 'X-Department': 'research' }],
    ['{"X-A":"b"}', { 'X-A': 'b' }],
    [{ constructor: 'kept' }],
    [{ 'X-Tab': 'a\tb', 'X-Empty': '' }],
  ],
  browserSignInFallback: [[true], [false], ['true', true]],
  allowTokenEndpoint: [[true], [false], ['true', true], ['FALSE', false], ['1', true], [0, false], [1, true]],
  policyOnly: [[true], [false], ['true', true], ['FALSE', false], ['1', true], [0, false]],
  minimumTokenLifetimeSeconds: [[300], [3300], ['900', 900], [' 1020 ', 1020]],
  proxy: [
    ['http://proxy.contoso.com:8080'],
    ['proxy.contoso.com:8080', 'http://proxy.contoso.com:8080'],
    ['10.0.0.1:3128', 'http://10.0.0.1:3128'],
    ['[::1]:3128', 'http://[::1]:3128'],
    ['proxy', 'http://proxy'],
    ['HTTP://Proxy:8080/', 'http://proxy:8080'],
    ['https://proxy:8443'],
    ['ada:s%40c@proxy:8080', 'http://ada:s%40c@proxy:8080'],
    ['system'],
    ['System', 'system'],
    ['none'],
    ['NONE', 'none'],
    ['none:8080', 'http://none:8080'],
    ['pac+http://wpad.contoso.com/wpad.dat'],
    ['PAC+HTTPS://Proxy.contoso.com/a.pac?site=1', 'pac+https://proxy.contoso.com/a.pac?site=1'],
    ['pac+file:///etc/proxy.pac'],
    ['pac+file:///C:/proxy.pac'],
  ],
  noProxy: [
    [[]],
    ['', []],
    [['.contoso.com', '10.0.0.0/8', '[::1]', 'host:8443', '*']],
    ['localhost, 127.0.0.1,,.corp', ['localhost', '127.0.0.1', '.corp']],
    ['[::1],localhost', ['[::1]', 'localhost']],
    ['["a"]', ['a']],
  ],
  caFile: [[absolute]],
  organizationLogo: [['/usr/share/contoso/logo.png']],
  logLevel: [['trace'], ['info'], ['silent']],
  auditToSystemLog: [[true], [false], ['true', true]],
};

/** Raw value and, where the general rule wouldn't help, what the message must say. */
const bad: Record<ConfigurationKey, readonly (readonly [unknown, RegExp?])[]> = {
  tenantId: [
    [''],
    [42],
    [null],
    ['contoso'],
    ['https://contoso.com'],
    [`{${GUID}}`],
    [`${GUID}0`],
    ['-a.com'],
    ['a..com'],
    ['127.0.0.1'],
    ['common', /any tenant/],
    ['Organizations', /any tenant/],
    ['consumers', /any tenant/],
    ['9188040d-6c67-4c5b-b112-36a304b66dad', /any tenant/],
  ],
  clientId: [[''], ['contoso.com'], [GUID.slice(1)], [`${GUID} x`], [{}]],
  foundryResource: [
    ['a'],
    [''],
    ['a'.repeat(65)],
    ['-ab'],
    ['ab-'],
    ['a_b'],
    ['https://contoso.services.ai.azure.com', /not its URL/],
    ['contoso.services.ai.azure.com', /not its URL/],
  ],
  baseUrl: [
    [''],
    [7],
    ['contoso.azure-api.net'],
    ['https:/contoso.azure-api.net'],
    ['https:contoso.azure-api.net'],
    ['https:///anthropic'],
    ['ftp://contoso.azure-api.net'],
    ['https://contoso .azure-api.net'],
    ['https://contoso.azure-api.net/\nanthropic'],
    ['http://contoso.azure-api.net/anthropic', /plain HTTP/],
    ['http://127.0.0.1:8080/anthropic', /plain HTTP/],
    ['http://localhost:8080/anthropic', /plain HTTP/],
    ['https://ada@contoso.azure-api.net', /user name or password/],
    ['https://ada:s3cret@contoso.azure-api.net', /user name or password/],
    ['https://@contoso.azure-api.net', /user name or password/],
    ['https://ada/x:s3cret@contoso.azure-api.net', /user name or password/],
    ['https://contoso.azure-api.net/anthropic?api-version=1', /query or fragment/],
    ['https://contoso.azure-api.net/anthropic?', /query or fragment/],
    ['https://contoso.azure-api.net/anthropic#', /query or fragment/],
    ['https://contoso.azure-api.net/anthropic#top', /query or fragment/],
    ['https://contoso.services.ai.azure.com/anthropic/v1', /before \/v1/],
    ['https://contoso.services.ai.azure.com/anthropic/v1/messages', /before \/v1/],
    ['https://contoso.azure-api.net/v1/messages/', /before \/v1/],
    ['https://contoso.azure-api.net/v1/messages/count_tokens', /before \/v1/],
    ['https://contoso.services.ai.azure.com', /in \/anthropic/],
    ['https://contoso.services.ai.azure.com/models', /in \/anthropic/],
    ['https://CONTOSO.OpenAI.Azure.com/openai', /in \/anthropic/],
    ['https://contoso.cognitiveservices.azure.com/anthropic/x', /in \/anthropic/],
  ],
  models: [
    [[]],
    [''],
    ['[]'],
    [7],
    [{ name: 'ab' }],
    ['["ab"'],
    [[''], /names that Azure allows/],
    [['a'], /names that Azure allows/],
    [['a'.repeat(65)], /names that Azure allows/],
    [['a b'], /a deployment name can't contain a space/],
    [['-claude'], /names that Azure allows/],
    [['anthropic/claude'], /names that Azure allows/],
    [['clàude'], /names that Azure allows/],
    ['{"name":"ab"}', /names that Azure allows/],
    [['ab', 1], /contain only names, or objects/],
    ['[1,2]', /names that Azure allows/],
    ['["ab",2]', /contain only names, or objects/],
    [['ab', null], /contain only names, or objects/],
    [[['ab']], /contain only names, or objects/],
    [[{}], /objects with "name"/],
    [[{ name: 7 }], /names that Azure allows/],
    [[{ name: 'ab', contextWindow: 7 }], /objects with "name" and, optionally,/],
    [[{ name: 'ab', labelOverride: '' }], /"labelOverride"/],
    [[{ name: 'ab', labelOverride: 'two\nlines' }], /"labelOverride"/],
    [[{ name: 'ab', labelOverride: 'x'.repeat(101) }], /"labelOverride"/],
    [[{ name: 'ab', labelOverride: 7 }], /"labelOverride"/],
    [[{ name: 'ab', supports1m: 'true' }], /"supports1m"/],
    [[{ name: 'ab', anthropicFamilyTier: 'Opus' }], /one of haiku, .* for "anthropicFamilyTier"/],
    ['[{"name":"ab","anthropicFamilyTier":"gpt"}]', /for "anthropicFamilyTier"/],
    [['ab', 'ab'], /twice/],
    [['ab', ' AB '], /twice/],
    [['ab', { name: 'Ab', supports1m: true }], /twice/],
  ],
  cloud: [['global'], ['Public'], [''], [1]],
  scope: [
    [''],
    ['openid'],
    ['https://cognitiveservices.azure.com'],
    ['https://cognitiveservices.azure.com/'],
    ['http://cognitiveservices.azure.com/.default'],
    ['https://a.example/.default https://b.example/.default', /one scope/],
    ['https://a.example/"x'],
    ['api://'],
  ],
  allowedResources: [
    [{}],
    [[1]],
    [['']],
    [['openid']],
    [['https://vault.azure.net/'], /slash/],
    [['https://vault.azure.net//'], /slash/],
    [['http://vault.azure.net/.default']],
    [['api://'], /slash/],
    [['api://a/b c']],
    [['api://a/b\nc']],
    [['https://ada@vault.azure.net/.default']],
    [[`${GUID}x`]],
    [Array.from({ length: 21 }, () => 'api://a')],
  ],
  signInMethod: [['wam'], ['device_code'], ['']],
  accountHint: [[''], ['   '], ['a\nb'], ['x'.repeat(257)], [['ada']]],
  organizationName: [[''], ['a\u0000b'], ['a\u2028b'], ['x'.repeat(101)]],
  credential: [['apikey'], [true]],
  outputFormat: [['text'], ['JSON']],
  headers: [
    [[]],
    ['not json'],
    ['["a"]'],
    [null],
    [{ a: 1 }],
    [{ a: null }],
    [{ 'a b': 'c' }, /RFC 9110/],
    [{ '': 'c' }, /RFC 9110/],
    [{ ä: 'c' }, /RFC 9110/],
    [{ a: 'b\r\nc: d' }, /line breaks/],
    [{ a: 'b\u0000' }, /line breaks/],
    [{ Host: 'x' }, /must not contain any of/],
    [{ authorization: 'Bearer x' }, /Claude Desktop sets/],
    [{ 'X-A': '1', 'x-a': '2' }, /twice/],
  ],
  browserSignInFallback: [['yes'], [null]],
  allowTokenEndpoint: [['yes'], [''], [2], ['on'], [null]],
  policyOnly: [['yes'], [''], [2], [null]],
  minimumTokenLifetimeSeconds: [[299], [3301], [900.5], ['900.5'], ['-900'], ['1e3'], [''], [Number.NaN], [true]],
  proxy: [
    [''],
    [8080],
    ['http://'],
    ['http://proxy:99999'],
    ['ftp://proxy'],
    ['file:///etc/passwd'],
    ['http://pro xy:80'],
    ['http://ada:p#w@proxy:8080'],
    ['socks5://proxy:1080', /SOCKS/],
    ['SOCKS4a://proxy:1080', /SOCKS/],
    ['http://wpad.contoso.com/wpad.dat', /PAC/],
    ['http://proxy:8080/?x', /path/],
    ['pac+', /URL after pac\+/],
    ['pac+proxy.contoso.com/a.pac', /URL after pac\+/],
    ['pac+ftp://proxy.contoso.com/a.pac', /URL after pac\+/],
    ['pac+data:text/plain,x', /URL after pac\+/],
    ['pac+socks5://proxy:1080', /SOCKS/],
    ['pac+http://ada:s3cret@proxy.contoso.com/a.pac', /user name or password/],
    ['pac+file://server/share/proxy.pac', /this computer/],
    ['pac+file:////server/share/proxy.pac', /this computer/],
    ['pac+http://proxy.contoso.com/a b.pac', /URL after pac\+/],
  ],
  noProxy: [[['http://a.example']], [['ada:s3cret@proxy']], [['a b']], [['']], [[1]], ['["a"'], [{}], ['a/b']],
  caFile: [['root.pem'], ['~/root.pem'], ['./root.pem'], [''], [`${absolute}\u0000`], [5]],
  organizationLogo: [['logo.png'], ['~/logo.png'], [''], [7], ['//server/share/logo.png', /network/]],
  logLevel: [['verbose'], ['INFO'], [30]],
  auditToSystemLog: [['yes'], [2]],
};

const CANARIES = [
  'c4n4ry\r\n!',
  { 'c4n4ry ': 'c4n4ry' },
  ['c4n4ry c4n4ry'],
  [{ name: 'ab', c4n4ry: 'c4n4ry' }],
  [{ name: 'c4n4ry c4n4ry', labelOverride: 'c4n4ry\n', anthropicFamilyTier: 'c4n4ry' }],
  'http://u:c4n4ry@:1/x',
  'https://u:c4n4ry@host/c4n4ry?c4n4ry#c4n4ry',
];

describe('the table of keys', () => {
  it.each(configurationKeys)('%s describes itself', (key) => {
    const definition = definitionOf(key);
    expect(definition.description).toMatch(/^[A-Z].*\.$/);
    expect(definition.rule).toMatch(/^must be [^.]*[^.]|\.default$/);
    expect(parseValue(key, definition.example)).toMatchObject({ valid: true });
    const fallback = definition.default;
    if (fallback?.kind === 'value')
      expect(parseValue(key, fallback.value)).toEqual({ valid: true, value: fallback.value });
    if (fallback?.kind === 'by-cloud') {
      for (const value of Object.values(fallback.values))
        expect(parseValue(key, value)).toEqual({ valid: true, value });
    }
  });

  it('puts cloud before the keys whose default depends on it', () => {
    const dependent = configurationKeys.filter((key) => definitionOf(key).default?.kind === 'by-cloud');
    expect(dependent).toEqual(['scope']);
    expect(configurationKeys.indexOf('cloud')).toBeLessThan(configurationKeys.indexOf('scope'));
  });
});

describe.each(configurationKeys)('%s', (key) => {
  it.each(good[key].map((row) => ({ raw: row[0], value: row.length === 2 ? row[1] : row[0] })))(
    'takes $raw',
    ({ raw, value }) => {
      expect(parseValue(key, raw)).toEqual({ valid: true, value });
    },
  );

  it.each(bad[key].map(([raw, says]) => ({ raw, says })))('refuses $raw', ({ raw, says }) => {
    const parsed = parseValue(key, raw);
    expect(parsed.valid).toBe(false);
    if (parsed.valid) return;
    // Only this program's sentences: valibot's own repeat the value.
    expect(parsed.rule).toMatch(/^must /);
    if (says === undefined) expect(parsed.rule).toBe(definitionOf(key).rule);
    else expect(parsed.rule).toMatch(says);
  });

  it("doesn't repeat what it refuses", () => {
    for (const canary of CANARIES) {
      expect(JSON.stringify(parseValue(key, canary))).not.toMatch(/"rule":.*c4n4ry/);
    }
  });
});
