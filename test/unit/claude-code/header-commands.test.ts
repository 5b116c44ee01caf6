import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readInForce } from '../../../src/claude-code/in-force.ts';
import { culpritText, judge } from '../../../src/claude-code/verdict.ts';

type Files = Readonly<Record<string, unknown>>;

/** The warnings about these files below the test's folder; `ROOT` in them is that folder. */
function warnings(files: Files, scopes?: readonly string[]): readonly string[] {
  const root = mkdtempSync(join(tmpdir(), 'fch-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), JSON.stringify(content).replaceAll('ROOT', root));
  }
  const at = (name: string): string => join(root, name);
  const around = { home: at('home'), folder: at('project'), managedFolder: at('managed') };
  const inForce = readInForce({ ...around, env: {}, system: 'linux', mdm: [] });
  return judge(inForce, { scopes }).warnings.map((culprit) => culpritText(culprit).replaceAll(`${root}/`, ''));
}

const FOR_FOUNDRY = 'foundry-credential-helper headers';
const GETS_TOKEN = 'gets the token for Foundry, with which the service could use the models as you; add --resource';
const servers = (headersHelper: string): Files => ({
  mcpServers: { greeter: { type: 'http', url: 'https://mcp.contoso.com/mcp', headersHelper } },
});
const marketplace = (headersHelper: string): Files => ({
  extraKnownMarketplaces: { contoso: { source: { source: 'url', url: 'https://plugins.contoso.com', headersHelper } } },
});

describe('a command that gets the token for Foundry is named', () => {
  it.each<readonly [string, Files]>([
    ['mcpServers.greeter.headersHelper in project/.mcp.json', { 'project/.mcp.json': servers(FOR_FOUNDRY) }],
    ['mcpServers.greeter.headersHelper in home/.claude.json', { 'home/.claude.json': servers(FOR_FOUNDRY) }],
    [
      'mcpServers.greeter.headersHelper in home/.claude.json',
      { 'home/.claude.json': { projects: { 'ROOT/project': servers(FOR_FOUNDRY) } } },
    ],
    [
      'mcpServers.greeter.headersHelper in managed/managed-mcp.json',
      { 'managed/managed-mcp.json': servers(FOR_FOUNDRY), 'project/.mcp.json': servers(FOR_FOUNDRY) },
    ],
    [
      'otelHeadersHelper in home/.claude/settings.json',
      { 'home/.claude/settings.json': { otelHeadersHelper: FOR_FOUNDRY } },
    ],
    [
      'otelHeadersHelper in managed/managed-settings.d/10-otel.json',
      { 'managed/managed-settings.d/10-otel.json': { otelHeadersHelper: FOR_FOUNDRY } },
    ],
    [
      'extraKnownMarketplaces.contoso.source.headersHelper in project/.claude/settings.json',
      { 'project/.claude/settings.json': marketplace(FOR_FOUNDRY) },
    ],
  ])('%s', (place, files) => {
    expect(warnings(files)).toEqual([`${place} ${GETS_TOKEN}`]);
  });

  it('also inside another command', () => {
    const command = `printf '{"Authorization":"Bearer %s"}' "$(/usr/bin/foundry-credential-helper token)"`;
    const [warning] = warnings({ 'project/.mcp.json': servers(command.replace('/usr/bin/', '')) });
    expect(warning).toContain(GETS_TOKEN);
  });
});

it('a program that is gone is named', () => {
  const command = '/gone/foundry-credential-helper headers --resource api://contoso-mcp';
  expect(warnings({ 'project/.mcp.json': servers(command) })).toEqual([
    "mcpServers.greeter.headersHelper in project/.mcp.json names a program that doesn't exist",
  ]);
});

it("a server of managed settings isn't run if it has a program", () => {
  const { mcpServers } = servers('foundry-credential-helper headers --resource api://contoso-mcp');
  expect(warnings({ 'managed/managed-settings.json': { managedMcpServers: mcpServers } })).toEqual([
    "managedMcpServers.greeter.headersHelper in managed/managed-settings.json isn't run: in managed settings, Claude Code takes servers without a program only",
  ]);
});

it.each<readonly [string, Files]>([
  ['a command for its own resource', servers('foundry-credential-helper headers --resource api://contoso-mcp')],
  ['another program', servers('/opt/vault/headers')],
  ['no command', { mcpServers: { greeter: { type: 'http', url: 'https://mcp.contoso.com/mcp' } } }],
  ['what is no list of servers', { mcpServers: ['greeter'] }],
])('nothing is said about %s', (_, content) => {
  expect(warnings({ 'project/.mcp.json': content })).toEqual([]);
});

describe('a resource', () => {
  const project = (resource: string): Files => ({
    'project/.mcp.json': servers(`foundry-credential-helper headers --resource ${resource}`),
  });
  const allowed = ['https://cognitiveservices.azure.com/.default', 'api://contoso-mcp/.default', 'api://contoso/Use'];

  it.each(['api://contoso-mcp', 'API://Contoso-MCP/.default', 'api://contoso/Use'])('%s is allowed', (resource) => {
    expect(warnings(project(resource), allowed)).toEqual([]);
  });

  it.each(['api://other', 'api://contoso-mcp/Use', 'api://contoso'])("%s isn't", (resource) => {
    expect(warnings(project(resource), allowed)).toEqual([
      'mcpServers.greeter.headersHelper in project/.mcp.json asks for a resource that isn\'t in "allowedResources"',
    ]);
  });

  it("isn't judged if the settings can't be read", () => {
    expect(warnings(project('api://other'))).toEqual([]);
  });
});
