import { describe, expect, it } from 'vitest';
import { jsonDocument } from '../../../src/claude-desktop/document.ts';
import { lintDesktop } from '../../../src/claude-desktop/lint.ts';

const HELPER = '/usr/bin/foundry-credential-helper';
const SCRIPT = `${HELPER}-mcp`;
const NOW = new Date('2026-11-30T00:00:00Z');

type Settings = Readonly<Record<string, unknown>>;

/** `severity id key element`, about helpers for other services only. */
const found = (settings: Settings): readonly string[] =>
  lintDesktop(jsonDocument('/some/file', settings), { now: NOW })
    .filter(({ id }) => /^(?:headers-helper|collector)-/.test(id))
    .map(({ severity, id, key, element }) => [severity, id, key, element].filter(Boolean).join(' '));

const server = (more: Settings): Settings => ({
  managedMcpServers: [
    { name: 'plain', transport: 'http', url: 'https://plain.contoso.com/mcp' },
    { name: 'greeter', transport: 'http', url: 'https://mcp.contoso.com/mcp', ...more },
  ],
});
const marketplace = (credentialHelper: string): Settings => ({
  allowedPluginMarketplaces: [
    { source: 'git', url: 'https://git.contoso.com/plugins.git', credentialKind: 'credentialHelper', credentialHelper },
  ],
});
const sharing = (credentialHelper: string): Settings => ({
  sharingEndpoint: { url: 'https://share.contoso.com', credentialKind: 'credentialHelper', credentialHelper },
});

/** Each key that names a program which Claude Desktop runs for another service. */
const KEYS = [
  ['otlpHeadersHelper', '', (path: string): Settings => ({ otlpHeadersHelper: path })],
  ['bootstrapHeadersHelper', '', (path: string): Settings => ({ bootstrapHeadersHelper: path })],
  ['managedMcpServers', ' entry 2', (path: string) => server({ headersHelper: path })],
  ['allowedPluginMarketplaces', ' entry 1', marketplace],
  ['sharingEndpoint', '', sharing],
] as const;

describe.each(KEYS)('%s', (key, element, settings) => {
  it('may name a script by its full path', () => {
    for (const path of [SCRIPT, 'C:\\Program Files\\foundry-credential-helper\\foundry-credential-helper-mcp.cmd']) {
      expect(found(settings(path))).toEqual([]);
    }
  });

  it.each(['foundry-credential-helper-mcp', '~/bin/mcp-headers', '"/usr/bin/mcp-headers"', '\\\\server\\mcp.cmd'])(
    'must not be %s',
    (path) => {
      expect(found(settings(path))).toEqual([`error headers-helper-path ${key}${element}`]);
    },
  );

  it('must not hold arguments, which no shell would split', () => {
    const path = `${HELPER} headers --resource api://mcp.contoso.com`;
    expect(found(settings(path))).toEqual([`warning headers-helper-arguments ${key}${element}`]);
  });

  it.each([HELPER, 'C:\\Program Files\\foundry-credential-helper\\foundry-credential-helper.exe'])(
    'must not be this program itself: %s',
    (path) => {
      const isSentAsItIs = key === 'allowedPluginMarketplaces' || key === 'sharingEndpoint';
      const id = isSentAsItIs ? 'headers-helper-leaks-token' : 'headers-helper-prints-token';
      expect(found(settings(path))).toEqual([`error ${id} ${key}${element}`]);
    },
  );
});

describe('an MCP server', () => {
  it('may keep the headers of an exported script for half an hour', () => {
    expect(found(server({ headersHelper: SCRIPT, headersHelperTtlSec: 1800 }))).toEqual([]);
    expect(found(server({ headersHelper: SCRIPT, headersHelperTtlSec: 3600 }))).toEqual([
      'warning headers-helper-ttl managedMcpServers entry 2',
    ]);
  });

  it('may keep the headers of another program for longer', () => {
    expect(found(server({ headersHelper: '/opt/vault/headers', headersHelperTtlSec: 86_400 }))).toEqual([]);
  });

  it('has either a helper or its own sign-in', () => {
    for (const oauth of [true, { clientId: 'x' }]) {
      expect(found(server({ headersHelper: SCRIPT, oauth }))).toEqual([
        'warning headers-helper-with-oauth managedMcpServers entry 2',
      ]);
    }
    expect(found(server({ headersHelper: SCRIPT, oauth: false }))).toEqual([]);
  });
});

describe('the telemetry collector', () => {
  const inference = { inferenceCredentialKind: 'helper-script', inferenceCredentialHelper: HELPER };
  const given = { ...inference, inferenceProvider: 'gateway', otlpAuthMode: 'inference-credential' };

  it("shouldn't get the token for Foundry", () => {
    expect(found(given)).toEqual(['warning collector-gets-token otlpAuthMode']);
  });

  it.each<readonly [string, Settings]>([
    ['without that mode', { ...given, otlpAuthMode: 'none' }],
    ['with a key, which is no bearer token', { ...given, inferenceProvider: 'foundry' }],
    ['with the token of another helper', { ...given, inferenceCredentialHelper: '/opt/vault/token' }],
  ])("doesn't get it %s", (_, settings) => {
    expect(found(settings)).toEqual([]);
  });
});
