import { describe, expect, it } from 'vitest';
import { type ClaudeCodeSettings, claudeCodeSettings, modelSettings } from '../../../src/claude-code/settings.ts';
import {
  conflicts,
  missing,
  parseClaudeCodeFile,
  withoutSettings,
  withSettings,
} from '../../../src/claude-code/settings-file.ts';

const values = { foundryResource: 'contoso-foundry', models: ['claude-opus-4-8', 'claude-sonnet-5'] };
const command = ['/usr/bin/foundry-credential-helper'];
const settings = claudeCodeSettings(values, { command, isWindows: false });
const FILE = '/home/ada/.claude/settings.json';

/** As a person keeps it: own order, tabs, and a number that JavaScript would spoil. */
const OWN =
  '{\n\t"model": "opus",\n\t"big": 12345678901234567890,\n\t"env": {\n\t\t"EDITOR": "vi"\n\t},\n\t"permissions": { "allow": ["Bash(ls)"] }\n}\n';

describe('the settings', () => {
  it('name resource, helper and a model of each family', () => {
    expect(settings).toEqual({
      apiKeyHelper: '/usr/bin/foundry-credential-helper claude-code token',
      env: {
        CLAUDE_CODE_USE_FOUNDRY: '1',
        CLAUDE_CODE_SKIP_FOUNDRY_AUTH: '1',
        CLAUDE_CODE_API_KEY_HELPER_TTL_MS: '300000',
        ANTHROPIC_FOUNDRY_RESOURCE: 'contoso-foundry',
        ANTHROPIC_MODEL: 'claude-opus-4-8',
        ANTHROPIC_DEFAULT_SONNET_MODEL: 'claude-sonnet-5',
        // None is deployed: better the first than a name that fails in the middle of a session.
        ANTHROPIC_DEFAULT_HAIKU_MODEL: 'claude-opus-4-8',
        ANTHROPIC_DEFAULT_OPUS_MODEL: 'claude-opus-4-8',
      },
    });
  });

  it.each([
    [false, "/opt/it's here/fch", "'/opt/it'\\''s here/fch' claude-code token"],
    [true, 'C:\\Program Files\\fch\\fch.exe', '"C:\\Program Files\\fch\\fch.exe" claude-code token'],
  ])('quote the path for the shell (Windows: %s)', (isWindows, path, expected) => {
    expect(claudeCodeSettings(values, { command: [path], isWindows }).apiKeyHelper).toBe(expected);
  });

  it('take another address in place of the resource', () => {
    const { env } = claudeCodeSettings(values, {
      command,
      isWindows: false,
      baseUrl: 'https://gw.contoso.com/anthropic',
    });
    expect(env).toMatchObject({ ANTHROPIC_FOUNDRY_BASE_URL: 'https://gw.contoso.com/anthropic' });
    expect(env).not.toHaveProperty('ANTHROPIC_FOUNDRY_RESOURCE');
  });

  it.each([
    [{ ...values, credential: 'api-key' }, 'ERR_CONFIG_INVALID'],
    [{ ...values, cloud: 'china' }, 'ERR_USAGE'],
    [{ models: values.models }, 'ERR_CONFIG_MISSING'],
  ])('are refused for %j', (answers, code) => {
    expect(() => claudeCodeSettings(answers, { command, isWindows: false })).toThrow(expect.objectContaining({ code }));
  });
});

describe('a settings.json', () => {
  const added = withSettings(FILE, OWN, settings);

  it('keeps every byte that is not ours, also after removal', () => {
    expect(added).toContain('"big": 12345678901234567890');
    expect(added).toContain('\t\t"EDITOR": "vi"');
    expect(added).not.toContain('  "');
    expect(missing(parseClaudeCodeFile(FILE, added), settings)).toEqual([]);
    expect(withSettings(FILE, added, settings)).toBe(added);
    expect(withoutSettings(FILE, added, modelSettings(values))).toBe(OWN);
  });

  it.each([
    ['{}\n', '{}\n'],
    ['{ "model": "opus" }', '{ "model": "opus" }'],
    ['{\r\n  "model": "opus"\r\n}\r\n', '{\r\n  "model": "opus"\r\n}\r\n'],
  ])('%j is what it was after both', (before, after) => {
    const removed = withoutSettings(FILE, withSettings(FILE, before, settings), modelSettings(values));
    expect(JSON.parse(removed)).toEqual(JSON.parse(after));
    expect(removed.includes('\r\n')).toBe(before.includes('\r\n'));
  });

  it('keeps a model that the user chose', () => {
    const chosen = '{ "env": { "ANTHROPIC_MODEL": "claude-sonnet-5" } }';
    const edited = withSettings(FILE, chosen, settings);
    expect(parseClaudeCodeFile(FILE, edited).env['ANTHROPIC_MODEL']).toBe('claude-sonnet-5');
    expect(JSON.parse(withoutSettings(FILE, edited, modelSettings(values)))).toEqual(JSON.parse(chosen));
  });

  it('of another helper is left as it is by a removal', () => {
    const other = '{ "apiKeyHelper": "/usr/bin/vault", "env": { "CLAUDE_CODE_USE_FOUNDRY": "1" } }';
    expect(withoutSettings(FILE, other, modelSettings(values))).toBe(other);
  });

  it.each([
    ['{ "a": 1, }', 'line 1, column 11'],
    ['// mine\n{}', 'line 1, column 1'],
    ['[]', 'it is no JSON object'],
    ['{ "apiKeyHelper": 7 }', '"apiKeyHelper" is no text'],
    ['{ "env": [] }', '"env" is no JSON object'],
  ])('%j is refused, with the file and the place', (text, reason) => {
    expect(() => parseClaudeCodeFile(FILE, text)).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG_UNREADABLE', detail: expect.stringContaining(`${FILE}: ${reason}`) }),
    );
  });

  const withBaseUrl: ClaudeCodeSettings = { ...settings, env: { ANTHROPIC_FOUNDRY_BASE_URL: 'https://x' } };

  it.each([
    ['another helper', { apiKeyHelper: 'vault', env: {} }, settings, ['apiKeyHelper']],
    ['a key', { env: { ANTHROPIC_FOUNDRY_API_KEY: 'k' } }, settings, ['env.ANTHROPIC_FOUNDRY_API_KEY']],
    ['Bedrock', { env: { CLAUDE_CODE_USE_BEDROCK: '1' } }, settings, ['env.CLAUDE_CODE_USE_BEDROCK']],
    ['an address', { env: { ANTHROPIC_FOUNDRY_BASE_URL: 'u' } }, settings, ['env.ANTHROPIC_FOUNDRY_BASE_URL']],
    ['a resource', { env: { ANTHROPIC_FOUNDRY_RESOURCE: 'r' } }, withBaseUrl, ['env.ANTHROPIC_FOUNDRY_RESOURCE']],
    ['ours', { apiKeyHelper: settings.apiKeyHelper, env: settings.env }, settings, []],
  ] as const)('with %s names what is in the way', (_, content, wanted, expected) => {
    expect(conflicts(content, wanted)).toEqual(expected);
  });
});
