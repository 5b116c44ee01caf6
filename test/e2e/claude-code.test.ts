// `claude-code configure|remove|status` on the settings of a user who has some already.
import { existsSync, lstatSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createManagedSettingsFolders } from '../support/harness/managed-settings.ts';
import { canUnshareMounts } from '../support/harness/mount-namespace.ts';
import { createSandbox } from '../support/harness/sandbox.ts';
import { binary, run, runWithInput } from './support.ts';

const OWN = `{
    "permissions": {
        "allow": [
            "Bash(ls:*)"
        ]
    },
    "env": {
        "EDITOR": "vim",
        "ANTHROPIC_MODEL": "my-own-model"
    }
}
`;

function desk(settings?: string) {
  const sandbox = createSandbox();
  onTestFinished(() => sandbox.dispose());
  sandbox.writeConfig(CONFIGURATION);
  const folder = join(sandbox.env['HOME'] ?? '', '.claude');
  const file = join(folder, 'settings.json');
  if (settings !== undefined) {
    mkdirSync(folder);
    writeFileSync(file, settings, { mode: 0o640 });
  }
  const claudeCode = (...args: string[]) => run(sandbox.env, 'claude-code', ...args);
  return { sandbox, file, claudeCode, read: () => readFileSync(file, 'utf8') };
}

const CONFIGURATION = {
  tenantId: 'contoso.onmicrosoft.com',
  clientId: '11111111-2222-3333-4444-555555555555',
  foundryResource: 'contoso-foundry',
  models: ['claude-sonnet-5'],
};

/** The same desk, with a managed drop-in and whatever the environment holds, in its own project. */
function managedDesk(settings?: string) {
  const base = desk(settings);
  const { sandbox } = base;
  const [managed, project] = [join(sandbox.root, 'managed'), join(sandbox.root, 'project')];
  const folders = createManagedSettingsFolders(sandbox.root);
  for (const folder of [managed, join(project, '.claude')]) mkdirSync(folder, { recursive: true });
  return {
    ...base,
    writeManaged: (text: string) => writeFileSync(join(managed, 'managed-settings.json'), text),
    writeProject: (text: string) => writeFileSync(join(project, '.claude/settings.json'), text),
    claudeCode: (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
      runWithInput({ ...sandbox.env, ...env }, '', folders.seenBy(managed, [binary, 'claude-code', ...args]), project),
  };
}

describe('claude-code', () => {
  it('adds to the settings, says where the old ones are, and removes only what it added', async () => {
    const { file, claudeCode, read } = desk(OWN);
    expect(await claudeCode('status')).toMatchObject({ exitCode: 3 });
    const { exitCode, stdout } = await claudeCode('configure', '--user');
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(`${file}.backup`) });
    expect(readFileSync(`${file}.backup`, 'utf8')).toBe(OWN);
    expect(JSON.parse(read())).toMatchObject({
      apiKeyHelper: `${binary} claude-code token`,
      permissions: { allow: ['Bash(ls:*)'] },
      env: { EDITOR: 'vim', ANTHROPIC_MODEL: 'my-own-model', ANTHROPIC_FOUNDRY_RESOURCE: 'contoso-foundry' },
    });
    expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(await claudeCode('status')).toMatchObject({ exitCode: 0 });

    const configured = read();
    expect(await claudeCode('configure')).toMatchObject({ exitCode: 0, stdout: `Nothing to change in ${file}.\n` });
    expect(await claudeCode('remove', '--user')).toMatchObject({ exitCode: 0 });
    expect(read()).toBe(OWN);
    expect(readFileSync(`${file}.backup-2`, 'utf8')).toBe(configured);
    expect(await claudeCode('remove')).toMatchObject({ exitCode: 0, stdout: `Nothing to change in ${file}.\n` });
  });

  it('makes the file if there is none, for its user alone', async () => {
    const { file, claudeCode, read } = desk();
    expect(await claudeCode('configure', '--base-url', 'https://foundry.contoso.com/anthropic')).toMatchObject({
      exitCode: 0,
    });
    expect(JSON.parse(read())).toMatchObject({
      env: { ANTHROPIC_FOUNDRY_BASE_URL: 'https://foundry.contoso.com/anthropic' },
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(existsSync(`${file}.backup`)).toBe(false);
    expect(await claudeCode('status', '--json')).toMatchObject({ exitCode: 0 });
  });

  it('writes through a link, for people who keep their settings elsewhere', async () => {
    const { sandbox, claudeCode, read } = desk(OWN);
    const elsewhere = join(sandbox.root, 'dotfiles.json');
    writeFileSync(elsewhere, OWN);
    const linked = desk();
    mkdirSync(join(linked.file, '..'));
    symlinkSync(elsewhere, linked.file);
    expect(await linked.claudeCode('configure')).toMatchObject({ exitCode: 0 });
    expect(lstatSync(linked.file).isSymbolicLink()).toBe(true);
    expect(JSON.parse(readFileSync(elsewhere, 'utf8'))).toHaveProperty('apiKeyHelper');
    expect(read()).toBe(OWN);
    expect(await claudeCode('status')).toMatchObject({ exitCode: 3 });
  });

  it.each([
    ['no JSON', '{"env": {"EDITOR": "vim",}}', 'line 1, column 26'],
    ['no object', '[]', 'JSON object'],
    ['with something else as environment', '{"env": []}', '"env" must be an object'],
    ['with a wrong type elsewhere', '{"permissions": []}', '"permissions" must be an object'],
    ['with a token, as for LiteLLM', '{"env": {"ANTHROPIC_AUTH_TOKEN": "k"}}', 'env.ANTHROPIC_AUTH_TOKEN'],
    [
      'with a resource of another name',
      '{"env": {"ANTHROPIC_FOUNDRY_BASE_URL": "https://x.services.ai.azure.com/anthropic"}}',
      'env.ANTHROPIC_FOUNDRY_BASE_URL',
    ],
    ['with a key of its own', '{"env": {"ANTHROPIC_FOUNDRY_API_KEY": "k"}}', 'env.ANTHROPIC_FOUNDRY_API_KEY'],
    ['for another provider', '{"env": {"CLAUDE_CODE_USE_BEDROCK": "1"}}', 'env.CLAUDE_CODE_USE_BEDROCK'],
    ['with another helper', '{"apiKeyHelper": "/usr/bin/other"}', 'apiKeyHelper'],
  ])('leaves settings alone that are %s', async (_, settings, says) => {
    const { file, claudeCode, read } = desk(settings);
    const { exitCode, stderr } = await claudeCode('configure');
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 3, stderr: expect.stringContaining(says) });
    expect(stderr).toContain(file);
    expect(read()).toBe(settings);
    expect(existsSync(`${file}.backup`)).toBe(false);
    expect(await claudeCode('status')).toMatchObject({ exitCode: 3 });
  });

  it('replaces another helper with --force, and keeps it in the backup', async () => {
    const settings = '{"apiKeyHelper": "/usr/bin/other"}';
    const { file, claudeCode, read } = desk(settings);
    expect(await claudeCode('configure', '--force')).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(read())).toMatchObject({ apiKeyHelper: `${binary} claude-code token` });
    expect(readFileSync(`${file}.backup`, 'utf8')).toBe(settings);
  });

  it('needs a sign-in: a key would be sent as a token', async () => {
    const { sandbox, claudeCode, file } = desk();
    sandbox.writeConfig({ credential: 'api-key', foundryResource: 'contoso-foundry', models: ['claude-sonnet-5'] });
    expect(await claudeCode('configure')).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('api-key') });
    expect(existsSync(file)).toBe(false);
  });

  it.each([
    ['"baseUrl"', { baseUrl: 'https://gw.contoso.com/anthropic' }, [], 'https://gw.contoso.com/anthropic'],
    [
      '--base-url',
      { baseUrl: 'https://gw.contoso.com/anthropic' },
      ['--base-url', 'https://pe.contoso.com/anthropic'],
      'https://pe.contoso.com/anthropic',
    ],
  ] as const)('takes the address from %s', async (_, more, args, address) => {
    const { sandbox, claudeCode, read } = desk();
    sandbox.writeConfig({ ...CONFIGURATION, ...more });
    expect(await claudeCode('configure', ...args)).toMatchObject({ exitCode: 0 });
    const { env } = JSON.parse(read()) as { readonly env: object };
    expect(env).toMatchObject({ ANTHROPIC_FOUNDRY_BASE_URL: address });
    expect(env).not.toHaveProperty('ANTHROPIC_FOUNDRY_RESOURCE');
    expect(await claudeCode('status')).toMatchObject({ exitCode: 0 });
  });

  it('says which setting of this program is wrong', async () => {
    const { sandbox, claudeCode } = desk();
    sandbox.writeConfig({ ...CONFIGURATION, foundryResource: 'a_b' });
    const { exitCode, stdout } = await claudeCode('status', '--json');
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ state: 'not-configured', problem: { code: 'ERR_CONFIG_INVALID' } });
  });
});

describe.runIf(canUnshareMounts)('claude-code with managed settings, variables, and a project', () => {
  const managedSettings = (file: string): string =>
    JSON.stringify({ ...(JSON.parse(file) as object), parentSettingsBehavior: 'merge' });

  it('names the managed source, and changes nothing then', async () => {
    const { file, claudeCode, read, writeManaged } = managedDesk();
    expect(await claudeCode(['configure'])).toMatchObject({ exitCode: 0 });
    writeManaged(managedSettings(read()));
    writeFileSync(file, '{}');
    const status = await claudeCode(['status']);
    expect(status).toMatchObject({ exitCode: 0, stderr: '' });
    expect(status.stdout).toContain('/etc/claude-code/managed-settings.json (managed settings)');
    const { exitCode, stdout } = await claudeCode(['configure']);
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Nothing to change') });
    expect(read()).toBe('{}');
  });

  it.each([
    [
      'a managed token',
      '{"env": {"ANTHROPIC_AUTH_TOKEN": "canary"}}',
      {},
      'env.ANTHROPIC_AUTH_TOKEN in /etc/claude-code/managed-settings.json',
    ],
    [
      'another managed resource',
      '{"env": {"ANTHROPIC_FOUNDRY_RESOURCE": "canary"}}',
      {},
      'env.ANTHROPIC_FOUNDRY_RESOURCE in /etc/claude-code/managed-settings.json',
    ],
    [
      'a managed switch that is off',
      '{"env": {"CLAUDE_CODE_USE_FOUNDRY": "0"}}',
      {},
      'env.CLAUDE_CODE_USE_FOUNDRY in /etc/claude-code/managed-settings.json',
    ],
    ['broken managed settings', '{"canary"', {}, '/etc/claude-code/managed-settings.json'],
    [
      'a token in the environment',
      '{}',
      { ANTHROPIC_FOUNDRY_AUTH_TOKEN: 'canary' },
      'ANTHROPIC_FOUNDRY_AUTH_TOKEN in this environment',
    ],
  ] as const)('writes nothing next to %s', async (_, managed, env, says) => {
    const { file, claudeCode, writeManaged } = managedDesk();
    writeManaged(managed);
    const { exitCode, stdout, stderr } = await claudeCode(['configure', '--force'], env);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 3, stderr: expect.stringContaining(says) });
    expect(existsSync(file)).toBe(false);
    const status = await claudeCode(['status'], env);
    expect(status).toMatchObject({ exitCode: 3, stdout: expect.stringContaining(says) });
    expect(stdout + stderr + status.stdout + status.stderr).not.toContain('canary');
  });

  it('writes for all folders, and warns of the one that it runs in', async () => {
    const { file, claudeCode, writeProject } = managedDesk();
    writeProject('{"apiKeyHelper": "canary"}');
    const { exitCode, stderr } = await claudeCode(['configure']);
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 0,
      stderr: expect.stringMatching(/warning: apiKeyHelper in \S+project/),
    });
    expect(existsSync(file)).toBe(true);
    expect(await claudeCode(['status'])).toMatchObject({ exitCode: 3 });
    expect(stderr).not.toContain('canary');
  });
});
