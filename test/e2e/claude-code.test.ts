// `claude-code configure|remove|status` on the settings of a user who has some already.
import { existsSync, lstatSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createEtcFolder } from '../harness/etc-folder.ts';
import { canUnshareMounts } from '../harness/mount-namespace.ts';
import { createSandbox } from '../harness/sandbox.ts';
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
  sandbox.writeConfig({
    tenantId: 'contoso.onmicrosoft.com',
    clientId: '11111111-2222-3333-4444-555555555555',
    foundryResource: 'contoso-foundry',
    models: ['claude-sonnet-5'],
  });
  const folder = join(sandbox.env['HOME'] ?? '', '.claude');
  const file = join(folder, 'settings.json');
  if (settings !== undefined) {
    mkdirSync(folder);
    writeFileSync(file, settings, { mode: 0o640 });
  }
  const claudeCode = (...args: string[]) => run(sandbox.env, 'claude-code', ...args);
  return { sandbox, file, claudeCode, read: () => readFileSync(file, 'utf8') };
}

describe('claude-code', () => {
  it('adds to the settings, says where the old ones are, and takes away no more than it added', async () => {
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

  it('makes the file where there is none, for its user alone', async () => {
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

  it('writes through a link, as people have who keep their settings elsewhere', async () => {
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
    ['no object', '[]', 'no JSON object'],
    ['with something else as environment', '{"env": []}', '"env" is no JSON object'],
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

  it('replaces another helper by --force, and keeps it in the backup', async () => {
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

  it.runIf(canUnshareMounts)('says what managed settings and the environment override', async () => {
    const { sandbox, claudeCode } = desk();
    expect(await claudeCode('configure')).toMatchObject({ exitCode: 0 });
    const etc = createEtcFolder(sandbox.root);
    const managed = join(sandbox.root, 'etc/claude-code');
    mkdirSync(managed);
    writeFileSync(join(managed, 'managed-settings.json'), '{"env": {"ANTHROPIC_FOUNDRY_RESOURCE": "other"}}');
    const env = { ...sandbox.env, ANTHROPIC_FOUNDRY_AUTH_TOKEN: 'canary' };
    const { stdout, stderr } = await runWithInput(env, '', etc.seenBy([binary, 'claude-code', 'status']));
    expect(stdout).toContain('/etc/claude-code/managed-settings.json overrides env.ANTHROPIC_FOUNDRY_RESOURCE');
    expect(stdout).toContain('ANTHROPIC_FOUNDRY_AUTH_TOKEN in this environment');
    expect(stdout + stderr).not.toContain('canary');
  });
});
