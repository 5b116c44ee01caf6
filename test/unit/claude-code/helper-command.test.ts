import { describe, expect, it } from 'vitest';
import { isOurHelper, isProgramMissing, wantedResource } from '../../../src/claude-code/helper-command.ts';

describe('an apiKeyHelper', () => {
  it.each([
    'foundry-credential-helper claude-code token',
    '/usr/bin/foundry-credential-helper claude-code token',
    '/usr/bin/foundry-credential-helper token',
    '/usr/bin/foundry-credential-helper',
    "'/opt/it'\\''s here/foundry-credential-helper' claude-code token",
    '"C:\\Program Files\\Foundry Credential Helper\\foundry-credential-helper.exe" claude-code token',
    'sh -c "/usr/bin/foundry-credential-helper token"',
    "bash -lc '/usr/bin/foundry-credential-helper'",
    'cd /tmp; foundry-credential-helper token | tr -d x',
  ])('%s runs this program', (command) => {
    expect(isOurHelper(command)).toBe(true);
  });

  it.each([
    'vault read token',
    'foundry-credential-helper status',
    'foundry-credential-helper claude-code status',
    'foundry-credential-helper tokens',
    'foundry-credential-helper token --resource api://contoso-mcp',
    'not-foundry-credential-helper token',
    '/opt/foundry-credential-helper/other token',
    '/opt/foundry-credential-helper-old token',
    '',
  ])("%s doesn't", (command) => {
    expect(isOurHelper(command)).toBe(false);
  });

  it('is this program\'s if it\'s the command that "configure" writes', () => {
    const own = '/usr/bin/node /src/main.ts claude-code token';
    expect(isOurHelper(own, own)).toBe(true);
    expect(isOurHelper(own)).toBe(false);
  });

  it.each([
    ['/nonexistent/foundry-credential-helper token', true],
    ['"/no such/foundry-credential-helper" token', true],
    ['foundry-credential-helper token', false],
    ['node main.ts', false],
  ])('%s misses its program: %s', (command, expected) => {
    expect(isProgramMissing(command)).toBe(expected);
  });
});

describe('a command for headers', () => {
  it.each([
    ['/usr/bin/foundry-credential-helper headers --resource api://contoso-mcp', 'api://contoso-mcp'],
    ['foundry-credential-helper headers --resource=api://contoso-mcp', 'api://contoso-mcp'],
    [
      '"C:\\Program Files\\x\\foundry-credential-helper.exe" headers --resource "api://contoso-mcp/.default"',
      'api://contoso-mcp/.default',
    ],
    ["sh -c 'foundry-credential-helper headers --resource api://contoso-mcp'", 'api://contoso-mcp'],
    ["foundry-credential-helper headers --resource 'https://contoso.com/a&b'", 'https://contoso.com/a&b'],
    [`printf '{"Authorization":"Bearer %s"}' "$(foundry-credential-helper token)"`, undefined],
    ['foundry-credential-helper headers', undefined],
  ])('%s wants a token for %s', (command, resource) => {
    expect(wantedResource(command)).toEqual({ resource });
  });

  it.each(['vault read headers --resource x', 'not-foundry-credential-helper headers'])(
    '%s is of no interest',
    (command) => {
      expect(wantedResource(command)).toBeUndefined();
    },
  );
});
