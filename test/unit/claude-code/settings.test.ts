import { describe, expect, it } from 'vitest';
import {
  type ClaudeCodeSettings,
  claudeCodeSettings,
  managedClaudeCodeSettings,
  modelSettings,
} from '../../../src/claude-code/settings.ts';
import { missing, parseClaudeCodeFile, withoutSettings, withSettings } from '../../../src/claude-code/settings-file.ts';

const values = {
  foundryResource: 'contoso-foundry',
  models: [{ name: 'claude-opus-4-8' }, { name: 'claude-sonnet-5' }],
};
const command = ['/usr/bin/foundry-credential-helper'];
const settings = claudeCodeSettings(values, { command, isWindows: false });
const FILE = '/home/ada/.claude/settings.json';

/** As a person keeps it: own order, tabs, and a number that JavaScript would spoil. */
const OWN =
  '{\n\t"model": "opus",\n\t"big": 12345678901234567890,\n\t"env": {\n\t\t"EDITOR": "vi"\n\t},\n\t"permissions": { "allow": ["Bash(ls)"] }\n}\n';

describe('the settings', () => {
  it('name resource, helper, and a model of each tier', () => {
    expect(settings).toEqual({
      apiKeyHelper: '/usr/bin/foundry-credential-helper claude-code token',
      env: {
        CLAUDE_CODE_USE_FOUNDRY: '1',
        CLAUDE_CODE_SKIP_FOUNDRY_AUTH: '1',
        CLAUDE_CODE_API_KEY_HELPER_TTL_MS: '300000',
        ANTHROPIC_FOUNDRY_RESOURCE: 'contoso-foundry',
        ANTHROPIC_DEFAULT_MODEL: 'claude-opus-4-8',
        // None is deployed: better the first than a name that fails in the middle of a session.
        ANTHROPIC_DEFAULT_HAIKU_MODEL: 'claude-opus-4-8',
        ANTHROPIC_DEFAULT_SONNET_MODEL: 'claude-sonnet-5',
        ANTHROPIC_DEFAULT_OPUS_MODEL: 'claude-opus-4-8',
        ANTHROPIC_DEFAULT_FABLE_MODEL: 'claude-opus-4-8',
      },
    });
  });

  it('take tier and context from a model as an object', () => {
    const models = [
      { name: 'claude-sonnet-5', supports1m: true },
      { name: 'contoso-frontier', anthropicFamilyTier: 'fable' as const },
    ];
    expect(modelSettings({ models })).toMatchObject({
      ANTHROPIC_DEFAULT_MODEL: 'claude-sonnet-5[1m]',
      ANTHROPIC_DEFAULT_FABLE_MODEL: 'contoso-frontier',
    });
    expect(modelSettings({})).toEqual({});
  });

  it('keep the rules that Claude Desktop passes on, if they are managed', () => {
    expect(managedClaudeCodeSettings(values, { command, isWindows: false })).toEqual({
      ...settings,
      parentSettingsBehavior: 'merge',
    });
  });

  it.each([
    [false, "/opt/it's here/fch", "'/opt/it'\\''s here/fch' claude-code token"],
    [true, 'C:\\Program Files\\fch\\fch.exe', '"C:\\Program Files\\fch\\fch.exe" claude-code token'],
  ])('quote the path for the shell (Windows: %s)', (isWindows, path, expected) => {
    expect(claudeCodeSettings(values, { command: [path], isWindows }).apiKeyHelper).toBe(expected);
  });

  it.each([
    [{ ...values, baseUrl: 'https://gw.contoso.com/anthropic' }, undefined, 'https://gw.contoso.com/anthropic'],
    [{ ...values, cloud: 'china' as const }, 'https://pe.contoso.com/anthropic', 'https://pe.contoso.com/anthropic'],
    [{ ...values, baseUrl: 'https://gw.contoso.com/x' }, 'https://pe.contoso.com/x', 'https://pe.contoso.com/x'],
  ])('take another address in place of the resource', (given, option, address) => {
    const options = { command, isWindows: false, ...(option === undefined ? {} : { baseUrl: option }) };
    const { env } = claudeCodeSettings(given, options);
    expect(env).toMatchObject({ ANTHROPIC_FOUNDRY_BASE_URL: address });
    expect(env).not.toHaveProperty('ANTHROPIC_FOUNDRY_RESOURCE');
  });

  it.each([
    [{ ...values, credential: 'api-key' as const }, 'ERR_CONFIG_INVALID'],
    [{ ...values, cloud: 'usgovernment' as const }, 'ERR_CONFIG_MISSING'],
    [{ models: values.models }, 'ERR_CONFIG_MISSING'],
  ])('are refused for %o', (answers, code) => {
    expect(() => claudeCodeSettings(answers, { command, isWindows: false })).toThrow(expect.objectContaining({ code }));
  });
});

describe('a settings.json', () => {
  const added = withSettings(FILE, OWN, settings);

  it("keeps every byte that isn't this program's, also after removal", () => {
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

  it.each(['ANTHROPIC_MODEL', 'ANTHROPIC_DEFAULT_MODEL', 'ANTHROPIC_DEFAULT_OPUS_MODEL'])(
    'keeps a model that the user chose in %s',
    (name) => {
      const chosen = `{ "env": { "${name}": "my-own" } }`;
      const edited = withSettings(FILE, chosen, settings);
      expect(parseClaudeCodeFile(FILE, edited).env[name]).toBe('my-own');
      expect(JSON.parse(withoutSettings(FILE, edited, modelSettings(values)))).toEqual(JSON.parse(chosen));
    },
  );

  it('of another helper is left unchanged by a removal', () => {
    const other = '{ "apiKeyHelper": "/usr/bin/vault", "env": { "CLAUDE_CODE_USE_FOUNDRY": "1" } }';
    expect(withoutSettings(FILE, other, modelSettings(values))).toBe(other);
  });

  it.each([
    ['{ "a": 1, }', 'line 1, column 11'],
    ['// mine\n{}', 'line 1, column 1'],
    ['[]', 'JSON object'],
    ['{ "apiKeyHelper": 7 }', '"apiKeyHelper" must be text'],
    ['{ "env": [] }', '"env" must be an object'],
    ['{ "model": null }', '"model" must be text'],
    ['{ "fastMode": "yes" }', '"fastMode" must be true or false'],
  ])('%j is refused, with the file and the place', (text, reason) => {
    const detail = expect.stringMatching(new RegExp(`^${FILE} .*${reason}`)) as string;
    expect(() => parseClaudeCodeFile(FILE, text)).toThrow(
      expect.objectContaining({ code: 'ERR_CLIENT_SETTINGS_UNREADABLE', detail }),
    );
  });

  it('has one address at a time', () => {
    const options = { command, isWindows: false, baseUrl: 'https://pe.contoso.com/anthropic' };
    const edited = withSettings(FILE, added, claudeCodeSettings(values, options));
    expect(edited).not.toContain('ANTHROPIC_FOUNDRY_RESOURCE');
    expect(withSettings(FILE, edited, settings)).not.toContain('ANTHROPIC_FOUNDRY_BASE_URL');
    // Only this program's own address may be removed.
    const other = '{ "env": { "ANTHROPIC_FOUNDRY_BASE_URL": "https://x" } }';
    expect(withSettings(FILE, other, settings)).toContain('ANTHROPIC_FOUNDRY_BASE_URL');
  });

  it('changes only what differs', () => {
    const old: ClaudeCodeSettings = { ...settings, apiKeyHelper: '/old/foundry-credential-helper claude-code token' };
    expect(withSettings(FILE, withSettings(FILE, OWN, old), settings)).toBe(added);
  });
});
