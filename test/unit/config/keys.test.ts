import { describe, expect, it } from 'vitest';
import { parseValue } from '../../../src/config/decode.ts';
import { type ConfigurationKey, configurationKeys, definitionOf } from '../../../src/config/keys.ts';

const GUID = '11111111-2222-3333-4444-555555555555';
const absolute = process.platform === 'win32' ? 'C:\\ca\\root.pem' : '/etc/ssl/root.pem';

/** Raw value and what it becomes; one element: it stays as it is. */
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
  foundryResource: [['ab'], ['contoso-foundry'], ['A1'], ['a'.repeat(64)]],
  models: [
    [['claude-sonnet-5']],
    [['a', 'b']],
    ['["a","b"]', ['a', 'b']],
    ['a, b', ['a', 'b']],
    ['claude-opus-4.8_x', ['claude-opus-4.8_x']],
  ],
  cloud: [['public'], ['usgovernment'], ['china']],
  scope: [
    ['https://cognitiveservices.azure.com/.default'],
    ['https://ai.azure.com/.default'],
    [`api://${GUID}/user_impersonation`],
    ['https://cognitiveservices.azure.com//.default'],
  ],
  signInMethod: [['device-code'], ['browser']],
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
  sendAuthorizationHeader: [[true], [false], ['true', true], ['FALSE', false], ['1', true], [0, false], [1, true]],
  allowTokenEndpoint: [[true], [false], ['true', true], ['FALSE', false], ['1', true], [0, false], [1, true]],
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
};

/** Raw value and, where the general rule would not help, what the message must say. */
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
  models: [
    [[]],
    [''],
    ['[]'],
    [['']],
    [['a', 1]],
    [[{ name: 'a' }]],
    ['["a"'],
    ['[1,2]'],
    ['{"a":1}'],
    [['a', 'a'], /twice/],
    [['a', ' a '], /twice/],
    [7],
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
  signInMethod: [['broker'], ['device_code'], ['']],
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
    [{ authorization: 'Bearer x' }, /sendAuthorizationHeader/],
    [{ Host: 'x' }, /must not contain any of/],
    [{ 'X-A': '1', 'x-a': '2' }, /twice/],
  ],
  browserSignInFallback: [['yes'], [null]],
  sendAuthorizationHeader: [['yes'], [''], [2], ['on'], [null]],
  allowTokenEndpoint: [['yes'], [''], [2], ['on'], [null]],
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
  ],
  noProxy: [[['http://a.example']], [['a b']], [['']], [[1]], ['["a"'], [{}], ['a/b']],
  caFile: [['root.pem'], ['~/root.pem'], ['./root.pem'], [''], [`${absolute}\u0000`], [5]],
  organizationLogo: [['logo.png'], ['~/logo.png'], [''], [7], ['//server/share/logo.png', /network/]],
  logLevel: [['verbose'], ['INFO'], [30]],
};

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
    // Only sentences of ours: valibot's own repeat the value.
    expect(parsed.rule).toMatch(/^must /);
    if (says === undefined) expect(parsed.rule).toBe(definitionOf(key).rule);
    else expect(parsed.rule).toMatch(says);
  });

  it('does not repeat what it refuses', () => {
    for (const canary of ['c4n4ry\r\n!', { 'c4n4ry ': 'c4n4ry' }, ['c4n4ry c4n4ry'], 'http://u:c4n4ry@:1/x']) {
      expect(JSON.stringify(parseValue(key, canary))).not.toMatch(/"rule":.*c4n4ry/);
    }
  });
});
